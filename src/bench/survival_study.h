// A study as a workload: Kaplan-Meier and log-rank of two arms on 1,096 days, as examples/01_survival asks for them,
// under the release rules that a study has by default (merged steps, at least 11).
//
// What is timed is what the compute parties do: Plan::secure, from the shared sums over all sites to the released
// numbers. Sites, nodes and files are bench/study_bench.py's.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "study/plan.h"

namespace cohortium::bench {

const study::Plan& survival_plan();

// The aggregates of all sites together: `patients` made records, the same every time.
std::vector<mpc::u128> survival_aggregates(std::size_t patients);

// What differs between released outcomes and those of the plaintext protocol on the same aggregates, or nothing: the
// numbers of the result file, within 10^-6 of max(1, |number|), and what is withheld.
std::string compare_with_plaintext(const std::vector<mpc::ReleasedOutcome>& outcomes,
                                   const std::vector<mpc::u128>& aggregates);

}  // namespace cohortium::bench
