// The composed mechanism: loss of what is released, exactly by its distribution, and by what is drawn.
#include "release/noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "mpc/simulate.h"
#include "release/privacy_loss.h"

namespace cohortium::release {
namespace {

using mpc::Engine;
using mpc::Shared;
using mpc::u128;
using mpc::u64;

// The least delta of the discrete Gaussian mechanism at epsilon, summed over all outcomes.
double exact_delta(double shift, double variance, double epsilon) {
  double all = 0, delta = 0;
  const double reach = 60 * std::sqrt(variance) + 60;
  const auto weight = [&](double x) { return std::exp(-x * x / (2 * variance)); };
  for (double x = -std::ceil(reach); x <= reach; ++x) all += weight(x);
  for (double x = -std::ceil(reach); x <= reach; ++x)
    delta += std::max(0.0, weight(x) - std::exp(epsilon) * weight(x - shift));
  return delta / all;
}

TEST(PrivacyLoss, EpsilonHoldsAndIsNotLoose) {
  for (double rho : {0.005, 0.05, 0.5, 2.0}) {
    for (double delta : {1e-4, 1e-6, 1e-10}) {
      const std::uint64_t variance = gaussian_variance(1, rho);
      const double loss = gaussian_loss(1, variance), epsilon = epsilon_of(loss, delta);
      EXPECT_LE(loss, rho * (1 + 1e-12));
      const double exact = exact_delta(1, static_cast<double>(variance), epsilon);
      EXPECT_LE(exact, delta) << rho << ' ' << delta;
      EXPECT_GE(exact_delta(1, static_cast<double>(variance), 0.8 * epsilon), exact);
      // Never worse than the simpler bound of Bun and Steinke, proposition 1.3.
      EXPECT_LE(epsilon, loss + 2 * std::sqrt(loss * std::log(1 / delta)));
      EXPECT_GE(epsilon, 0.5 * (loss + 2 * std::sqrt(loss * std::log(1 / delta))));
    }
  }
  EXPECT_EQ(epsilon_of(0, 1e-6), 0);
}

TEST(Noise, IsTheLeastThatKeepsTheRule) {
  const Noise gaussian = noise_for({.rho = 0.1, .epsilon = {}, .rows_per_person = 2}, 3);
  EXPECT_EQ(gaussian.variance, 60u);  // 3 * 4 / (2 * 0.1)
  EXPECT_LE(gaussian_loss(3 * 4, *gaussian.variance), 0.1 * (1 + 1e-12));
  EXPECT_GT(gaussian_loss(3 * 4, *gaussian.variance - 1), 0.1);
  const Noise laplace = noise_for({.rho = {}, .epsilon = 0.5, .rows_per_person = 2}, 3);
  EXPECT_DOUBLE_EQ(*laplace.scale, 12);
}

TEST(Noise, ErrorsAreQuantiles) {
  const auto outside = [](const Noise& noise, double bound) {
    double all = 0, beyond = 0;
    for (double x = -20000; x <= 20000; ++x) {
      const double weight = noise.variance ? std::exp(-x * x / (2.0 * static_cast<double>(*noise.variance)))
                                           : std::exp(-std::abs(x) / *noise.scale);
      all += weight;
      if (std::abs(x) > bound) beyond += weight;
    }
    return beyond / all;
  };
  for (const Noise& noise :
       {Noise{.variance = 1, .scale = {}}, Noise{.variance = 50, .scale = {}}, Noise{.variance = 40000, .scale = {}},
        Noise{.variance = {}, .scale = 0.7}, Noise{.variance = {}, .scale = 30.0}}) {
    const double bound = noise.error(0.95);
    EXPECT_LE(outside(noise, bound), 0.0501);
    EXPECT_GT(outside(noise, bound - 2), 0.05);
  }
}

class Mechanism : public testing::TestWithParam<const char*> {
 protected:
  // The first of two counts, released many times.
  std::map<long, double> released(u64 count, const Noise& noise, std::size_t times) {
    const std::vector<u128> counts(times, count);
    const auto opened = mpc::simulate(GetParam(), [&](Engine& engine) {
      return engine.open(add_noise(engine, engine.constant(std::span<const u128>(counts)), noise));
    });
    std::map<long, double> frequency;
    for (u128 value : opened[0]) ++frequency[static_cast<long>(value)];
    return frequency;
  }
};

// What is released of two neighbouring sets of records differs by the factor exp(epsilon) at most, and does differ.
TEST_P(Mechanism, NeighboursAreAsAlikeAsTheRuleSays) {
  const std::size_t times = std::string_view(GetParam()) == "plaintext" ? 200000 : 30000;
  const double epsilon = 0.8;
  const Noise noise = noise_for({.rho = {}, .epsilon = epsilon, .rows_per_person = 1}, 1);
  auto with = released(6, noise, times), without = released(5, noise, times);
  double largest = 0;
  for (const auto& [value, count] : with) {
    const double other = without[value];
    if (count < 300 || other < 300) continue;
    const double ratio = std::log(count / other), deviation = std::sqrt(1 / count + 1 / other);
    EXPECT_LE(std::abs(ratio), epsilon + 6 * deviation) << value;
    largest = std::max(largest, std::abs(ratio));
  }
  EXPECT_GT(largest, 0.8 * epsilon);
}

TEST_P(Mechanism, CountsStayCounts) {
  const Noise noise{.variance = u64{1} << 20, .scale = {}};
  for (u64 count : {u64{0}, (u64{1} << 32) - 1}) {
    double at_the_end = 0;
    for (const auto& [value, times] : released(count, noise, 2000)) {
      EXPECT_GE(value, 0);
      EXPECT_LT(value, 1L << 32);
      if (value == static_cast<long>(count)) at_the_end = times;
    }
    EXPECT_NEAR(at_the_end, 1000, 7 * std::sqrt(500.0));
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, Mechanism, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::release
