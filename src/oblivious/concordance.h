// Concordance of a predictor with survival times: of all pairs of which it is known who had the event first, how many
// that person's predictor was higher in.
//
// Rows       those of SurvivalRows: key, event, weight (1, 0 or -1); an exact predictor, predictor_length bits signed
// Result     pairs: the number of comparable pairs; fourfold: four times the concordant ones, plus twice those with equal
//            predictors. Two events of one time are not comparable, nor are rows of two strata. Both exact
// Reveals    nothing
// Rounds     four sorts, and per doubling of the rows about 10
// Sent       per doubling twice one compaction and a column of each kind moved
// Method     rows by time; then by predictor, and split by the halves of the first order level by level: at each level
//            the rows of the first half that stand before an event of the second are counted by running sums. Done twice,
//            with ties broken either way: what is equal counts half, and so do two events of one time, which are then
//            taken off
// Source     Harrell et al., JAMA 1982; counting as in merge sort
#pragma once

#include "oblivious/risk_sets.h"

namespace cohortium::oblivious {

inline constexpr int predictor_length = 112;
inline constexpr int predictor_drop = 50;  // low bits without influence

struct Concordance {
  Shared<u128> fourfold, pairs;  // one element each
};
Concordance concordance(Engine& engine, const RiskSets& sets, const SurvivalRows& rows, const Shared<u128>& predictor);

}  // namespace cohortium::oblivious
