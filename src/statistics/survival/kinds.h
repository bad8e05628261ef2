// The kinds of analysis of this folder: time to an event. Each is one file; statistics/analysis.cc names them.
#pragma once

#include <memory>

#include "statistics/entries.h"

namespace cohortium::statistics {

std::unique_ptr<Analysis> make_kaplan_meier(const EntryContext& context);
std::unique_ptr<Analysis> make_nelson_aalen(const EntryContext& context);
std::unique_ptr<Analysis> make_restricted_mean(const EntryContext& context);
std::unique_ptr<Analysis> make_aalen_johansen(const EntryContext& context);
std::unique_ptr<Analysis> make_fine_gray(const EntryContext& context);
std::unique_ptr<Analysis> make_gray_test(const EntryContext& context);
std::unique_ptr<Analysis> make_log_rank(const EntryContext& context);
std::unique_ptr<Analysis> make_cox(const EntryContext& context);

}  // namespace cohortium::statistics
