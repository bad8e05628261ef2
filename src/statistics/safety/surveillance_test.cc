// Boundaries of surveillance against published critical values.
#include "statistics/safety/surveillance.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cohortium::statistics {
namespace {

// Looks all the time are looks at the latest moments at which the c-th event would signal.
double error_of_continuous_looks(double last, double critical_value) {
  std::vector<double> moments;
  std::vector<std::uint64_t> boundaries;
  for (std::uint64_t c = 1;; ++c) {
    double low = 0, high = static_cast<double>(c);  // the ratio falls with mu
    for (int i = 0; i < 100; ++i) {
      const double mu = (low + high) / 2, n = static_cast<double>(c);
      (mu - n + n * std::log(n / mu) >= critical_value ? low : high) = mu;
    }
    if (low >= last) break;
    moments.push_back(low);
    boundaries.push_back(c);
  }
  moments.push_back(last);
  boundaries.push_back(boundaries.empty() ? 1 : boundaries.back() + 1);
  return poisson_error(moments, boundaries);
}

// Kulldorff et al. (2011), table 1: critical values of continuous surveillance with alpha 0.05.
TEST(Surveillance, EqualsPublishedCriticalValuesOfPoissonData) {
  for (const auto& [last, critical_value] :
       {std::pair(1.0, 2.853937), {2.0, 3.046977}, {5.0, 3.297183}, {10.0, 3.467952}})
    EXPECT_NEAR(error_of_continuous_looks(last, critical_value), 0.05, 1e-6) << last;
}

TEST(Surveillance, LooksInGroupsSpendAtMostAlpha) {
  const std::vector<double> expected{1, 2.5, 3, 6, 10};
  const double critical_value = poisson_critical_value(expected, 0.05);
  std::vector<std::uint64_t> boundaries, below;
  for (const double mu : expected) {
    boundaries.push_back(poisson_boundary(mu, critical_value));
    below.push_back(poisson_boundary(mu, critical_value - 1e-6));
  }
  EXPECT_LE(poisson_error(expected, boundaries), 0.05);
  EXPECT_GT(poisson_error(expected, below), 0.05);
  EXPECT_LT(critical_value, 3.467952);  // fewer looks than all the time
}

TEST(Surveillance, BinomialLooksByHand) {
  // Exposed with probability 1/2, up to two events: only two of two can signal, with ratio 2 ln 2.
  EXPECT_NEAR(binomial_error(2, 0.5, 2 * std::log(2.0) - 1e-12), 0.25, 1e-15);
  EXPECT_NEAR(binomial_error(2, 0.5, 2 * std::log(2.0) + 1e-12), 0, 1e-15);
  EXPECT_EQ(binomial_boundary(10, 0.5, 3), 9u);  // 9 ln 1.8 + ln 0.2 = 3.68, 8 ln 1.6 + 2 ln 0.4 = 1.93
  const double critical_value = binomial_critical_value(60, 0.5, 0.05);
  EXPECT_LE(binomial_error(60, 0.5, critical_value), 0.05);
  EXPECT_GT(binomial_error(60, 0.5, critical_value - 1e-6), 0.05);
}

}  // namespace
}  // namespace cohortium::statistics
