// What rounding of numbers of people asks of a study, and what it says of itself.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "study/study_file.h"

namespace cohortium::study {

// Fails with study.no_rounding where an analysis is of a kind whose numbers are not all numbers of people, or follow from
// these when they are shown; or where the study adds noise.
void check_rounding(const Study& study);

// result.json's "rounding": the multiple, and by how much each number of people may be off; null where none is rounded.
nlohmann::json rounding_facts(const Study& study);
// One sentence of these facts.
std::string rounding_sentence(const nlohmann::json& facts);

}  // namespace cohortium::study
