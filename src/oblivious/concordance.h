// Concordance of a predictor with survival times: of all pairs of which it is known who had the event first, how many
// that person's predictor was higher in; and how much that may be due to chance.
//
// concordant_pairs
//   Rows     those of SurvivalRows: key, event, weight (1, 0 or -1); an exact predictor, predictor_length bits signed
//   Result   per person, of whom each comparable pair has two. pairs: the number of her comparable pairs; fourfold: four
//            times the concordant ones among them, plus twice those with equal predictors. Two events of one time are not
//            comparable, nor are rows of two strata. Both exact
//   Rounds   four sorts, and per doubling of the rows about 10
//   Sent     per doubling twice one compaction and three columns moved
//   Method   rows by time; then by predictor, and split by the halves of the first order level by level: at each level
//            the rows of the first half that stand before an event of the second are counted by running sums, for both.
//            Done twice, with ties broken either way: what is equal counts half, and so do two events of one time, which
//            are then taken off
// concordance
//   Result   share, concordance_bits; variance by the infinitesimal jackknife, which takes people to be independent. Where
//            there is no pair both mean nothing
//   Domain   fewer than 2^27 people
//   Error    of both 2 units of 2^-54
//   Rounds   those of three divisions, and 6
// Reveals    nothing
// Requires   rows given twice, `copies` = 2, as in risk_sets.h: the second half of them, with their entry as time, then
//            belongs to the people of the first
// Source     Harrell et al., JAMA 1982; counting as in merge sort; variance as R's survival::concordance
#pragma once

#include "oblivious/risk_sets.h"

namespace cohortium::oblivious {

inline constexpr int predictor_length = 112;
inline constexpr int predictor_drop = 50;  // low bits without influence
inline constexpr int concordance_bits = 54;

struct ConcordantPairs {
  Shared<u128> fourfold, pairs;  // one element per person
};
ConcordantPairs concordant_pairs(Engine& engine, const RiskSets& sets, const SurvivalRows& rows,
                                 const Shared<u128>& predictor, std::size_t copies);

struct Concordance {
  Shared<u128> share, variance;  // one element each
};
Concordance concordance(Engine& engine, const ConcordantPairs& counts);

}  // namespace cohortium::oblivious
