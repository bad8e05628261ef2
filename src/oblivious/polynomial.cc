#include "oblivious/polynomial.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "oblivious/fixed_point.h"

namespace cohortium::oblivious {
namespace {

// t, t^2, …, t^degree: each level doubles how many are known, in one batch.
std::vector<Shared<u128>> powers_of(Engine& engine, const Shared<u128>& t, std::size_t degree, int fraction_bits) {
  std::vector<Shared<u128>> powers{t};
  while (powers.size() < degree) {
    const std::size_t fresh = std::min(powers.size(), degree - powers.size());
    const auto low = mpc::concatenate(std::span<const Shared<u128>>(powers.data(), fresh));
    const auto products = multiply_fixed(engine, low, mpc::tile(powers.back(), fresh), fraction_bits);
    for (std::size_t i = 0; i < fresh; ++i) powers.push_back(mpc::slice(products, i * t.size, t.size));
  }
  return powers;
}

}  // namespace

Shared<u128> polynomial(Engine& engine, const Shared<u128>& t, std::span<const std::int64_t> coefficients,
                        int fraction_bits) {
  COHORTIUM_CHECK(coefficients.size() >= 2 && fraction_bits <= 60);
  const auto powers = powers_of(engine, t, coefficients.size() - 1, fraction_bits);
  const auto signed_word = [](std::int64_t c) { return static_cast<u128>(static_cast<mpc::i128>(c)); };
  auto sum = constant_fill(engine, t.size, signed_word(coefficients[0]) << fraction_bits);
  for (std::size_t k = 1; k < coefficients.size(); ++k) {
    sum = mpc::add(sum, mpc::scale(powers[k - 1], signed_word(coefficients[k])));
  }
  return engine.truncate(sum, coefficient_bits);
}

}  // namespace cohortium::oblivious
