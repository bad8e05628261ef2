// The most frequent diagnoses of a cohort: diagnoses of patients in the cohort, grouped by code, counted, the ten largest
// counts. (The query by which secure query engines are compared since SMCQL, Bater et al., VLDB 2017.)
//
// Reveals    the codes and counts it returns
// Source     semi-join, group-by and top of oblivious/
#pragma once

#include <vector>

#include "mpc/engine.h"

namespace cohortium::bench {

inline constexpr int patient_bits = 32, code_bits = 16;
inline constexpr std::size_t most_frequent = 10;

// Diagnoses as rows (patient, code); patients below 2^patient_bits, codes below 2^code_bits.
struct Diagnoses {
  std::vector<mpc::u64> cohort, patient, code;
};
struct SharedDiagnoses {
  mpc::Shared<mpc::u64> cohort, patient, code;
};
struct Frequency {
  mpc::u64 code = 0, count = 0;
  bool operator==(const Frequency&) const = default;
};

// Made up: a tenth as many patients in the cohort as diagnoses, and frequent codes more frequent than others.
Diagnoses make_diagnoses(std::size_t rows);

// In descending order of counts, codes ascending where counts are equal; fewer than ten if fewer codes occur.
std::vector<Frequency> comorbidity(mpc::Engine& engine, const SharedDiagnoses& diagnoses);
std::vector<Frequency> plain_comorbidity(const Diagnoses& diagnoses);

}  // namespace cohortium::bench
