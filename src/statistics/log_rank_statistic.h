// The log-rank statistic from its sums, in the clear.
#pragma once

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

// The sums from counts in the clear: events[group][grid] and at_risk[group][grid].
LogRankSums log_rank_sums(const std::vector<std::vector<double>>& events,
                          const std::vector<std::vector<double>>& at_risk);

}  // namespace cohortium::statistics
