// The variance between sites, tau^2, of a random-effects meta-analysis, of estimates that stay shared.
//
// Estimates   y (estimate_bits) and its variance v (variance_bits) of each site in a place of its own; places of no site
//             have a variance of 1 and no weight
// Domain      |y| < 16, 2^-20 <= v < 256, at least two sites; with fewer, or sites of which one's v is less than 2^-12 of
//             all others', any value and, of the iteration, the fault
#pragma once

#include "mpc/engine.h"
#include "mpc/outcome.h"

namespace cohortium::statistics {

inline constexpr int sum_bits = 36;       // fraction bits of sums of weights
inline constexpr int estimate_bits = 40;  // of y
inline constexpr int variance_bits = 44;  // of v and tau^2
inline constexpr int short_bits = 28;     // of denominators: sums of weights are below 2^26
inline constexpr int weight_bits = 35;    // of 1 / (v + tau^2)
inline constexpr int mean_bits = 48;      // of a mean of estimates

struct SharedEstimates {
  mpc::Shared<mpc::u128> here;             // 1 or 0 per place
  mpc::Shared<mpc::u128> value, variance;  // y, v
};

// Sums over sites of w = 1/v, w^2, w y and w y^2 (sum_bits), and the number of sites; an element for each set of sites.
struct SharedWeightSums {
  mpc::Shared<mpc::u128> sites, weights, squares, products, square_products;
};

struct MomentEstimate {
  mpc::Shared<mpc::u128> mean;      // of the fixed effect (mean_bits)
  mpc::Shared<mpc::u128> q;         // Cochran's Q (sum_bits)
  mpc::Shared<mpc::u128> variance;  // tau^2 (variance_bits); exactly 0 where Q < k - 1
};

// DerSimonian and Laird's estimate. With m = sum wy / sum w: Q = sum w y^2 - m (2 sum wy - m sum w), in which an error of m
// counts twice-small; tau^2 = max(0, Q - (k - 1)) / (sum w - sum w^2 / sum w).
//
// Rounds      those of two divisions one after another
// Source      DerSimonian and Laird (1986)
MomentEstimate moment_estimate(mpc::Engine& engine, const SharedWeightSums& sums);

struct LikelihoodEstimate {
  mpc::Shared<mpc::u128> variance;
  mpc::SharedBits not_converged;
};

// The estimate by restricted maximum likelihood, from DerSimonian and Laird's in `steps` steps.
//
// Method      With p = w / sum w, w = 1 / (v + tau^2), M = 1 / sum w and r = y - sum py the score is 0 where S = M E, of
//             S = sum p^2 r^2 and E = 1 - sum p^2. Fisher scoring, what metafor does, goes (S - M E) / D, D = E's part of
//             the information, sum p^2 - 2 sum p^3 + (sum p^2)^2, and can take a hundred steps where sites differ in size. Newton's
//             method for M E / S, which is linear in tau^2 where sites are alike, goes S D / (2 E U - S D) times as far, U =
//             sum p^3 r^2 - (sum p^2 r)^2; where that is more than 32 or negative, or 4 S < M E, Fisher's step is
//             taken. tau^2 stays within 0 and 512, more than estimates below 16 can have
// Fault       the last step is longer than 2^-24 tau^2 + 2^-26 M, or D below 2^-24
// Error       tau^2 within 2^-22 (tau^2 + 4 M) where there is no fault
// Rounds      per step those of a reciprocal, two divisions, and 17 more
// Source      Harville, JASA 1977; Viechtbauer, J. Educ. Behav. Stat. 2005; docs/decisions/0016
LikelihoodEstimate restricted_likelihood_estimate(mpc::Engine& engine, const SharedEstimates& estimates,
                                                  const MomentEstimate& start, int steps);

// 1 / (v + tau^2) per place (weight_bits).
mpc::Shared<mpc::u128> random_effects_weights(mpc::Engine& engine, const SharedEstimates& estimates,
                                              const mpc::Shared<mpc::u128>& between);

}  // namespace cohortium::statistics
