// The cumulative baseline hazard of a Cox model at public points of time, from what belongs to secret rows.
//
// sums_below
//   Result   for each public key the sum of `column` over the rows with a smaller key; exact
//   Rounds   those of sort_order and of two moves
//   Sent     one sort of the rows and the public keys together, and one column of both moved twice
//   Method   a place for each public key among the rows, with 0 in the column: running sums there, brought back
// baseline_hazard
//   Result   hazard_fraction_bits: of someone whose (standardised) covariates and offset are 0, at each point of each
//            stratum: the sum of the hazards at terms up to it
//   Error    one unit of 2^-60, and that of partial_likelihood.h, per event
//   Requires public keys, ascending: for each stratum those of its points from the latest to the earliest, then one behind
//            all rows of the stratum
// Reveals    nothing
// Source     Breslow 1974 (discussion of Cox 1972); by Efron as R's survfit.coxph
#pragma once

#include "oblivious/partial_likelihood.h"

namespace cohortium::oblivious {

Shared<u128> sums_below(Engine& engine, const Shared<u64>& key, int key_bits, const Shared<u128>& column,
                        std::span<const u64> public_keys);

// Stratum by stratum, from the earliest point to the latest.
Shared<u128> baseline_hazard(Engine& engine, const RiskSets& sets, const RiskTerms& terms,
                             std::span<const u64> public_keys);

}  // namespace cohortium::oblivious
