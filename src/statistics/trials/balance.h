// The standardised mean differences of several columns between two groups ("table one"), part of kind effect_size.
#pragma once

#include <memory>

#include "statistics/entries.h"

namespace cohortium::statistics {

std::unique_ptr<Analysis> make_balance(const EntryContext& context);

}  // namespace cohortium::statistics
