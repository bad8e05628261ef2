// Risk sets: survival rows brought into the order in which risk sets grow, and sums over those at risk.
//
// Rows are sorted once, stratum by stratum and from the latest time to the earliest: those at risk at a row's time are
// the rows up to the end of its group of ties, so sums over them are running sums, which are local. A row that enters
// late is given twice, the second time with its entry as time and its weight negated.
//
// Reveals    nothing
// Rounds     risk_sets: those of sort_order, group_starts and two compactions, and about 60 (Efron: 90); running sums 0, with
//            strata 1; from_ends, from_starts: 6, and 1 or 2; left_before: 1 and those of prefix_product
// Sent       from_ends, from_starts: two columns moved and one choice per column
// Requires   fewer than 2^27 rows, at most 64 strata
// Source     Breslow, Biometrics 1974; Efron, JASA 1977 (ties); Therneau and Grambsch 2000, chapter 3 (entry times)
#pragma once

#include "oblivious/rearrangement.h"

namespace cohortium::oblivious {

enum class Ties { kBreslow, kEfron };

struct SurvivalRows {
  std::size_t rows = 0, columns = 0, strata = 1;
  // Ascending, equal for ties: the stratum, then the time from the latest to the earliest; what takes no part comes last.
  Shared<u64> key = {};
  int key_bits = 0;
  int time_bits = 0;  // the low bits of the key, which alone are the time; needed where there are strata
  SharedBits event = {};
  SharedBits competing = {};     // another event, which makes this one impossible; empty for none (subdistribution.h)
  Shared<u128> covariates = {};  // column after column
  Shared<u128> weight = {};      // weight_fraction_bits fraction bits; 0: takes no part, below 0: where a person enters
  int weight_fraction_bits = 0;
  Shared<u128> offset = {};   // predictor_fraction_bits fraction bits (partial_likelihood.h); empty for none
  Shared<u128> stratum = {};  // 1 for the row's stratum, stratum after stratum; empty where there is one
};

// Several columns of `rows` elements each, one after the other, are what all functions below take and give.
struct RiskSets {
  SurvivalRows sorted;
  Ties ties = Ties::kBreslow;
  Shared<u128> covariate_rows;  // the covariates, row after row
  Shared<u128> stratum_rows;    // the same for the strata
  // A term of the likelihood is an event (Efron) or the last row of a tie with events (Breslow).
  SharedBits term;
  Shared<u128> term_weight;                // weight_fraction_bits fraction bits; 0 elsewhere
  Shared<u128> event_weight;               // the row's own weight where it has an event
  Shared<u128> events_before;              // Efron: k / D for the k-th of D tied events, from 0; tie_fraction_bits
  SharedBits starts, ends;                 // of ties
  Rearrangement group_starts, group_ends;  // bring those to the front
  SharedBits groups;                       // there: 1 for as many as there are ties
  // Of a subdistribution (subdistribution.h), else empty: the probability not to be censored before the row's time, and
  // its inverse where there was a competing event. Such a row stays at risk later, with the product of both as weight.
  Shared<u128> staying, returning;
  int returning_bits = 0;
  Rearrangement order;  // from the rows as given to `sorted`
};
inline constexpr int tie_fraction_bits = 44;
inline constexpr int staying_bits = 50;

RiskSets risk_sets(Engine& engine, const SurvivalRows& rows, Ties ties);

// Sums of the rows of the same stratum up to each row, or from each row on.
Shared<u128> sums_so_far(Engine& engine, const RiskSets& sets, const Shared<u128>& columns);
Shared<u128> sums_from_here(Engine& engine, const RiskSets& sets, const Shared<u128>& columns);
// Sums of whole strata: strata elements per column.
Shared<u128> stratum_sums(Engine& engine, const RiskSets& sets, const Shared<u128>& columns);

// Each row gets the value at its tie's last (first) row. Columns from `cumulative` on hold sums over all rows so far
// (from here on): of those, each row gets its tie's part.
Shared<u128> from_ends(Engine& engine, const RiskSets& sets, const Shared<u128>& columns, std::size_t cumulative);
Shared<u128> from_starts(Engine& engine, const RiskSets& sets, const Shared<u128>& columns, std::size_t cumulative);

// What is left just before each row's time where the part `share` of those at risk goes at every tie: the product over
// earlier ties of 1 - share, read at their first rows. Of one stratum; share and result have `fraction_bits`.
Shared<u128> left_before(Engine& engine, const RiskSets& sets, const Shared<u128>& share, int fraction_bits);

// Helpers for those who compute with such columns; local but for the first.
Shared<u128> keep_rows(Engine& engine, const SharedBits& rows, const Shared<u128>& columns);
Shared<u128> join(std::initializer_list<Shared<u128>> parts);
Shared<u128> transposed(const Shared<u128>& columns, std::size_t rows);  // column after column to row after row
Shared<u128> running_sums(const Shared<u128>& columns, std::size_t rows);
Shared<u128> remaining_sums(const Shared<u128>& columns, std::size_t rows);

}  // namespace cohortium::oblivious
