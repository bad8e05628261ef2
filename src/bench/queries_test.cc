// The queries over medical records against plain loops, from empty tables on.
#include <gtest/gtest.h>

#include "bench/comorbidity.h"
#include "bench/inputs.h"
#include "bench/recurrent_infection.h"
#include "mpc/simulate.h"

namespace cohortium::bench {
namespace {

constexpr std::size_t table_sizes[] = {0, 1, 2, 15, 300, 3000};

TEST(Queries, Comorbidity) {
  for (std::size_t n : table_sizes) {
    const Diagnoses made = make_diagnoses(n);
    const auto results = mpc::simulate("replicated3", [&](Engine& e) {
      return comorbidity(e, {.cohort = share_from_first<u64>(e, made.cohort.size(), [&] { return made.cohort; }),
                             .patient = share_from_first<u64>(e, n, [&] { return made.patient; }),
                             .code = share_from_first<u64>(e, n, [&] { return made.code; })});
    });
    for (const auto& result : results) EXPECT_EQ(result, plain_comorbidity(made)) << n;
    if (n == 3000) {
      EXPECT_EQ(results[0].size(), most_frequent);
    }
  }
}

TEST(Queries, RecurrentInfection) {
  for (std::size_t n : table_sizes) {
    const Infections made = make_infections(n);
    const auto results = mpc::simulate("replicated3", [&](Engine& e) {
      return recurrent_patients(e, {.patient = share_from_first<u64>(e, n, [&] { return made.patient; }),
                                    .day = share_from_first<u64>(e, n, [&] { return made.day; }),
                                    .diagnosis = share_from_first<u64>(e, n, [&] { return made.diagnosis; })});
    });
    for (u64 result : results) EXPECT_EQ(result, plain_recurrent_patients(made)) << n;
    if (n == 3000) {
      EXPECT_GT(results[0], 100u);
    }
  }
}

// The limits of the time between two infections belong to it.
TEST(Queries, RecurrencesFrom15To56DaysCount) {
  Infections made;
  for (u64 later : {14, 15, 56, 57}) {
    for (u64 day : {u64{100}, 100 + later}) {
      made.patient.push_back(later);
      made.day.push_back(day);
      made.diagnosis.push_back(1);
    }
  }
  const auto share = [](Engine& e, const std::vector<u64>& values) {
    return share_from_first<u64>(e, values.size(), [&] { return values; });
  };
  const auto results = mpc::simulate("replicated3", [&](Engine& e) {
    return recurrent_patients(
        e, {.patient = share(e, made.patient), .day = share(e, made.day), .diagnosis = share(e, made.diagnosis)});
  });
  EXPECT_EQ(results[0], 2u);
  EXPECT_EQ(plain_recurrent_patients(made), 2u);
}

}  // namespace
}  // namespace cohortium::bench
