// Cox's partial likelihood of secret survival rows at secret coefficients: its logarithm, gradient and information.
//
// Domain     covariates with covariate_fraction_bits, sum over rows of x^2 of a column below 2^(2 + log2 rows); beta with
//            coefficient_fraction_bits, |beta| < 2^10; predictors (x beta + offset) below highest_exponent ln 2 = 9.7, larger
//            ones count as that and are marked; sums of e^predictor over a stratum below 2^21 and above 2^-20 at every event; weights
//            below 2^10. Whether something leaves the domain is a shared bit; results then mean nothing
// Result     log_likelihood with likelihood_fraction_bits, gradient (columns) with gradient_fraction_bits, information
//            (columns x columns) with information_fraction_bits
// Error      of e^predictor 2 units of 2^-40, of 1 over a sum at risk S one part in 2^50 and 1 unit of 2^-60, so of a mean
//            at risk about 2^-38 / S; of a term of the log-likelihood 2^-32 / S + 2^-34
// Reveals    nothing
// Rounds     those of exponential,  normalise, reciprocal_of_mantissa and natural_logarithm, plus 20, with strata
//            6 and by Efron 20 more
// Method     those who return to the sets of a subdistribution add staying times a sum over earlier rows; a row's part in the expected events, r_i H(t_i), gives the gradient and the first half of the information as
//            matrix products: per row only the means at risk are divided, not their squares.
// Source     Cox, JRSS B 1972; Breslow 1974; Efron 1977
#pragma once

#include "oblivious/risk_sets.h"

namespace cohortium::oblivious {

inline constexpr int covariate_fraction_bits = 44;
inline constexpr int coefficient_fraction_bits = 48;
inline constexpr int predictor_fraction_bits = 40;
inline constexpr int likelihood_fraction_bits = 36;
inline constexpr int gradient_fraction_bits = 44;
inline constexpr int information_fraction_bits = 40;
inline constexpr int highest_exponent = 14;

// What belongs to each row at given coefficients, column after column.
struct RiskTerms {
  Shared<u128> predictor;  // predictor_fraction_bits
  SharedBits too_high;     // where it exceeds highest_exponent ln 2
  Shared<u128> risk;       // weight times e^predictor; predictor_fraction_bits
  Shared<u128> at_risk;    // its sum over those at risk at each term, by Efron without part of the tied events
  Shared<u128> hazard;     // term_weight / at_risk at terms, 0 elsewhere; hazard_fraction_bits
  Shared<u128> means;      // of covariates over those at risk, at terms; covariate_fraction_bits
  // Of a subdistribution, at the last rows of ties: sums over earlier competing events of returning times the risk and times
  // its products with covariates; predictor_fraction_bits.
  Shared<u128> left;
};
inline constexpr int hazard_fraction_bits = 60;

RiskTerms risk_terms(Engine& engine, const RiskSets& sets, const Shared<u128>& beta);
// Of columns that are 0 but at terms: what those who returned pass later, each with the weight that it has there; of a
// subdistribution's sets.
Shared<u128> hazards_after_return(Engine& engine, const RiskSets& sets, const Shared<u128>& hazards);
// Per row the sums, over the terms it is at risk at, of columns that are 0 elsewhere; by Efron less what a tied event is
// not at risk at. Columns below 2^(82 - their fraction bits).
Shared<u128> sums_while_at_risk(Engine& engine, const RiskSets& sets, const Shared<u128>& columns);
// Each row's expected number of events under hazards at terms (e.g. those of RiskTerms, or weighed ones);
// covariate_fraction_bits.
Shared<u128> expected_events(Engine& engine, const RiskSets& sets, const Shared<u128>& risk,
                             const Shared<u128>& hazard);
// Sum over terms of term_weight (weight_bits fraction bits) times the covariance of covariates over those at risk, from
// the expected events under such weights.
Shared<u128> information_of(Engine& engine, const RiskSets& sets, const Shared<u128>& expected,
                            const Shared<u128>& term_weight, int weight_bits, const Shared<u128>& means);

struct PartialLikelihood {
  Shared<u128> log_likelihood, gradient, information;
};
PartialLikelihood partial_likelihood(Engine& engine, const RiskSets& sets, const RiskTerms& terms);
// One bit each: whether any predictor, or any sum at risk, lies outside the domain.
SharedBits any_too_high(Engine& engine, const RiskTerms& terms);
SharedBits sums_outside(Engine& engine, const RiskSets& sets, const RiskTerms& terms);

}  // namespace cohortium::oblivious
