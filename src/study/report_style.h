// Pages that are complete in themselves: the style sheet, and the policy that keeps a page from running or loading anything.
#pragma once

#include <string>
#include <string_view>

#include "study/report_html.h"

namespace cohortium::study::report {

// `content` is what stands in <main>.
std::string complete_page(std::string_view title, const Html& content);

}  // namespace cohortium::study::report
