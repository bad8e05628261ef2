#include "release/noisy_vector.h"

#include <vector>

#include "base/error.h"
#include "oblivious/discrete_noise.h"
#include "release/privacy_loss.h"

namespace cohortium::release {
namespace {

using mpc::Shared;
using mpc::u128;

bool alike(const NoisyStretch& a, const NoisyStretch& b) {
  return a.people == b.people && a.noise.variance == b.noise.variance && a.noise.scale == b.noise.scale;
}

Shared<u128> noisy(mpc::Engine& engine, const Shared<u128>& exact, const NoisyStretch& as) {
  if (as.people) return add_noise(engine, exact, as.noise);
  return add(exact, as.noise.variance ? oblivious::discrete_gaussian(engine, *as.noise.variance, exact.size)
                                      : oblivious::discrete_laplace(engine, *as.noise.scale, exact.size));
}

}  // namespace

Noise noise_for(const PrivacyRule& rule, std::size_t vectors, std::uint64_t most) {
  COHORTIUM_CHECK(rule.rho.has_value() != rule.epsilon.has_value() && vectors > 0 && rule.rows_per_person > 0);
  // All rows of one person may add to the same element.
  const double change = static_cast<double>(most) * rule.rows_per_person, parts = static_cast<double>(vectors);
  const double needed = rule.rho ? parts * change * change / (2 * *rule.rho) : parts * change / *rule.epsilon;
  if (needed > oblivious::largest_noise) {
    throw Failure({.code = "study.noise_too_large",
                   .message = "so small a loss over so many counts and sums asks for more noise than can be drawn",
                   .where = "/release/privacy",
                   .remedy = "ask for fewer analyses, or allow a larger rho or epsilon"});
  }
  if (rule.rho) return {.variance = gaussian_variance(parts * change * change, *rule.rho), .scale = {}};
  return {.variance = {}, .scale = laplace_scale(parts * change, *rule.epsilon)};
}

Shared<u128> add_noise(mpc::Engine& engine, const Shared<u128>& values, std::span<const NoisyStretch> stretches) {
  std::vector<std::size_t> place(values.size);  // of each element among those that have got their noise
  std::vector<Shared<u128>> done;
  std::vector<bool> taken(stretches.size());
  std::size_t placed = 0;
  for (std::size_t first = 0; first < stretches.size(); ++first) {
    if (taken[first]) continue;
    std::vector<std::size_t> elements;
    std::size_t offset = 0;
    for (std::size_t i = 0; i < stretches.size(); offset += stretches[i++].size) {
      if (!alike(stretches[i], stretches[first])) continue;
      taken[i] = true;
      for (std::size_t k = 0; k < stretches[i].size; ++k) {
        place[offset + k] = placed++;
        elements.push_back(offset + k);
      }
    }
    COHORTIUM_CHECK(offset == values.size);
    done.push_back(noisy(engine, gather(values, elements), stretches[first]));
  }
  return gather(concatenate(std::span<const Shared<u128>>(done)), place);
}

}  // namespace cohortium::release
