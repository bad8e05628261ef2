// The kinds of analysis of this folder: effects of treatments and interim looks. Each is one file; statistics/analysis.cc names them.
#pragma once

#include <memory>

#include "statistics/entries.h"

namespace cohortium::statistics {

std::unique_ptr<Analysis> make_effect_size(const EntryContext& context);
std::unique_ptr<Analysis> make_sequential(const EntryContext& context);
std::unique_ptr<Analysis> make_meta_analysis(const EntryContext& context);
std::unique_ptr<Analysis> make_treatment_effect(const EntryContext& context);

}  // namespace cohortium::statistics
