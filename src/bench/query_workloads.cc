// Queries over medical records by which secure query engines are compared, as workloads.
#include "bench/comorbidity.h"
#include "bench/inputs.h"
#include "bench/recurrent_infection.h"
#include "bench/workload.h"

namespace cohortium::bench {
namespace {

Workload comorbidity_workload() {
  return make_workload(
      "comorbidity", "ten most frequent diagnoses of a cohort a tenth as large, elements = diagnoses", 10'000,
      [](Engine& engine, std::size_t n) {
        const Diagnoses made = make_diagnoses(n);
        return SharedDiagnoses{share_from_first<u64>(engine, made.cohort.size(), [&] { return made.cohort; }),
                               share_from_first<u64>(engine, n, [&] { return made.patient; }),
                               share_from_first<u64>(engine, n, [&] { return made.code; })};
      },
      [](Engine& engine, const SharedDiagnoses& in) { return comorbidity(engine, in); },
      [](Engine&, const std::vector<Frequency>& out, std::size_t n) -> std::string {
        return out == plain_comorbidity(make_diagnoses(n)) ? "" : "the frequencies are wrong";
      });
}

Workload recurrent_infection_workload() {
  return make_workload(
      "rcdiff", "patients with the same diagnosis again 15 to 56 days later, elements = rows", 9'989,
      [](Engine& engine, std::size_t n) {
        const Infections made = make_infections(n);
        return SharedInfections{share_from_first<u64>(engine, n, [&] { return made.patient; }),
                                share_from_first<u64>(engine, n, [&] { return made.day; }),
                                share_from_first<u64>(engine, n, [&] { return made.diagnosis; })};
      },
      [](Engine& engine, const SharedInfections& in) { return recurrent_patients(engine, in); },
      [](Engine&, u64 out, std::size_t n) -> std::string {
        return out == plain_recurrent_patients(make_infections(n)) ? "" : "the number of patients is wrong";
      });
}

}  // namespace

std::vector<Workload> query_workloads() { return {comorbidity_workload(), recurrent_infection_workload()}; }

}  // namespace cohortium::bench
