// Which analyses the rule on the largest values can be decided for: those that open no sum of what people have, and those
// that compare it.
#pragma once

#include <string>

#include "study/study_file.h"

namespace cohortium::study {

// Whether the study's rule looks at the largest values: it asks for it, and there is no noise, which hides each of them.
bool limits_dominance(const Study& study);

// Fails with study.no_dominance where the rule cannot be decided for an analysis.
void check_dominance(const Study& study);

// "the 2 largest values of a group make up at most 80% of its sum"
std::string dominance_sentence(const mpc::DominanceRule& rule);

}  // namespace cohortium::study
