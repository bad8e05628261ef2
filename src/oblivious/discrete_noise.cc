#include "oblivious/discrete_noise.h"

#include <bit>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "oblivious/biased_coins.h"
#include "oblivious/boolean.h"
#include "oblivious/probability.h"

namespace cohortium::oblivious {
namespace {

// A coin's bias is off by a unit of 2^-64 at most.
constexpr double coin_distance = 0x1p-64;
// exp(-45) is below 2^-64.
constexpr double tail = 45;

// Binary digits of a geometric number, P(m) proportional to exp(-m / scale), above which next to nothing lies.
int digits_of(double scale) {
  int digits = 1;
  while (std::ldexp(1.0, digits) < tail * scale) ++digits;
  return digits;
}

// Planes of digits, lowest first. Digit i is 1 with odds exp(-2^i / scale), whatever the others are.
std::vector<SharedBits> geometric(Engine& engine, double scale, std::size_t count) {
  const int digits = digits_of(scale);
  std::vector<u64> probabilities;
  for (int i = 0; i < digits; ++i) {
    probabilities.insert(probabilities.end(), count, logistic_probability(std::ldexp(1.0, i) / scale));
  }
  const SharedBits coins = biased_coins(engine, probabilities);
  std::vector<SharedBits> planes;
  for (int i = 0; i < digits; ++i) planes.push_back(mpc::slice(coins, i * count, count));
  return planes;
}

Shared<u128> number(Engine& engine, const std::vector<SharedBits>& planes) {
  return engine.ring<u128>().from_bits(planes);
}

// What a Gaussian of this variance is made of.
struct GaussianPlan {
  explicit GaussianPlan(u64 variance_) : variance(variance_) {
    COHORTIUM_CHECK(variance >= 1 && static_cast<double>(variance) <= largest_noise);
    scale = static_cast<u64>(std::sqrt(static_cast<double>(variance))) + 1;
    magnitude_digits = digits_of(static_cast<double>(scale));
    // |m scale - variance| for all m below 2^digits.
    const u128 furthest = std::max<u128>((u128{1} << magnitude_digits) * scale, variance);
    square_digits = 0;
    while ((u128{1} << square_digits) < furthest) ++square_digits;
    square_digits *= 2;
  }
  u64 variance, scale;
  int magnitude_digits, square_digits;
};

// Which proposals are thrown away: m with sign is kept with probability exp(-(m scale - variance)^2 / (2 variance
// scale^2)), a product of one factor for each digit of the square; and of 0 and -0 only one counts.
SharedBits rejected(Engine& engine, const GaussianPlan& plan, const std::vector<SharedBits>& magnitude,
                    const SharedBits& negative) {
  const std::size_t count = negative.size;
  const Shared<u128> off = subtract(mpc::scale(number(engine, magnitude), u128{plan.scale}),
                                    engine.constant(std::vector<u128>(count, u128{plan.variance})));
  const std::vector<SharedBits> square = engine.to_bits(engine.multiply(off, off), plan.square_digits);
  const double divisor =
      2.0 * static_cast<double>(plan.variance) * static_cast<double>(plan.scale) * static_cast<double>(plan.scale);
  std::vector<u64> probabilities;
  for (int i = 0; i < plan.square_digits; ++i) {
    probabilities.insert(probabilities.end(), count, complement_probability(std::ldexp(1.0, i) / divisor));
  }
  const SharedBits coins = biased_coins(engine, probabilities);
  std::vector<SharedBits> factors, digits = square;
  for (int i = 0; i < plan.square_digits; ++i) factors.push_back(mpc::slice(coins, i * count, count));
  factors.push_back(negative);
  digits.push_back(engine.not_bits(or_all(engine, magnitude)));
  return or_all(engine, and_each(engine, digits, factors));
}

// So many that fewer than `count` are kept with probability below 2^-40: at least 0.43 of them are kept on average (of
// variance 1; 0.54 and more of others), and the surplus is seven standard deviations.
std::size_t proposals_for(std::size_t count) {
  const double n = static_cast<double>(count);
  return static_cast<std::size_t>(std::ceil(2.5 * n + 12 * std::sqrt(n) + 90));
}

std::vector<std::size_t> first_kept(Engine& engine, const SharedBits& dropped, std::size_t count) {
  const std::vector<u64> kept = engine.open_coins(engine.not_bits(dropped));
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < dropped.size && indices.size() < count; ++i) {
    if (kept[i / 64] >> (i % 64) & 1) indices.push_back(i);
  }
  if (indices.size() < count) {
    throw Failure({.code = "release.noise_exhausted",
                   .message = "too few proposals of random noise were kept, which happens once in 2^40 runs",
                   .remedy = "run the study again"});
  }
  return indices;
}

}  // namespace

Shared<u128> discrete_laplace(Engine& engine, double scale, std::size_t count) {
  COHORTIUM_CHECK(scale >= 0x1p-20 && scale <= largest_noise);
  if (count == 0) return engine.constant(std::span<const u128>());
  const Shared<u128> both = number(engine, geometric(engine, scale, 2 * count));
  return subtract(slice(both, 0, count), slice(both, count, count));
}

Shared<u128> discrete_gaussian(Engine& engine, u64 variance, std::size_t count) {
  const GaussianPlan plan(variance);
  if (count == 0) return engine.constant(std::span<const u128>());
  const std::size_t proposals = proposals_for(count);
  std::vector<SharedBits> magnitude = geometric(engine, static_cast<double>(plan.scale), proposals);
  SharedBits negative = engine.random_bits(proposals);
  const auto kept = first_kept(engine, rejected(engine, plan, magnitude, negative), count);
  for (SharedBits& plane : magnitude) plane = mpc::gather(plane, kept);
  negative = mpc::gather(negative, kept);
  const Shared<u128> value = number(engine, magnitude);
  return subtract(value, mpc::scale(engine.keep_where(negative, value), u128{2}));
}

double laplace_distance(double scale) {
  const int digits = digits_of(scale);
  return 2 * (digits * coin_distance + std::exp(-std::ldexp(1.0, digits) / scale));
}

double gaussian_distance(u64 variance) {
  const GaussianPlan plan(variance);
  const double scale = static_cast<double>(plan.scale);
  const double proposal = (plan.magnitude_digits + plan.square_digits) * coin_distance +
                          std::exp(-std::ldexp(1.0, plan.magnitude_digits) / scale);
  return 2 * proposal / 0.43;  // given that it is kept
}

}  // namespace cohortium::oblivious
