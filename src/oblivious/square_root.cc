#include "oblivious/square_root.h"

#include <algorithm>

#include "base/error.h"
#include "oblivious/fixed_point.h"
#include "oblivious/normalise.h"

namespace cohortium::oblivious {
namespace {

constexpr u128 root_of_two = 6521908912666391106;  // sqrt(2), 62 fraction bits

// 2^(halves / 2) with `fraction_bits` fraction bits, rounded down; the result is below 2^124.
u128 power_of_root(int halves, int fraction_bits) {
  const int whole = halves >> 1;  // rounds down, also below zero
  const u128 odd = halves & 1 ? root_of_two : u128{1} << 62;
  const int shift = fraction_bits + whole - 62;
  if (shift <= -127) return 0;
  return shift >= 0 ? odd << shift : odd >> -shift;
}

int newton_steps(int precision) { return precision <= 14 ? 1 : precision <= 28 ? 2 : precision <= 55 ? 3 : 4; }

template <RingWord W>
struct Root {
  Normalised<W> normalised;
  Shared<W> mantissa;      // C, f fraction bits, off by at most 1 unit
  Shared<W> inverse_root;  // 1/sqrt(C), f + 4 fraction bits
};

template <RingWord W>
Root<W> inverse_root_of(Engine& engine, const Shared<W>& d, int bits, int f, int precision) {
  Root<W> root{.normalised = normalise(engine, d, bits), .mantissa = {}, .inverse_root = {}};
  const auto& scale = root.normalised.scale;
  root.mantissa = bits > f ? engine.multiply_truncate(d, scale, bits - f)
                           : mpc::scale(engine.multiply(d, scale), W{1} << (f - bits));
  root.inverse_root = inverse_root_of_mantissa(engine, root.mantissa, f, precision);
  return root;
}

}  // namespace

// In units of 2^-f: C y and C y^2 are rounded, so
// 1 - C y^2 is off by 1 + 1.42, and y by 1.8 at most, plus 1.42 for each unit by which C is off.
template <RingWord W>
Shared<W> inverse_root_of_mantissa(Engine& engine, const Shared<W>& mantissa, int f, int precision) {
  COHORTIUM_CHECK(2 * f + 5 <= mpc::bits_of<W> - 1);
  const auto one = constant_fill(engine, mantissa.size, W{1} << f);
  const auto square = engine.multiply_truncate(mantissa, mantissa, f);
  auto y = mpc::add(mpc::subtract(mpc::scale(square, W{12}), mpc::scale(mantissa, W{31})), mpc::scale(one, W{35}));
  for (int step = newton_steps(precision); step > 0; --step) {
    const auto root = engine.multiply_truncate(mantissa, y, f + 4);  // sqrt(C), nearly
    const auto e = mpc::subtract(one, engine.multiply_truncate(root, y, f + 4));
    y = mpc::add(y, engine.multiply_truncate(y, e, f + 1));
  }
  return y;
}

template <RingWord W>
Shared<W> inverse_square_root(Engine& engine, const Shared<W>& d, int bits, int fraction_bits) {
  constexpr int limit = mpc::bits_of<W> == 128 ? 56 : 24;
  COHORTIUM_CHECK(bits >= 1 && bits <= 54 && fraction_bits >= 1 && fraction_bits <= limit);
  const int f = fraction_bits + 4;
  const Root<W> root = inverse_root_of(engine, d, bits, f, fraction_bits + 2);
  // 2^(-e/2) with e = top + 1, below 1.
  const auto power =
      by_top_bit<W>(engine, root.normalised, f, [f](int top) { return static_cast<W>(power_of_root(-(top + 1), f)); });
  return engine.multiply_truncate(root.inverse_root, power, 2 * f + 4 - fraction_bits);
}

template <RingWord W>
Shared<W> square_root(Engine& engine, const Shared<W>& d, int bits, int fraction_bits) {
  constexpr int limit = mpc::bits_of<W> == 128 ? 55 : 24;
  const int whole = (bits + 1) / 2;  // sqrt(d) < 2^whole
  COHORTIUM_CHECK(bits >= 1 && bits <= 54 && fraction_bits >= 1 && bits / 2 + fraction_bits <= limit);
  const int f = fraction_bits + whole + 4;
  const Root<W> root = inverse_root_of(engine, d, bits, f, fraction_bits + whole + 2);
  const auto fraction = engine.multiply_truncate(root.mantissa, root.inverse_root, f + 4);  // sqrt(C)
  // The power's error counts once; the product stays below 2^(f + g + whole).
  const int g = fraction_bits + 3;
  const auto power = by_top_bit<W>(engine, root.normalised, g + whole + 1,
                                   [g](int top) { return static_cast<W>(power_of_root(top + 1, g)); });
  return engine.multiply_truncate(fraction, power, f + g - fraction_bits);
}

#define COHORTIUM_FOR_RING(W)                                                  \
  template Shared<W> inverse_square_root(Engine&, const Shared<W>&, int, int); \
  template Shared<W> square_root(Engine&, const Shared<W>&, int, int);         \
  template Shared<W> inverse_root_of_mantissa(Engine&, const Shared<W>&, int, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::oblivious
