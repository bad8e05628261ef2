// The sandwich covariance of a Cox model's coefficients, which holds where the model does not: C B C, with C the usual
// covariance and B the sum over rows of the outer square of their score residuals (weighted).
//
// A row's score residual is its part in the score: at its event its covariates less their mean at risk (by Efron the
// mean over the tie's terms), and, as long as it is at risk, less its expected events times the same difference.
//
// Domain     that of partial_likelihood.h; the sum of a covariate's squared residuals below 2^38
// Result     covariance_fraction_bits, of the covariates as `fit` has them
// Error      a residual is off by 2^-43, and by 2^-48 times its e^predictor for each event it is at risk at
// Reveals    nothing
// Rounds     those of from_starts and from_ends, of an inverse rearrangement where there are entries, and 14
// Sent       by Breslow one column moved twice per covariate and by Efron three; with entries one more
// Requires   rows given twice, `copies` = 2, as in risk_sets.h: the second half of them, with their entry as time, then
//            belongs to the people of the first
// Source     Lin and Wei, JASA 1989; Therneau and Grambsch 2000, section 7.2; ties as R's residuals.coxph
#pragma once

#include "oblivious/cox_regression.h"

namespace cohortium::oblivious {

// Per row its score residual, weighted, covariate after covariate; covariate_fraction_bits. Of a subdistribution's sets,
// with the weights of those who return.
Shared<u128> score_residuals(Engine& engine, const RiskSets& sets, const RiskTerms& terms);

// `fit` before it is scaled back.
Shared<u128> robust_covariance(Engine& engine, const RiskSets& sets, const CoxFit& fit, std::size_t copies);

}  // namespace cohortium::oblivious
