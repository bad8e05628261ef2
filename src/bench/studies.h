// Studies as workloads, under the release rules that a study has by default (merged steps, at least 11):
//   survival   Kaplan-Meier and log-rank of two arms on 1,096 days, as examples/01_survival asks for them
//   table      a table of two categories of ten levels each
//
// What is timed is what the compute parties do: Plan::secure, from the shared sums over all sites to the released
// numbers. Sites, nodes and files are bench/study_bench.py's.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "study/plan.h"

namespace cohortium::bench {

struct BenchStudy {
  study::Plan plan;
  // The aggregates of all sites together: so many made records, the same every time.
  std::vector<mpc::u128> (*aggregates)(const study::Plan& plan, std::size_t records);
};
const BenchStudy& survival_study();
const BenchStudy& table_study();

// What differs between released outcomes and those of the plaintext protocol on the same aggregates, or nothing: the
// numbers of the result file, within 10^-6 of max(1, |number|), and what is withheld.
std::string compare_with_plaintext(const study::Plan& plan, const release::ReleasedStudy& released,
                                   const std::vector<mpc::u128>& aggregates);

}  // namespace cohortium::bench
