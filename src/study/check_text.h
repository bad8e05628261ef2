// `cohortium study check` as people read it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "study/plan.h"

namespace cohortium::study {

// Everything to know before approving: what is computed, what each role learns, cost per network, error bounds.
nlohmann::json check_summary(const Plan& plan);
std::string check_text(const Plan& plan);

}  // namespace cohortium::study
