// The style sheet of the report, and the policy that keeps the page from running or loading anything.
#pragma once

#include "study/report_html.h"

namespace cohortium::study::report {

Html page_policy_and_style();

}  // namespace cohortium::study::report
