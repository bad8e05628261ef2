#include "oblivious/exponential.h"

#include <array>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "oblivious/fixed_point.h"
#include "oblivious/polynomial.h"

namespace cohortium::oblivious {
namespace {

constexpr u128 binary_log_of_e = 6653256548922161246;  // 62 fraction bits

// 2^(t/2) on [-1, 1] by powers of t, off by less than 2^-61: the interpolant at 13 Chebyshev nodes, rounded to 62 bits.
constexpr std::array<std::int64_t, 13> root_of_power = {4611686018427387904,
                                                        1598288580650331955,
                                                        276962305849733589,
                                                        31995940236854083,
                                                        2772236970567485,
                                                        192156823998741,
                                                        11099413398358,
                                                        549537652093,
                                                        23806904600,
                                                        916757351,
                                                        31772420,
                                                        1003554,
                                                        28973};

// The product over the bits of m of (bit ? 2^(2^j) : 1), exact.
Shared<u128> power_of_two(Engine& engine, const Shared<u128>& bits, int range) {
  const std::size_t n = bits.size / range;
  std::vector<Shared<u128>> factors;
  for (int j = 0; j < range; ++j) {
    const u128 step = (u128{1} << (1 << j)) - 1;
    factors.push_back(mpc::add(mpc::scale(mpc::slice(bits, j * n, n), step), constant_fill(engine, n, u128{1})));
  }
  while (factors.size() > 1) {
    const std::size_t half = factors.size() / 2;
    const auto products = engine.multiply(mpc::concatenate(std::span<const Shared<u128>>(factors.data(), half)),
                                          mpc::concatenate(std::span<const Shared<u128>>(factors.data() + half, half)));
    std::vector<Shared<u128>> next;
    for (std::size_t i = 0; i < half; ++i) next.push_back(mpc::slice(products, i * n, n));
    if (factors.size() % 2 != 0) next.push_back(factors.back());
    factors = std::move(next);
  }
  return factors[0];
}

}  // namespace

Shared<u128> exponential(Engine& engine, const Shared<u128>& x, int range, int fraction_bits) {
  COHORTIUM_CHECK(range >= 1 && range <= 5 && fraction_bits >= 1);
  const int offset = 1 << (range - 1);
  COHORTIUM_CHECK(fraction_bits + offset <= 55);
  const int f = fraction_bits + offset + 3;  // the error of 2^r is scaled by up to 2^(offset - 1)

  // y = x log2(e) + offset + 1/2, in (0, 2^range): m + offset is its integer part, r its fraction less 1/2.
  const auto y = mpc::add(engine.truncate(mpc::scale(x, binary_log_of_e), fraction_bits + coefficient_bits - f),
                          constant_fill(engine, x.size, (static_cast<u128>(offset) << f) + (u128{1} << (f - 1))));
  std::vector<SharedBits> planes = engine.to_bits(mpc::narrow(y), f + range);
  planes.erase(planes.begin(), planes.begin() + f);
  const auto bits = engine.ring<u128>().from_bit(mpc::concatenate(std::span<const SharedBits>(planes)));

  auto r = mpc::subtract(y, constant_fill(engine, x.size, u128{1} << (f - 1)));
  for (int j = 0; j < range; ++j) {
    r = mpc::subtract(r, mpc::scale(mpc::slice(bits, j * x.size, x.size), u128{1} << (f + j)));
  }
  const auto fraction = polynomial(engine, mpc::scale(r, u128{2}), root_of_power, f);
  return engine.truncate(engine.multiply(fraction, power_of_two(engine, bits, range)), f + offset - fraction_bits);
}

}  // namespace cohortium::oblivious
