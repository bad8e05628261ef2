// The effect of a treatment by inverse probability weighting (statistics/treatment_effect.cc).
#pragma once

#include <memory>

#include "statistics/entries.h"

namespace cohortium::statistics {

std::unique_ptr<Analysis> make_treatment_effect(const EntryContext& context);

}  // namespace cohortium::statistics
