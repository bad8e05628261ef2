// The log-rank statistic from its sums, in the clear.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace cohortium::statistics {

struct LogRankSums {
  std::vector<double> observed, expected;     // per group
  std::vector<std::vector<double>> variance;  // of observed - expected
};

struct LogRankTest {
  int degrees_of_freedom = 0;
  std::optional<double> chi_square, p;  // absent when no group can be compared
};

// Groups nobody of which was ever at risk while an event happened (expected 0) take no part, as in R's survdiff.
LogRankTest log_rank_test(const LogRankSums& sums);

// Events weigh S^rho (1 - S)^gamma, with S the Kaplan-Meier curve of all groups just before.
struct LogRankWeights {
  int rho = 0, gamma = 0;
};

// The sums from counts in the clear: events[group][point] and at_risk[group][point], strata of `grid` points each one
// after the other.
LogRankSums log_rank_sums(const std::vector<std::vector<double>>& events,
                          const std::vector<std::vector<double>>& at_risk, std::size_t grid,
                          const LogRankWeights& weights = {});

}  // namespace cohortium::statistics
