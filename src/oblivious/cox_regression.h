// Cox regression of secret rows: Newton's method with a public number of steps, everything hidden.
//
// standardised
//   Domain   covariates with input_fraction_bits, |x| <= 1; `counts` 1 for rows that count, 0 for rows of zeros
//   Result   (x - m) t, covariate_fraction_bits, where m is near the mean and t = 2^s, 0 <= s < 30, brings the standard
//            deviation into [1/2, 1) (times the square root of the share of rows that count); rows that do not count stay 0
//   Error    1 unit: so x is as if rounded to 2^-44 standard deviations, or 2^-52 of its range if that is more
// cox_regression
//   Result   coefficients (coefficient_fraction_bits) and their covariance (covariance_fraction_bits) of the covariates as
//            given to standardised, when scaled back by `scaled_back`
//   Step     as R's coxph: where the likelihood falls by more than 2^-30 of itself, or the domain is left, half of the
//            step before. `steps` evaluations and one last step
//   Faults   one bit each. singular: information not positive definite at the start or the end (pivots below 2^-24 of
//            the diagonal; at the start also a diagonal below 2^-12), as with constant or dependent covariates.
//            not_converged: the last step raised the likelihood by more than 2^-30 of itself, or was halved. separated:
//            it has converged and yet the last step moves a coefficient by more than 2^-15 of itself, as where a
//            coefficient grows without end. outside: see partial_likelihood.h
//   Error    beside Newton's own: coefficients are as if a covariate's mean at risk had been changed by its error
//   Reveals  nothing
//   Rounds   per step those of partial_likelihood and solve, and about 20
#pragma once

#include "oblivious/partial_likelihood.h"

namespace cohortium::oblivious {

inline constexpr int input_fraction_bits = 52;
inline constexpr int covariance_fraction_bits = 50;
inline constexpr int cox_steps = 12;

struct Standardised {
  Shared<u128> covariates;  // column after column
  Shared<u128> scaling;     // t, as integers
  Shared<u128> means;       // m, input_fraction_bits
};
Standardised standardised(Engine& engine, const Shared<u128>& covariates, const Shared<u128>& counts);

struct CoxFit {
  Shared<u128> coefficients, covariance;
  Shared<u128> robust;                                   // see robust_covariance.h; empty unless somebody fills it
  Shared<u128> null_likelihood, likelihood, score_test;  // likelihood_fraction_bits
  RiskTerms terms;                                       // at the coefficients before the last step
  SharedBits singular, not_converged, separated, outside;
};
CoxFit cox_regression(Engine& engine, const RiskSets& sets, int steps = cox_steps);

// C V C with covariance_fraction_bits, C the covariance, V the variance of the score (information_fraction_bits). 4 rounds.
Shared<u128> sandwich(Engine& engine, const CoxFit& fit, const Shared<u128>& variance);

// Coefficients (d) and covariances (d x d each) times powers of the scaling.
void scale_back(Engine& engine, CoxFit& fit, const Shared<u128>& scaling);

}  // namespace cohortium::oblivious
