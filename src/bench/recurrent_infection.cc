#include "bench/recurrent_infection.h"

#include <algorithm>
#include <random>
#include <set>
#include <tuple>

#include "oblivious/compaction.h"
#include "oblivious/compare.h"
#include "oblivious/segments.h"

namespace cohortium::bench {
namespace {

using mpc::Engine;
using mpc::Shared;
using mpc::SharedBits;
using mpc::u64;
using oblivious::SortKey;

constexpr int patient_bits = 32, day_bits = 16, diagnosis_bits = 16;
constexpr u64 earliest = 15, latest = 56;  // days later

// Whether row i + 1 follows row i within the time, as the same patient's same diagnosis.
SharedBits recurrences(Engine& engine, const oblivious::Columns& sorted, std::size_t n) {
  const auto step = [&](const Shared<u64>& column) {
    return mpc::subtract(mpc::slice(column, 1, n - 1), mpc::slice(column, 0, n - 1));
  };
  const Shared<u64> later = step(sorted.words[2]);
  // Patient and diagnosis in one: equal exactly if both are.
  const Shared<u64> person =
      mpc::add(mpc::scale(step(sorted.words[0]), u64{1} << diagnosis_bits), step(sorted.words[1]));
  const SharedBits same = oblivious::equal_zero(engine, person, patient_bits + diagnosis_bits);
  const SharedBits early = oblivious::less_than_public(engine, later, earliest);
  const SharedBits in_time = oblivious::less_than_public(engine, later, latest + 1);
  return engine.and_bits(same, engine.and_bits(engine.not_bits(early), in_time));
}

}  // namespace

Infections make_infections(std::size_t rows) {
  std::mt19937_64 random(2);
  Infections infections;
  for (std::size_t i = 0; i < rows; ++i) {
    infections.patient.push_back(random() % std::max<std::size_t>(rows / 4, 1) * 7919);
    infections.day.push_back(random() % 400);
    infections.diagnosis.push_back(random() % 3);
  }
  return infections;
}

u64 recurrent_patients(Engine& engine, const SharedInfections& infections) {
  const std::size_t n = infections.patient.size;
  if (n < 2) return 0;
  const std::vector<SortKey> keys{{.values = infections.patient, .bits = patient_bits},
                                  {.values = infections.diagnosis, .bits = diagnosis_bits},
                                  {.values = infections.day, .bits = day_bits}};
  const oblivious::Columns sorted =
      oblivious::apply(engine, oblivious::sort_order(engine, keys),
                       {.words = {infections.patient, infections.diagnosis, infections.day}, .wide = {}, .bits = {}});

  // Patients of recurrences, one after the other; each counts where it differs from the one before.
  const Shared<u64> recurrent = engine.ring<u64>().from_bit(recurrences(engine, sorted, n));
  const oblivious::Rearrangement to_front = oblivious::compaction(engine, recurrent);
  const Shared<u64> patient = oblivious::apply(engine, to_front, mpc::slice(sorted.words[0], 1, n - 1));
  const SortKey by_patient{.values = patient, .bits = patient_bits};
  const SharedBits first = oblivious::group_starts(engine, std::span(&by_patient, 1));
  const Shared<u64> number = mpc::repeat(mpc::sum_blocks(recurrent, n - 1), n - 1);
  const SharedBits counts =
      oblivious::less_than(engine, oblivious::row_numbers<u64>(engine, n - 1), number, patient_bits);
  return oblivious::open_count(engine, engine.and_bits(first, counts));
}

u64 plain_recurrent_patients(const Infections& infections) {
  std::vector<std::tuple<u64, u64, u64>> table;
  for (std::size_t i = 0; i < infections.patient.size(); ++i) {
    table.emplace_back(infections.patient[i], infections.diagnosis[i], infections.day[i]);
  }
  std::sort(table.begin(), table.end());
  std::set<u64> patients;
  for (std::size_t i = 1; i < table.size(); ++i) {
    const auto& [patient, diagnosis, day] = table[i];
    const auto& [patient_before, diagnosis_before, day_before] = table[i - 1];
    const u64 later = day - day_before;
    if (patient == patient_before && diagnosis == diagnosis_before && later >= earliest && later <= latest) {
      patients.insert(patient);
    }
  }
  return patients.size();
}

}  // namespace cohortium::bench
