// What a study's noise protects and what it costs in accuracy, in words and numbers for those who decide about it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "study/plan.h"

namespace cohortium::study {

// result.json's "privacy"; null where the study adds no noise.
nlohmann::json privacy_facts(const Plan& plan);
// One sentence of these facts.
std::string privacy_sentence(const nlohmann::json& facts);

}  // namespace cohortium::study
