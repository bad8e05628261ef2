// Generalised linear models on secret records: Fisher's scoring (iteratively reweighted least squares, in Z_2^128) with a
// public number of steps. Nothing is opened: neither an iterate nor whether it has converged; faults are shared bits.
//
// Security   that of the engine's kernels
// Reveals    nothing
// Records    x column after column, 36 fraction bits, |x_ij| <= 1; a row of zeros takes no part, a column of ones makes an
//            intercept. Prior weights >= 0, 0 where a row takes no part; y and weights with the plan's fraction bits; offsets
//            with 44
// Start      A = X'WX and b = X'W(z - offset) of the first step, plan.sum_bits() fraction bits: in R's first step W and z
//            follow from each row alone, so those who hold the records add them up in the clear
// Domain     at every step sum of prior times working weights < 2^total_bits, total_bits <= 40; |x beta| < 2^18; means (gamma:
//            reciprocals of means) below 2^highest: larger ones are cut there and not_converged is set; other links:
//            link_model.h; rows < 2^26, columns
//            <= 64; theta between 2^-12 and 2^12
// Result     coefficients, 44 fraction bits; their covariance (inverse information at the last step but one; gamma: before the
//            dispersion), covariance_bits() fraction bits; -2 ln L without the terms that are functions of y alone
// Error      of the coefficients, in standard errors and beside Newton's own remainder: sqrt(n) 2^-42 for rounded terms of the
//            score, d 2^-sum_bits / sqrt(information); covariance: that of `inverse` (linear_algebra.h); deviance: n 2^-40
// Converged  where the last step changes the deviance by less than 1e-8 (deviance + 0.1), R's criterion, and no coefficient
//            by 1 or more
// Rounds     per step those of the family's functions and of solve, plus 10; at the end those of inverse, logarithm, compare
// Source     McCullagh and Nelder, Generalized Linear Models, 2.5; theta as MASS::glm.nb, one Newton step of ln theta per step
#pragma once

#include <algorithm>
#include <optional>

#include "oblivious/names.h"

namespace cohortium::oblivious {

inline constexpr int covariate_bits = 36;  // fraction bits of x
inline constexpr int model_bits = 44;      // of coefficients, predictors, residuals, working weights

// A family with one of its links; where none is named, logit or the log.
enum class Family {
  kLogit,
  kProbit,
  kCloglog,
  kLogBinomial,
  kPoisson,
  kPoissonIdentity,
  kPoissonSqrt,
  kGamma,
  kGammaInverse,
  kGammaIdentity,
  kGaussian,  // identity
  kGaussianLog,
  kGaussianInverse,
  kNegativeBinomial
};
bool is_probability(Family family);
bool is_gamma(Family family);
bool is_gaussian(Family family);

struct ModelPlan {
  Family family = Family::kLogit;
  int steps = 12;  // after the start
  int cheap_steps =
      0;  // logit without weights and offsets: steps in Z_2^64 (logistic_regression.h) instead of the start
  int total_bits = 24;      // see Domain
  int highest = 8;          // of poisson, gamma, gaussian
  int lowest = 10;          // with links identity, sqrt, inverse: predictors are at least 2^-lowest
  int outcome_bits = 0;     // fraction bits of y
  int weight_bits = 0;      // fraction bits of prior weights
  bool weighted = false;    // false: weights are 0 and 1
  int largest_outcome = 0;  // negative binomial: y <= this
  int sum_bits() const { return std::min(model_bits, 61 - total_bits); }
  int covariance_bits() const { return std::min(40 + total_bits, 80); }
};

struct ModelRecords {
  Shared<u128> x, y, weight;
  std::optional<Shared<u128>> offset = {};
  std::size_t rows = 0, columns = 0;
};

struct ModelStart {
  Shared<u128> information, right;  // columns * columns, columns
  Shared<u128> saturated;           // deviance minus the part that the fit gives: one element, model_bits; negative
                                    // binomial: 2 sum of weight * y ln y
  Shared<u128> exceeding = {};  // negative binomial: sum of weights where y > j, for j < largest_outcome; weight_bits
};

struct ModelFit {
  Shared<u128> coefficients, covariance;
  Shared<u128> deviance;  // model_bits
  Shared<u128> pearson;   // sum of weight * (y - mu)^2 / V(mu), of gamma alone; model_bits
  Shared<u128> theta = {}, theta_information =
                               {};  // negative binomial: 40 fraction bits; theta^2 times the information of theta, 20
  Shared<u128> twice_log_likelihood = {};         // negative binomial, without the sum of ln y!; model_bits
  SharedBits singular, not_converged, separated;  // one bit each
};

ModelFit fit_model(Engine& engine, const ModelRecords& records, const ModelStart& start, const ModelPlan& plan);

// The linear predictors of the records, model_bits.
Shared<u128> predictors(Engine& engine, const ModelRecords& records, const Shared<u128>& coefficients);

}  // namespace cohortium::oblivious
