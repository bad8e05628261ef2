// The composed mechanism: counts and sums of different sensitivity within one loss, on neighbouring sets of records.
#include "release/noisy_vector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/error.h"
#include "mpc/simulate.h"

namespace cohortium::release {
namespace {

using mpc::Engine;
using mpc::i128;
using mpc::u128;

constexpr std::uint64_t most = 1000;  // of a sum's change

class NoisyVector : public testing::TestWithParam<const char*> {
 protected:
  std::size_t times() const { return std::string_view(GetParam()) == "plaintext" ? 200000 : 20000; }

  // One count and one sum, released together many times; the sum to the width of `most`.
  std::map<std::pair<long, long>, double> released(u128 count, i128 sum, const PrivacyRule& rule) {
    std::vector<u128> values(times(), count);
    values.insert(values.end(), times(), static_cast<u128>(sum));
    const std::vector<NoisyStretch> stretches{{.size = times(), .noise = noise_for(rule, 2, 1), .people = true},
                                              {.size = times(), .noise = noise_for(rule, 2, most), .people = false}};
    const auto opened = mpc::simulate(GetParam(), [&](Engine& engine) {
      return engine.open(add_noise(engine, engine.constant(std::span<const u128>(values)), stretches));
    });
    std::map<std::pair<long, long>, double> frequency;
    for (std::size_t i = 0; i < times(); ++i) {
      const auto noisy = static_cast<double>(static_cast<i128>(opened[0][times() + i]));
      ++frequency[{static_cast<long>(opened[0][i]), std::lround(noisy / double{most})}];
    }
    return frequency;
  }
};

// The person that one set has more: one in the count, all that a row can add to the sum.
TEST_P(NoisyVector, NeighboursAreAsAlikeUnderLaplaceNoiseAsTheRuleSays) {
  const PrivacyRule rule{.rho = {}, .epsilon = 1.2, .rows_per_person = 1};
  auto with = released(21, -4 * i128{most}, rule), without = released(20, -5 * i128{most}, rule);
  double largest = 0;
  for (const auto& [outcome, count] : with) {
    const double other = without[outcome];
    if (count < 150 || other < 150) continue;
    const double ratio = std::log(count / other), deviation = std::sqrt(1 / count + 1 / other);
    EXPECT_LE(std::abs(ratio), *rule.epsilon + 6 * deviation) << outcome.first << ' ' << outcome.second;
    largest = std::max(largest, std::abs(ratio) - 3 * deviation);
  }
  EXPECT_GT(largest, 0.6 * *rule.epsilon);
}

// Of order 1 the divergence that zCDP bounds is that of Kullback and Leibler, here estimated from frequencies. Outcomes that
// are seldom count as one: taking outcomes together never adds to a divergence.
template <class Outcome>
double divergence(const std::map<Outcome, double>& with, std::map<Outcome, double> without, double all) {
  double sum = 0, seen = 0, other_seen = 0;
  for (const auto& [outcome, count] : with) {
    const double other = without[outcome];
    if (count < 20 || other < 20) continue;
    sum += count / all * std::log(count / other);
    seen += count / all;
    other_seen += other / all;
  }
  if (seen < 1 && other_seen < 1) sum += (1 - seen) * std::log((1 - seen) / (1 - other_seen));
  return sum;
}

// What tells the two sets apart is the sum of both numbers, each in units of its change: it has few outcomes, so nearly none
// are seldom, and what is lost of the divergence is little.
std::map<long, double> told_apart(const std::map<std::pair<long, long>, double>& frequency) {
  std::map<long, double> sums;
  for (const auto& [outcome, count] : frequency) sums[outcome.first + outcome.second] += count;
  return sums;
}

TEST_P(NoisyVector, NeighboursAreAsAlikeUnderGaussianNoiseAsTheRuleSays) {
  const PrivacyRule rule{.rho = 0.3, .epsilon = {}, .rows_per_person = 1};
  const auto with = released(21, -4 * i128{most}, rule), without = released(20, -5 * i128{most}, rule);
  const auto all = static_cast<double>(times());
  EXPECT_LE(divergence(with, without, all), *rule.rho + 0.03);
  const double of_sums = divergence(told_apart(with), told_apart(without), all);
  EXPECT_LE(of_sums, *rule.rho + 0.03);
  EXPECT_GE(of_sums, 0.7 * *rule.rho);
}

TEST_P(NoisyVector, StretchesStayInTheirPlaces) {
  const std::vector<u128> values{1000000, 2000000, static_cast<u128>(i128{-3000000}), 4000000, 5000000};
  const Noise small{.variance = 1, .scale = {}}, large{.variance = 100, .scale = {}};
  const std::vector<NoisyStretch> stretches{{.size = 1, .noise = small, .people = true},
                                            {.size = 2, .noise = large, .people = false},
                                            {.size = 1, .noise = small, .people = true},
                                            {.size = 1, .noise = large, .people = true}};
  const auto opened = mpc::simulate(GetParam(), [&](Engine& engine) {
    return engine.open(add_noise(engine, engine.constant(std::span<const u128>(values)), stretches));
  });
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_NEAR(static_cast<double>(static_cast<i128>(opened[0][i])), static_cast<double>(static_cast<i128>(values[i])),
                200)
        << i;
}

INSTANTIATE_TEST_SUITE_P(Protocols, NoisyVector, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST(NoiseFor, GrowsWithWhatARowAdds) {
  const PrivacyRule gaussian{.rho = 0.5, .epsilon = {}, .rows_per_person = 2};
  EXPECT_EQ(noise_for(gaussian, 3, 4096).variance, 3u * 4 * 4096 * 4096);
  EXPECT_DOUBLE_EQ(*noise_for({.rho = {}, .epsilon = 0.5, .rows_per_person = 2}, 3, 4096).scale, 3 * 2 * 4096 / 0.5);
}

TEST(NoiseFor, RefusesWhatCannotBeDrawn) {
  const auto refused = attempt([] { return noise_for({.rho = 1e-6, .epsilon = {}, .rows_per_person = 100}, 9, 4096); });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, "study.noise_too_large");
}

}  // namespace
}  // namespace cohortium::release
