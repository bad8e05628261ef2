#include "oblivious/exponential.h"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "base/error.h"
#include "oblivious/fixed_point.h"
#include "oblivious/one_hot.h"
#include "oblivious/public_table.h"

namespace cohortium::oblivious {
namespace {

constexpr int table_index_bits = 6;                                             // e^x = 2^m 2^(j/64) e^z
constexpr u128 binary_log_of_e = 94548;                                         // 16 fraction bits
constexpr u128 logarithm_of_two = u128{0xB17217F7} << 64 | 0xD1CF79ABC9E3B398;  // 96 fraction bits

// 2^(1/2), 2^(1/4), …, 2^(1/64) with 62 fraction bits.
constexpr std::array<u64, table_index_bits> roots_of_two = {6521908912666391106, 5484249825272419512,
                                                            5029079263719320435, 4815862801830788490,
                                                            4712668792719003884, 4661903986662671290};

// 2^((j - 1) / 64), the table's entry for j, with f <= 60 fraction bits: off by less than 2^-59 before it is rounded.
u128 power_of_two(int j, int f) {
  const int index = (j + 63) % 64;
  u128 product = u128{1} << 62;
  for (int i = 0; i < table_index_bits; ++i) {
    if ((index >> (table_index_bits - 1 - i) & 1) != 0) product = (product * roots_of_two[i]) >> 62;
  }
  const int drop = 62 - f + (j == 0 ? 1 : 0);
  return (product + (u128{1} << (drop - 1))) >> drop;
}

struct Precision {
  int table;      // fraction bits of 2^(j/64)
  int remainder;  // fraction bits of z
  int exponent;   // bits of m
  bool in_two_steps;
};

template <RingWord W>
Precision precision_of(const ExponentialDomain& domain) {
  constexpr bool wide = mpc::bits_of<W> == 128;
  const int result = domain.highest + domain.fraction_bits, span = domain.lowest + domain.highest;
  COHORTIUM_CHECK(domain.lowest >= 0 && domain.highest >= 0 && domain.fraction_bits >= 1);
  COHORTIUM_CHECK(span <= (wide ? 63 : 31) && result <= (wide ? 54 : 31));
  Precision p{};
  p.table = result + 2;
  p.remainder = result + 3;
  p.exponent = std::max(1, static_cast<int>(std::bit_width(static_cast<unsigned>(span))));
  p.in_two_steps = p.table + span + 1 > mpc::bits_of<W> - 2;
  return p;
}

// e^z - 1 for |z| <= 1.02 ln 2 / 64, f fraction bits: off by 2.7 units and 2^-22 (result_bits up to 19), 2^-39 (up to
// 36) or 2^-58.
template <RingWord W>
Shared<W> taylor(Engine& engine, const Shared<W>& z, int f, int result_bits) {
  const auto constant = [&](u64 value) { return constant_fill(engine, z.size, static_cast<W>(W{value} << f)); };
  if (result_bits <= 19) return mpc::add(z, engine.multiply_truncate(z, z, f + 1));
  const auto square = engine.multiply_truncate(z, z, f);
  // `sum` / factorial, rounded once.
  const auto divided = [&](const Shared<W>& sum, u64 factorial, int bits) {
    return mpc::add(z, engine.truncate(mpc::scale(sum, ((W{1} << bits) + factorial / 2) / factorial), bits));
  };
  if (result_bits <= 36) {  // 24 (z^2 / 2 + z^3 / 6 + z^4 / 24) = z^2 (12 + 4 z + z^2)
    const auto upper = mpc::add(mpc::add(square, mpc::scale(z, W{4})), constant(12));
    return divided(engine.multiply_truncate(square, upper, f), 24, std::max(f - 5, 10));
  }
  // 720 (z^2 / 2 + … + z^6 / 720) = 360 z^2 + z^3 (120 + 30 z + 6 z^2 + z^3)
  const auto cube = engine.multiply_truncate(square, z, f);
  const auto upper = mpc::add(mpc::add(cube, mpc::scale(square, W{6})), mpc::add(mpc::scale(z, W{30}), constant(120)));
  return divided(mpc::add(mpc::scale(square, W{360}), engine.multiply_truncate(cube, upper, f)), 720, f);
}

// value * 2^(m - lowest), m given one-hot or, for two steps, in bits; in the end with f fraction bits.
template <RingWord W>
Shared<W> raised(Engine& engine, const Shared<W>& value, std::span<const SharedBits> m, const Precision& p,
                 const ExponentialDomain& domain) {
  const int shift = p.table + domain.lowest - domain.fraction_bits;
  auto& ring = engine.ring<W>();
  if (!p.in_two_steps) {
    std::vector<SharedBits> powers = demultiplex(engine, {m.begin(), m.end()});
    powers.resize(domain.lowest + domain.highest + 1);
    return engine.multiply_truncate(value, ring.from_bits(powers), shift);
  }
  const auto small = ring.from_bits(demultiplex(engine, {m.begin(), m.begin() + 4}));
  const auto large =
      mpc::add(mpc::scale(ring.from_bit(m[4]), (W{1} << 16) - 1), constant_fill(engine, value.size, W{1}));
  const int drop = std::max(p.table - (mpc::bits_of<W> - 34), 0);  // room for the second step
  const auto first = drop > 0 ? engine.multiply_truncate(value, small, drop) : engine.multiply(value, small);
  return engine.multiply_truncate(first, large, shift - drop);
}

Shared<u64> low_words(const Shared<u64>& a) { return a; }
Shared<u64> low_words(const Shared<u128>& a) { return mpc::narrow(a); }

}  // namespace

u128 multiple_of_ln2(int count, int fraction_bits) {
  COHORTIUM_CHECK(count >= 0 && count <= 1000 && fraction_bits >= 0 && fraction_bits <= 90);
  return (logarithm_of_two * static_cast<u128>(count)) >> (96 - fraction_bits);
}

// Errors relative to the largest result, 2^(result bits): e^z - 1 0.34, its series 0.13, the table and its product 0.38;
// and 1 for the last rounding.
template <RingWord W>
Shared<W> exponential(Engine& engine, const Shared<W>& x, const ExponentialDomain& domain) {
  constexpr int h = table_index_bits;
  const Precision p = precision_of<W>(domain);
  const int f = domain.fraction_bits;
  // 64 (x log2(e) + lowest) + 1, off by at most 1.03: never below 0.
  const W origin = (static_cast<W>(domain.lowest) << h) + 1;
  const auto index = mpc::add(engine.truncate(mpc::scale(x, static_cast<W>(binary_log_of_e)), f + 16 - h),
                              constant_fill(engine, x.size, origin));
  const std::vector<SharedBits> planes = engine.to_bits(low_words(index), p.exponent + h);
  const auto j = demultiplex(engine, {planes.begin(), planes.begin() + h});
  std::vector<W> table;
  for (int i = 0; i < 1 << h; ++i) table.push_back(static_cast<W>(power_of_two(i, p.table)));
  const auto fine = read_table(engine, std::span<const SharedBits>(j), std::span<const W>(table), p.table + 1);

  // z = x - (index - origin) ln 2 / 64, first with so many fraction bits that rounding ln 2 does not count.
  const int wide = std::max(p.remainder + p.exponent + h + 2, f);
  const W step = static_cast<W>((logarithm_of_two + (u128{1} << (96 + h - wide - 1))) >> (96 + h - wide));
  const auto steps = mpc::subtract(index, constant_fill(engine, x.size, origin));
  const auto z =
      engine.truncate(mpc::subtract(mpc::scale(x, W{1} << (wide - f)), mpc::scale(steps, step)), wide - p.remainder);
  const auto growth = taylor(engine, z, p.remainder, domain.highest + f);
  const auto value = mpc::add(fine, engine.multiply_truncate(fine, growth, p.remainder));
  return raised(engine, value, std::span(planes).subspan(h), p, domain);
}

template <RingWord W>
Shared<W> exponential(Engine& engine, const Shared<W>& x, int range, int fraction_bits) {
  COHORTIUM_CHECK(range >= 1 && range <= 5);
  const int lowest = 1 << (range - 1);
  return exponential(engine, x,
                     ExponentialDomain{.lowest = lowest, .highest = lowest - 1, .fraction_bits = fraction_bits});
}

template <RingWord W>
Shared<W> exponential_saturated(Engine& engine, const Shared<W>& x, int highest, int fraction_bits) {
  const ExponentialDomain domain{.lowest = fraction_bits + 2, .highest = highest, .fraction_bits = fraction_bits};
  const auto low =
      constant_fill(engine, x.size, static_cast<W>(-static_cast<W>(multiple_of_ln2(domain.lowest, fraction_bits))));
  const auto high = constant_fill(engine, x.size, static_cast<W>(multiple_of_ln2(highest, fraction_bits)));
  // x + (x < low) (low - x) + (high < x) (high - x), both choices in one batch.
  const std::array missing{mpc::subtract(low, x), mpc::subtract(high, x)};
  const std::array differences{mpc::negate(missing[0]), missing[1]};
  const auto outside = engine.bit(mpc::concatenate(std::span<const Shared<W>>(differences)), mpc::bits_of<W> - 1);
  const auto moves = engine.keep_where(outside, mpc::concatenate(std::span<const Shared<W>>(missing)));
  const auto inside = mpc::add(x, mpc::add(mpc::slice(moves, 0, x.size), mpc::slice(moves, x.size, x.size)));
  return exponential(engine, inside, domain);
}

#define COHORTIUM_FOR_RING(W)                                                          \
  template Shared<W> exponential(Engine&, const Shared<W>&, const ExponentialDomain&); \
  template Shared<W> exponential(Engine&, const Shared<W>&, int, int);                 \
  template Shared<W> exponential_saturated(Engine&, const Shared<W>&, int, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::oblivious
