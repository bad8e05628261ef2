// Boundaries against published tables.
#include "statistics/trials/group_sequential.h"

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

struct Plan {
  Spending spending, futility;
  double alpha, beta;
  std::vector<double> looks, efficacy, bounds;
  double drift;
};

// tests/golden/futility_boundaries.R: R's rpact.
const Plan plans[] = {
    {Spending::kObrienFleming,
     Spending::kObrienFleming,
     0.025,
     0.1,
     {1 / 3.0, 2 / 3.0, 1},
     {3.7103028733, 2.5114274845, 1.9930474833},
     {-0.6945411659, 1.0024595610},
     3.3363895543},
    {Spending::kPocock,
     Spending::kPocock,
     0.05,
     0.2,
     fifths,
     {2.1762114531, 2.1437477097, 2.1132852659, 2.0895991996, 2.0709984228},
     {-0.1943443648, 0.4864247176, 1.0204139617, 1.5023947279},
     3.0594071251},
    {Spending::kObrienFleming,
     Spending::kPocock,
     0.025,
     0.1,
     {0.3, 0.5, 1},
     {3.9285725426, 2.9656182304, 1.9686389789},
     {0.1905711897, 0.7110631266},
     3.5114168440},
};

TEST(GroupSequential, BoundariesForFutilityEqualThoseOfRpact) {
  for (const Plan& plan : plans) {
    Futility futility{.spending = plan.futility, .beta = plan.beta};
    futility.drift = planned_drift(plan.spending, plan.alpha, futility, plan.looks);
    EXPECT_NEAR(futility.drift, plan.drift, 1e-6);
    const auto looks = group_sequential(plan.spending, plan.alpha, false, plan.looks);
    expect_boundaries(looks, plan.efficacy, 1e-6);
    const auto found = futility_boundaries(looks, futility);
    for (std::size_t i = 0; i < plan.bounds.size(); ++i) EXPECT_NEAR(found[i], plan.bounds[i], 1e-6) << i;
    EXPECT_EQ(found.back(), looks.back().boundary);
  }
}

// The same script, by mvtnorm: the drift of the first plan, looks at other fractions than planned.
TEST(GroupSequential, BoundariesForFutilityFollowTheLooksThatAreTaken) {
  const Futility futility{.beta = 0.1, .drift = 3.3363895543};
  const auto looks = group_sequential(Spending::kObrienFleming, 0.025, false, {0.4, 0.6, 1});
  const auto found = futility_boundaries(looks, futility);
  EXPECT_NEAR(found[0], -0.2432446123, 1e-6);
  EXPECT_NEAR(found[1], 0.7164041538, 1e-6);
  EXPECT_EQ(found[2], looks[2].boundary);
  // So far, what comes later does not matter.
  EXPECT_EQ(futility_boundaries({looks[0], looks[1]}, futility)[1], found[1]);
}

TEST(GroupSequential, WithoutLooksTheDriftIsThatOfOneTest) {
  EXPECT_NEAR(planned_drift(Spending::kObrienFleming, 0.025, {.beta = 0.1}, {1}),
              1.959963984540054 + 1.2815515655446004, 1e-8);
}

}  // namespace
}  // namespace cohortium::statistics
