// What nobody can read from files, and who should answer it. The answers stand in the site's facts file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evidence/document.h"

namespace cohortium::evidence {

// Of the records of processing and the impact assessment, and one of every safeguard that the software leaves to the
// site (safeguard_list.h).
const std::vector<Question>& all_questions();

// One of them by its id. It must exist.
const Question& question_named(std::string_view id);

}  // namespace cohortium::evidence
