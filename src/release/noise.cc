#include "release/noise.h"

#include <cmath>

#include "base/error.h"
#include "mpc/outcome.h"
#include "oblivious/compare.h"
#include "oblivious/discrete_noise.h"
#include "oblivious/fixed_point.h"
#include "release/noisy_vector.h"
#include "release/privacy_loss.h"

namespace cohortium::release {

using mpc::Shared;
using mpc::u128;
using mpc::u64;

double PrivacyRule::loss() const { return rho ? *rho : laplace_loss(*epsilon); }

Noise noise_for(const PrivacyRule& rule, std::size_t vectors) { return noise_for(rule, vectors, 1); }

double Noise::standard_deviation() const {
  if (variance) return std::sqrt(static_cast<double>(*variance));  // at most, of a discrete Gaussian
  const double q = std::exp(-1 / *scale);
  return std::sqrt(2 * q) / (1 - q);
}

// The least whole number that is not exceeded with the probability asked for.
double Noise::error(double confidence) const {
  COHORTIUM_CHECK(confidence > 0 && confidence < 1);
  if (scale) {  // P(|X| > m) = 2 q^(m + 1) / (1 + q)
    const double q = std::exp(-1 / *scale);
    return std::max(0.0, std::ceil(std::log((1 - confidence) * (1 + q) / 2) / std::log(q) - 1));
  }
  const double v = static_cast<double>(*variance);
  // Beyond a hundred the continuous distribution is as good.
  if (v > 1e4) {
    double low = 0, high = 40;
    while (high - low > 1e-9) ((std::erf((low + high) / 2) < confidence) ? low : high) = (low + high) / 2;
    return std::ceil(high * std::sqrt(2 * v));
  }
  double all = 1;
  for (double x = 1; x * x < 100 * v; ++x) all += 2 * std::exp(-x * x / (2 * v));
  double within = 1, bound = 0;
  while (within < confidence * all) within += 2 * std::exp(-(bound + 1) * (bound + 1) / (2 * v)), ++bound;
  return bound;
}

double Noise::distance() const {
  return variance ? oblivious::gaussian_distance(*variance) : oblivious::laplace_distance(*scale);
}

Shared<u128> add_noise(mpc::Engine& engine, const Shared<u128>& counts, const Noise& noise) {
  constexpr u64 largest = (u64{1} << mpc::count_bits) - 1;
  const Shared<u128> drawn = noise.variance ? oblivious::discrete_gaussian(engine, *noise.variance, counts.size)
                                            : oblivious::discrete_laplace(engine, *noise.scale, counts.size);
  // Noise stays below 2^47, so 64 bits hold the sum.
  const Shared<u64> sum = narrow(add(counts, drawn));
  const Shared<u64> from_zero = engine.keep_where(engine.not_bits(engine.bit(sum, 63)), sum);
  const Shared<u64> most = oblivious::constant_fill(engine, counts.size, largest);
  const Shared<u64> clamped = oblivious::select(engine, oblivious::less_than(engine, most, from_zero), most, from_zero);
  return oblivious::widen(engine, clamped, mpc::count_bits);
}

}  // namespace cohortium::release
