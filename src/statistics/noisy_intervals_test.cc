// Coverage of limits that know the noise, by simulation: of true values many, of samples many, each with noise.
#include "statistics/noisy_intervals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace cohortium::statistics {
namespace {

// Discrete noise by its distribution function.
class Sampler {
 public:
  explicit Sampler(const AddedNoise& noise) {
    if (noise.deviation == 0) return;
    const double variance = noise.deviation * noise.deviation, scale = noise.deviation / std::sqrt(2.0);
    reach_ = static_cast<int>(std::ceil(20 * noise.deviation));
    std::vector<double> weights;
    for (int x = -reach_; x <= reach_; ++x)
      weights.push_back(noise.laplace ? std::exp(-std::abs(x) / scale) : std::exp(-x * x / (2 * variance)));
    draw_ = std::discrete_distribution<int>(weights.begin(), weights.end());
  }
  double operator()(std::mt19937_64& random) { return draw_(random) - reach_; }

 private:
  int reach_ = 0;
  std::discrete_distribution<int> draw_{1.0};
};

constexpr int repetitions = 20000;

// How often the limits hold p, where the released counts are never below 0, as release/noise.h leaves them.
double proportion_coverage(double p, int people, const AddedNoise& noise, const AddedNoise& known) {
  std::mt19937_64 random(1);
  std::binomial_distribution<int> events(people, p);
  Sampler sampler(noise);
  int covered = 0;
  for (int i = 0; i < repetitions; ++i) {
    const int with = events(random);
    const double noisy = std::max(0.0, with + sampler(random)), rest = std::max(0.0, people - with + sampler(random));
    if (noisy + rest <= 0) continue;
    const Limits limits = proportion_limits(noisy, noisy + rest, 0.95, known);
    covered += limits.lower <= p && p <= limits.upper;
  }
  return covered / double{repetitions};
}

double rate_coverage(double rate, double time, const AddedNoise& of_events, const AddedNoise& of_time,
                     const AddedNoise& known_of_events, const AddedNoise& known_of_time) {
  std::mt19937_64 random(2);
  std::poisson_distribution<int> events(rate * time);
  Sampler on_events(of_events), on_time(of_time);
  int covered = 0;
  for (int i = 0; i < repetitions; ++i) {
    const double noisy = std::max(0.0, events(random) + on_events(random)), lasted = time + on_time(random);
    const auto limits = rate_limits(noisy, lasted, 0.95, known_of_events, known_of_time);
    covered += limits && limits->lower <= rate && rate <= limits->upper;
  }
  return covered / double{repetitions};
}

// As R's prop.test(x, n, correct = FALSE)$conf.int.
TEST(NoisyIntervals, WithoutNoiseAreWilsons) {
  const Limits some = proportion_limits(30, 100, 0.95, {});
  EXPECT_NEAR(some.lower, 0.2189489, 5e-7);
  EXPECT_NEAR(some.upper, 0.3958485, 5e-7);
  const Limits none = proportion_limits(0, 20, 0.95, {});
  EXPECT_NEAR(none.lower, 0, 1e-12);
  EXPECT_NEAR(none.upper, 0.1611252, 5e-7);
}

TEST(NoisyIntervals, HoldProportionsAsOftenAsTheySay) {
  for (const bool laplace : {false, true}) {
    for (const int people : {100, 1000}) {
      for (const double p : {0.05, 0.3, 0.5, 0.9}) {
        for (const double deviation : {1.0, 3.0, 10.0}) {
          const AddedNoise noise{.deviation = deviation, .laplace = laplace};
          const double coverage = proportion_coverage(p, people, noise, noise);
          EXPECT_GE(coverage, 0.935) << people << ' ' << p << ' ' << deviation << ' ' << laplace;
        }
      }
    }
  }
}

// What would be told without knowing of the noise.
TEST(NoisyIntervals, HoldThemLessOftenWhereTheyDoNotKnowTheNoise) {
  EXPECT_LT(proportion_coverage(0.3, 100, {.deviation = 10}, {}), 0.75);
  EXPECT_LT(rate_coverage(0.02, 1000, {.deviation = 10}, {.deviation = 30}, {}, {}), 0.75);
}

TEST(NoisyIntervals, HoldRatesAsOftenAsTheySay) {
  for (const bool laplace : {false, true}) {
    for (const double rate : {0.02, 0.1}) {
      for (const double deviation : {1.0, 5.0}) {
        const AddedNoise events{.deviation = deviation, .laplace = laplace},
            time{.deviation = 10 * deviation, .laplace = laplace};
        const double coverage = rate_coverage(rate, 1000, events, time, events, time);
        EXPECT_GE(coverage, 0.93) << rate << ' ' << deviation << ' ' << laplace;
      }
    }
  }
}

TEST(NoisyIntervals, SayNothingWhereNoiseIsAll) {
  const Limits limits = proportion_limits(3, 10, 0.95, {.deviation = 100});
  EXPECT_EQ(limits.lower, 0);
  EXPECT_EQ(limits.upper, 1);
  EXPECT_FALSE(rate_limits(3, -5, 0.95, {.deviation = 10}, {.deviation = 100}));
  EXPECT_EQ(rate_limits(3, 5, 0.95, {.deviation = 10}, {.deviation = 100})->lower, 0);
}

}  // namespace
}  // namespace cohortium::statistics
