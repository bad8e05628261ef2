// The course of a comparison sort depends on the order of shuffled rows, which is uniformly random: its cost is a random
// number, whose distribution the forecast and the keys must not change.
#include <gtest/gtest.h>

#include <random>

#include "mpc/forecast/forecast.h"
#include "mpc/simulate.h"
#include "oblivious/sort.h"

namespace cohortium::conformance {
namespace {

using mpc::Engine;
using mpc::u64;

void sort(Engine& engine, const std::vector<u64>& keys) {
  const bool mine = engine.self() == 0;
  const auto shared = engine.share(0, mine ? std::span<const u64>(keys) : std::span<const u64>(), keys.size());
  oblivious::sort(engine, {.values = shared, .bits = 32}, oblivious::SortMethod::kComparison);
}

constexpr std::size_t n = 3000;

std::vector<u64> random_keys() {
  std::mt19937_64 random(1);
  std::vector<u64> keys(n);
  for (u64& key : keys) key = random() >> 32;
  return keys;
}

mpc::Cost measure(const std::vector<u64>& keys) {
  return mpc::simulate("replicated3", [&](Engine& engine) {
    sort(engine, keys);
    return engine.cost();
  })[0];
}

TEST(ComparisonSort, ForecastIsNearTheMeasuredCost) {
  const mpc::Cost measured = measure(random_keys());
  const auto forecast = mpc::make_forecast_engine("replicated3", 0);
  sort(*forecast, random_keys());
  const auto near = [](std::uint64_t a, std::uint64_t b, double share) {
    EXPECT_NEAR(static_cast<double>(a), static_cast<double>(b), share * static_cast<double>(b));
  };
  near(forecast->cost().bytes_sent, measured.bytes_sent, 0.1);
  near(forecast->cost().rounds, measured.rounds, 0.3);
}

TEST(ComparisonSort, CostDoesNotTellKeysApart) {
  std::vector<u64> sorted = random_keys();
  std::sort(sorted.begin(), sorted.end());
  const auto reference = static_cast<double>(measure(random_keys()).bytes_sent);
  for (const auto& keys : {std::vector<u64>(n, 5), sorted}) {
    EXPECT_NEAR(static_cast<double>(measure(keys).bytes_sent), reference, 0.1 * reference);
  }
}

}  // namespace
}  // namespace cohortium::conformance
