// Which pairs of a drug and an event are signals that may be shown: decided on shared counts, exactly, nothing opened.
//
// Security   that of the engine's products and comparisons
// Reveals    nothing
// Rounds     per batch of 2^16 pairs: three products and three comparisons (shrunken: an inverse square root, a
//            polynomial and a table more); once: three comparisons and choices
// Sent       per pair 4 to 6 elements of Z_2^128 and comparisons of 500 bits (shrunken: some 4 kB)
// Requires   fewer than 2^30 reports in all; a threshold that is a multiple of 0.001, from 0.001 to 1,000 (Evans: from 1)
// Method     Everything is cross-multiplied to integers. With a reports of both, n_d of the drug, n_e of the event, N in
//            all, b = n_d - a, c = n_e - a, d = N - n_d - c and t = p / q:
//              PRR >= t   <=>  q a (N - n_d) >= p n_d c         ROR >= t  <=>  q a d >= p b c
//              chi2 >= 4  <=>  N X^2 >= 16 n_d (N - n_d) n_e (N - n_e), X = 2 (a N - n_d n_e) - N >= 0, for PRR >= 1
//            N X^2 may leave the ring where X >= 2^48, but then chi2 = N X^2 / (4 n_d (N - n_d) n_e (N - n_e)) >=
//            4 X^2 / N^3 > 256, since n (N - n) <= N^2 / 4 and N < 2^30: such a pair needs no second comparison.
//            A ratio that a zero makes undefined is no signal. IC025 and EB05 reach their threshold
//              <=> n_d n_e <= N H(a), H public (statistics/safety/shrinkage_boundary.h), in fixed point with 40 bits: exact but
//            where E is within 2 10^-6 H(a) of H(a), where either may come out
// Shown      a pair only if a >= m, b, c and d are none or at least m; and where by the pairs shown the reports of its
//            drug or event that are in none of them would number 1 .. m-1, no pair of that drug or event is shown. If
//            the same held for the reports of all drugs or events without a pair shown, no pair at all is.
#pragma once

#include <cstdint>

#include "mpc/engine.h"
#include "statistics/safety/shrinkage_boundary.h"

namespace cohortium::statistics {

inline constexpr int report_bits = 30;  // fewer reports than 2^30 in all

enum class SignalRule { kEvans, kPrr, kRor, kShrunken };

struct SignalCriterion {
  SignalRule rule = SignalRule::kEvans;
  std::uint64_t numerator = 2, denominator = 1;  // the threshold
  ShrinkageBoundary boundary = {};               // of kShrunken, instead
};

// Counts over all sites: pairs drug by drug (events run fastest), then totals.
struct SharedReports {
  std::size_t drugs = 0, events = 0;
  mpc::Shared<mpc::u128> pairs, drug_totals, event_totals, all;  // drugs * events, drugs, events, 1
};

// a where the pair may be shown, else 0.
mpc::Shared<mpc::u128> shown_signals(mpc::Engine& engine, const SharedReports& reports,
                                     const SignalCriterion& criterion, std::uint64_t minimum_cell);

}  // namespace cohortium::statistics
