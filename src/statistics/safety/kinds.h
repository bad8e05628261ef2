// The kinds of analysis of this folder: the safety of drugs. Each is one file; statistics/analysis.cc names them.
#pragma once

#include <memory>

#include "statistics/entries.h"

namespace cohortium::statistics {

std::unique_ptr<Analysis> make_safety_monitoring(const EntryContext& context);
std::unique_ptr<Analysis> make_disproportionality(const EntryContext& context);

}  // namespace cohortium::statistics
