// Spearman's and Kendall's rank correlations between two or more columns: "correlation" by method.
#pragma once

#include <memory>

#include "statistics/entries.h"

namespace cohortium::statistics {

std::unique_ptr<Analysis> make_rank_correlation(const EntryContext& context);

}  // namespace cohortium::statistics
