// Signals by shrunken measures as a comparison of counts: IC025 and EB05 fall as more reports are expected, so either
// reaches its threshold exactly where E <= H(a), with a public function H of the number of reports a.
//
// H(a) = P(a) (a + 1/2) 2^-shift, where P, at most 2, is a table below a = 64 and from there a polynomial in 1 / sqrt(2 a + 1):
// large counts are nearly normal. The fit is checked at 400 counts from 64 to 2^30 when it is made.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "statistics/safety/pair_statistics.h"

namespace cohortium::statistics {

struct ShrinkageBoundary {
  static constexpr int fraction_bits = 40;  // of the table
  static constexpr int table_bits = 6;      // counts below 2^6 are looked up
  int shift = 0;                            // may be negative
  std::vector<std::uint64_t> table;         // P(0), P(1), …
  std::vector<std::int64_t>
      coefficients;  // of t^k, t = 2 sqrt(129) / sqrt(2 a + 1) - 1, as oblivious::polynomial wants
  double error = 0;  // of H, relative, from 64 on

  double value(double a) const;  // H as it will be computed, in plain numbers
};

// The number expected at which `a` reports just reach the threshold; 0 where nothing does.
double ic_limit(double a, double threshold, double confidence);
double ebgm_limit(double a, double threshold, const ShrinkagePrior& prior);

// For limit(a) as above, which tends to a / ratio. Of no use where its error is above worst_boundary_error.
ShrinkageBoundary fit_boundary(const std::function<double(double)>& limit, double ratio);

inline constexpr double worst_boundary_error = 1e-6;

}  // namespace cohortium::statistics
