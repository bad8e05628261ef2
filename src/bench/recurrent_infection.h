// How many patients had the same diagnosis again 15 to 56 days later: successive rows of a patient and a diagnosis in
// the order of time, distinct patients counted. (The query "recurrent C. difficile" by which secure query engines are
// compared since SMCQL, Bater et al., VLDB 2017.)
//
// Reveals    the number of patients
// Source     sort and compaction of oblivious/
#pragma once

#include <vector>

#include "mpc/engine.h"

namespace cohortium::bench {

// Rows (patient, day, diagnosis): below 2^32, 2^16 and 2^16.
struct Infections {
  std::vector<mpc::u64> patient, day, diagnosis;
};
struct SharedInfections {
  mpc::Shared<mpc::u64> patient, day, diagnosis;
};

Infections make_infections(std::size_t rows);  // made up

mpc::u64 recurrent_patients(mpc::Engine& engine, const SharedInfections& infections);
mpc::u64 plain_recurrent_patients(const Infections& infections);

}  // namespace cohortium::bench
