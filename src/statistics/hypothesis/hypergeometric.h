// Fisher's exact test of a 2x2 table, given its margins: the noncentral hypergeometric distribution.
#pragma once

#include <optional>

namespace cohortium::statistics {

struct TwoByTwo {
  double a = 0, b = 0, c = 0, d = 0;  // row by row
};

struct ExactTest {
  double p = 1;  // of tables at most as probable as this one, if the odds ratio is 1
  // The conditional maximum likelihood estimate and its exact limits, each to a relative 1e-14; a limit that is infinite
  // is absent.
  std::optional<double> odds_ratio, lower, upper;
};

// Tables that the margins allow: at most this many are added up.
inline constexpr double largest_support = 1 << 22;
double support_size(const TwoByTwo& table);

ExactTest exact_test(const TwoByTwo& table, double confidence);

}  // namespace cohortium::statistics
