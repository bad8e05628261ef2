// Risk sets of a subdistribution's hazard, and the variance of its score: what Fine and Gray's model has beside Cox's.
//
// Who had a competing event stays at risk of the event for as long as they would have been followed, which is not known: so
// they stay with the weight G(t-) / G(s-), s their own time, where G(t) is the probability not to be censored by t.
//
// subdistribution
//   Gives    the sets those weights (staying, returning); partial_likelihood and cox_regression are then Fine and Gray's
//   Requires `competing` of the rows, ties by Breslow, one stratum, no entries, no weights but 0 and 1
//   Error    of staying 2 units of 2^-50 and 3 of 2^-56 per tie; of returning, below the number of rows, a part n 2^-50 of
//            itself and 2 units of returning_bits
//   Rounds   those of from_ends, two divisions and a running product
// score_variance
//   Result   sum over people of u u', where u is the score residual (robust_covariance.h) and the change of the score by how the
//            person moves the estimate of G; information_fraction_bits
//   Domain   as partial_likelihood; the number of events times the largest covariate below 2^34
//   Error    of u a part 2^-40 per event at risk
//   Rounds   twice those of from_ends and about 25
// Reveals    nothing
// Source     Fine and Gray, JASA 1999, sections 3 and 4; censoring and ties as R's cmprsk::crr
#pragma once

#include "oblivious/cox_regression.h"

namespace cohortium::oblivious {

// What of the estimate of G the variance needs, at every row: of the row's time.
struct Censoring {
  Shared<u128> censored;  // 1 where the row is censored
  Shared<u128> each;      // 1 / those at risk; curve_bits
  Shared<u128> share;     // the censored over those at risk; curve_bits
  static constexpr int curve_bits = 56;
};
Censoring subdistribution(Engine& engine, RiskSets& sets);

Shared<u128> score_variance(Engine& engine, const RiskSets& sets, const Censoring& censoring, const RiskTerms& terms);

}  // namespace cohortium::oblivious
