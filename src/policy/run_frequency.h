// Whether a run would be one too many for a rule that limits how often: for judge.h.
#pragma once

#include <optional>
#include <string>

#include "policy/judge.h"

namespace cohortium::policy {

// When the next run may be, where the rule `rule` asks to wait for it; circumstances.runs must be there.
std::optional<std::string> next_run(const Frequency& frequency, const std::string& rule, const Demand& demand,
                                    const Circumstances& circumstances);

// "study"
std::string name_of(Frequency::Per per);

}  // namespace cohortium::policy
