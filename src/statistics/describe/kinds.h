// The kinds of analysis of this folder: what describes and tabulates. Each is one file; statistics/analysis.cc names them.
#pragma once

#include <memory>

#include "statistics/entries.h"

namespace cohortium::statistics {

std::unique_ptr<Analysis> make_count(const EntryContext& context);
std::unique_ptr<Analysis> make_funnel(const EntryContext& context);
std::unique_ptr<Analysis> make_table(const EntryContext& context);
std::unique_ptr<Analysis> make_proportion(const EntryContext& context);
std::unique_ptr<Analysis> make_rate(const EntryContext& context);
std::unique_ptr<Analysis> make_standardised_rate(const EntryContext& context);
std::unique_ptr<Analysis> make_quantiles(const EntryContext& context);
std::unique_ptr<Analysis> make_histogram(const EntryContext& context);
std::unique_ptr<Analysis> make_describe(const EntryContext& context);

}  // namespace cohortium::statistics
