#include "oblivious/polynomial.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "oblivious/fixed_point.h"

namespace cohortium::oblivious {
namespace {

// t, t^2, …, t^degree: each level doubles how many are known, in one batch.
template <RingWord W>
std::vector<Shared<W>> powers_of(Engine& engine, const Shared<W>& t, std::size_t degree, int fraction_bits) {
  std::vector<Shared<W>> powers{t};
  while (powers.size() < degree) {
    const std::size_t fresh = std::min(powers.size(), degree - powers.size());
    const auto low = mpc::concatenate(std::span<const Shared<W>>(powers.data(), fresh));
    const auto products = multiply_fixed(engine, low, mpc::tile(powers.back(), fresh), fraction_bits);
    for (std::size_t i = 0; i < fresh; ++i) powers.push_back(mpc::slice(products, i * t.size, t.size));
  }
  return powers;
}

}  // namespace

template <RingWord W>
Shared<W> polynomial(Engine& engine, const Shared<W>& t, std::span<const std::int64_t> coefficients,
                     int fraction_bits) {
  constexpr bool wide = mpc::bits_of<W> == 128;
  COHORTIUM_CHECK(coefficients.size() >= 3 && fraction_bits >= 1 && fraction_bits <= (wide ? 60 : 28));
  const int scale_bits = wide ? coefficient_bits : 61 - fraction_bits;
  const std::size_t degree = coefficients.size() - 1, low = (degree + 1) / 2;
  const auto powers = powers_of(engine, t, low, fraction_bits);
  // The sum of coefficients[from + k] t^k for k <= count, with scale_bits more fraction bits.
  const auto combine = [&](std::size_t from, std::size_t count) {
    const auto coefficient = [&](std::size_t k) {
      const int drop = coefficient_bits - scale_bits;
      const mpc::i128 half = drop > 0 ? mpc::i128{1} << (drop - 1) : 0;
      return static_cast<W>((mpc::i128{coefficients[from + k]} + half) >> drop);
    };
    auto sum = constant_fill(engine, t.size, static_cast<W>(coefficient(0) << fraction_bits));
    for (std::size_t k = 1; k <= count; ++k) sum = mpc::add(sum, mpc::scale(powers[k - 1], coefficient(k)));
    return sum;
  };
  const auto upper = engine.truncate(combine(low, degree - low), scale_bits);
  return mpc::add(engine.truncate(combine(0, low - 1), scale_bits),
                  engine.multiply_truncate(upper, powers[low - 1], fraction_bits));
}

std::vector<std::int64_t> economised(std::span<const std::int64_t> coefficients, int precision) {
  COHORTIUM_CHECK(precision >= 0 && precision < coefficient_bits && coefficients.size() <= 32);
  constexpr int guard = 24;
  std::vector<mpc::i128> exact(coefficients.begin(), coefficients.end());
  for (auto& c : exact) c <<= guard;
  // Chebyshev's polynomials by powers: T_n = 2 t T_(n-1) - T_(n-2).
  std::vector<std::vector<mpc::i128>> chebyshev{{1}, {0, 1}};
  while (chebyshev.size() < coefficients.size()) {
    std::vector<mpc::i128> next{0};
    for (mpc::i128 c : chebyshev.back()) next.push_back(2 * c);
    const auto& before = chebyshev[chebyshev.size() - 2];
    for (std::size_t k = 0; k < before.size(); ++k) next[k] -= before[k];
    chebyshev.push_back(std::move(next));
  }
  mpc::i128 left = mpc::i128{1} << (coefficient_bits + guard - precision);
  while (exact.size() > 3) {
    const auto& top = chebyshev[exact.size() - 1];
    const mpc::i128 factor = exact.back() / top.back();
    left -= factor < 0 ? -factor : factor;
    if (left <= mpc::i128{1} << guard) break;
    for (std::size_t k = 0; k < top.size(); ++k) exact[k] -= factor * top[k];
    exact.pop_back();
  }
  std::vector<std::int64_t> result;
  for (mpc::i128 c : exact) result.push_back(static_cast<std::int64_t>((c + (mpc::i128{1} << (guard - 1))) >> guard));
  return result;
}

template Shared<u64> polynomial(Engine&, const Shared<u64>&, std::span<const std::int64_t>, int);
template Shared<u128> polynomial(Engine&, const Shared<u128>&, std::span<const std::int64_t>, int);

}  // namespace cohortium::oblivious
