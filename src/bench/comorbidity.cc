#include "bench/comorbidity.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "oblivious/extremes.h"
#include "oblivious/group_by.h"
#include "oblivious/join.h"

namespace cohortium::bench {

using oblivious::SortKey;

Diagnoses make_diagnoses(std::size_t rows) {
  std::mt19937_64 random(1);
  Diagnoses diagnoses;
  const std::size_t patients = std::max<std::size_t>(rows / 5, 1);
  for (std::size_t i = 0; i < rows / 10; ++i) diagnoses.cohort.push_back(2 * i * 104729 % (1U << 31));
  for (std::size_t i = 0; i < rows; ++i) {
    diagnoses.patient.push_back(random() % patients * 104729 % (1U << 31));
    diagnoses.code.push_back(random() % 300 * (random() % 300) / 300 * 7);
  }
  return diagnoses;
}

std::vector<Frequency> comorbidity(mpc::Engine& engine, const SharedDiagnoses& diagnoses) {
  const mpc::SharedBits in_cohort = oblivious::semi_join(engine, {.values = diagnoses.patient, .bits = patient_bits},
                                                         {.values = diagnoses.cohort, .bits = patient_bits});
  const SortKey by_code{.values = diagnoses.code, .bits = code_bits};
  const oblivious::Aggregate count{.kind = oblivious::AggregateKind::kCount};
  const oblivious::Groups groups =
      oblivious::group_by(engine, std::span(&by_code, 1), std::span(&count, 1), &in_cohort);

  const SortKey by_count{.values = groups.aggregates[0], .bits = 32, .descending = true};
  const oblivious::Columns best =
      oblivious::top(engine, std::span(&by_count, 1),
                     {.words = {groups.keys[0], groups.aggregates[0]}, .wide = {}, .bits = {}}, most_frequent);
  std::vector<Frequency> result;
  const auto opened = engine.open(mpc::concatenate(std::span<const mpc::Shared<mpc::u64>>(best.words)));
  const std::size_t found = opened.size() / 2;
  for (std::size_t i = 0; i < found; ++i) {
    if (opened[found + i] > 0) result.push_back({.code = opened[i], .count = opened[found + i]});
  }
  return result;
}

std::vector<Frequency> plain_comorbidity(const Diagnoses& diagnoses) {
  const std::set<mpc::u64> cohort(diagnoses.cohort.begin(), diagnoses.cohort.end());
  std::map<mpc::u64, mpc::u64> counts;
  for (std::size_t i = 0; i < diagnoses.patient.size(); ++i) {
    if (cohort.contains(diagnoses.patient[i])) ++counts[diagnoses.code[i]];
  }
  std::vector<Frequency> all;
  for (const auto& [code, count] : counts) all.push_back({.code = code, .count = count});
  std::stable_sort(all.begin(), all.end(), [](const Frequency& a, const Frequency& b) { return a.count > b.count; });
  all.resize(std::min(all.size(), most_frequent));
  return all;
}

}  // namespace cohortium::bench
