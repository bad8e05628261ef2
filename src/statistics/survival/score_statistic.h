// The score statistic of two groups on shared values, nothing opened: what the first group has beyond its share, and the
// variance of that under the hypothesis that the groups do not differ. Z is score / sqrt(variance).
//
//   log-rank      O - E and its hypergeometric variance, summed over the grid
//   proportions   a - n1 m / N and n1 n0 m (N - m) / N^3: Z squared is the chi-square statistic without correction
//   means         S1 - n1 S / N and n1 n0 / N times the variance of all values around their mean; values in halves of
//                 the declared range around its middle
//
// Security   that of the engine's operations
// Reveals    nothing
// Rounds     those of one division (means: three) and up to five products
// Requires   counts below 2^32; for means values within [-1, 1] at 2^-24
// Error      score: 3 units of 2^-20; variance: relative 2^-30 or 2^-30, whichever is larger
#pragma once

#include "mpc/engine.h"

namespace cohortium::statistics {

inline constexpr int score_bits = 20, score_variance_bits = 40, value_bits = 24;

struct SharedScore {
  mpc::Shared<mpc::u128> score, variance;  // of score_bits and score_variance_bits fraction bits
};

// Of events, people at risk in the first group and in both, per point of the grid.
SharedScore log_rank_score(mpc::Engine& engine, const mpc::Shared<mpc::u128>& first_events,
                           const mpc::Shared<mpc::u128>& events, const mpc::Shared<mpc::u128>& first_at_risk,
                           const mpc::Shared<mpc::u128>& at_risk);
// Of people and those with the outcome, two elements each.
SharedScore proportion_score(mpc::Engine& engine, const mpc::Shared<mpc::u128>& people,
                             const mpc::Shared<mpc::u128>& with);
// Of people and sums (value_bits) of two groups, and the sum of squares (2 value_bits) of both.
SharedScore mean_score(mpc::Engine& engine, const mpc::Shared<mpc::u128>& people, const mpc::Shared<mpc::u128>& sums,
                       const mpc::Shared<mpc::u128>& squares);

// [Z^2 >= bound^2], where the variance is at least 2^-8, else 0; bound below 2^6, taken to 2^-20 of its square.
mpc::SharedBits beyond(mpc::Engine& engine, const SharedScore& score, double bound);
// [score < 0]
mpc::SharedBits is_negative(mpc::Engine& engine, const SharedScore& score);

}  // namespace cohortium::statistics
