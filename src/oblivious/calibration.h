// Calibration of secret risks: people in groups by the quantiles of their risks, what is foreseen and what is observed in
// each, and groups taken together until none of them tells of a few people.
//
// Security   that of the protocol
// Reveals    nothing
// Result     risk_groups, exact: the group of a row is the number of k in 1 .. groups - 1 for which more than (n - 1) k / groups
//            rows have a smaller key, which is R's cut(x, quantile(x, 0:groups / groups), include.lowest = TRUE): rows with
//            equal keys stay together, and groups may be empty. merged_groups: consecutive groups as one, as soon as those
//            with the event and those without are nobody or at least `minimum`, and what remains is so, too; what is
//            gathered stands at the last group of each, all others hold zeros
// Rounds     risk_groups: per group those of a comparison of 40 bits and of from_bit, plus 1; merged_groups: per group those of a
//            comparison of 32 bits, of is_zero and of keep_where, plus 3
// Sent       risk_groups: per row and group one comparison of 40 bits and one bit as an element
// Requires   fewer than 2^32 rows, 2 to 100 groups; weights of 1 for rows that count, else 0; events 0 or 1; risks such that
//            their sum stays in the ring
// Source     Hosmer and Lemeshow, Communications in Statistics 1980
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

struct RiskGroups {
  Shared<u128> people, events, risk;  // one element per group; risk: the sum, with the digits of the risks
};

// before: per row, how many rows that count have a smaller key (`tied_ranks` where all others come last).
RiskGroups risk_groups(Engine& engine, const Shared<u64>& before, const Shared<u128>& weight, const Shared<u128>& event,
                       const Shared<u128>& risk, std::size_t groups);

RiskGroups merged_groups(Engine& engine, const RiskGroups& groups, u64 minimum);

}  // namespace cohortium::oblivious
