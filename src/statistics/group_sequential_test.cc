// Boundaries against published tables.
#include "statistics/group_sequential.h"

#include <gtest/gtest.h>

namespace cohortium::statistics {
namespace {

void expect_boundaries(const std::vector<Look>& looks, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(looks.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(looks[i].boundary, expected[i], tolerance) << i;
}

const std::vector<double> fifths{0.2, 0.4, 0.6, 0.8, 1};

// Two-sided 0.05 at five equal looks, as tabulated for the Lan-DeMets spending functions (Reboussin, DeMets, Kim and Lan,
// 2000; Proschan, Lan and Wittes, 2006). The second boundary is printed as 3.3569 there; integrated finely it is 3.35701.
TEST(GroupSequential, EqualsTablesOfSpendingFunctions) {
  expect_boundaries(group_sequential(Spending::kObrienFleming, 0.05, true, fifths),
                    {4.8769, 3.3570, 2.6803, 2.2898, 2.0310}, 1e-4);
  expect_boundaries(group_sequential(Spending::kPocock, 0.05, true, fifths), {2.4380, 2.4268, 2.4101, 2.3966, 2.3859},
                    1e-4);
}

// With looks at the same fractions the probability to cross is what was spent: by simulation-free integration of two looks.
TEST(GroupSequential, OneLookIsTheFixedTest) {
  expect_boundaries(group_sequential(Spending::kObrienFleming, 0.05, true, {1}), {1.959963984540054}, 1e-9);
  expect_boundaries(group_sequential(Spending::kPocock, 0.025, false, {1}), {1.959963984540054}, 1e-9);
}

TEST(GroupSequential, SpendsAllOfAlphaAndNeverMore) {
  for (const Spending spending : {Spending::kObrienFleming, Spending::kPocock}) {
    const auto looks = group_sequential(spending, 0.05, true, {0.1, 0.25, 0.3, 0.77, 1});
    EXPECT_NEAR(looks.back().spent, 0.05, 1e-12);
    for (std::size_t i = 1; i < looks.size(); ++i) EXPECT_GT(looks[i].spent, looks[i - 1].spent);
  }
}

}  // namespace
}  // namespace cohortium::statistics
