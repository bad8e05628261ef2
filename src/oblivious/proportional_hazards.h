// Whether hazards are proportional: the score test of adding to a fitted Cox model each covariate times a function of time,
// here one minus the Kaplan-Meier estimate just before each time, of all rows together: without strata or weights.
//
// Result     score: the covariates' residuals at events, weighed by the function of time; information: their covariance,
//            given the model's coefficients. Both of the standardised covariates, with information_fraction_bits; a
//            term's test is s' W^-1 s of its own columns, whatever their scale
// Error      of the function of time, one unit of 2^-50 per tie
// Reveals    nothing
// Rounds     2 log2(rows), a division, and 40; with strata also those of risk_sets and of sorting by time
// Source     Grambsch and Therneau, Biometrika 1994; as R's cox.zph (survival 3) with transform = "km"
#pragma once

#include "oblivious/cox_regression.h"

namespace cohortium::oblivious {

struct ProportionalHazards {
  Shared<u128> score, information;
};
// `fit` before it is scaled back.
ProportionalHazards proportional_hazards(Engine& engine, const RiskSets& sets, const CoxFit& fit);

}  // namespace cohortium::oblivious
