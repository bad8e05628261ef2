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

// 1/sqrt(C) for C in [1/2, 1) with f fraction bits of which the last 4 are zero; `sixteenth` is C/16. A step adds: 1
// unit for y^2, 1 for C y^2, both times y / 2 < 0.71, and half a unit and rounding for the product: at most 3 units in
// all.
Shared<u128> inverse_root(Engine& engine, const Shared<u128>& mantissa, const Shared<u128>& sixteenth, int f) {
  const std::size_t n = mantissa.size;
  auto y = mpc::subtract(constant_fill(engine, n, mpc::encode_fixed<u128>(1.79, f)), mpc::scale(sixteenth, u128{13}));
  const auto three = constant_fill(engine, n, u128{3} << f);
  const int steps = f <= 36 ? 3 : 4;  // 0.0227 -> 7.8e-4 -> 9e-7 -> 1.3e-12 -> 2.3e-24
  for (int step = 0; step < steps; ++step) {
    const auto square = multiply_fixed(engine, y, y, f);
    const auto product = multiply_fixed(engine, mantissa, square, f);
    y = engine.truncate(engine.multiply(y, mpc::subtract(three, product)), f + 1);
  }
  return y;
}

struct Root {
  Normalised normalised;
  Shared<u128> mantissa;      // C, f fraction bits
  Shared<u128> inverse_root;  // 1/sqrt(C), f fraction bits
};

Root inverse_root_of(Engine& engine, const Shared<u128>& d, int bits, int f) {
  Root root{.normalised = normalise(engine, d, bits), .mantissa = {}, .inverse_root = {}};
  const auto sixteenth = mpc::scale(root.normalised.mantissa, u128{1} << (f - bits - 4));
  root.mantissa = mpc::scale(sixteenth, u128{16});
  root.inverse_root = inverse_root(engine, root.mantissa, sixteenth, f);
  return root;
}

}  // namespace

Shared<u128> inverse_square_root(Engine& engine, const Shared<u128>& d, int bits, int fraction_bits) {
  COHORTIUM_CHECK(bits >= 1 && bits <= 54 && fraction_bits >= 1 && fraction_bits <= 56);
  const int f = std::max(fraction_bits, bits) + 4;
  const Root root = inverse_root_of(engine, d, bits, f);
  // 2^(-e/2) with e = top + 1.
  const auto power = by_top_bit(root.normalised, [f](int top) { return power_of_root(-(top + 1), f); });
  return engine.truncate(engine.multiply(root.inverse_root, power), 2 * f - fraction_bits);
}

Shared<u128> square_root(Engine& engine, const Shared<u128>& d, int bits, int fraction_bits) {
  const int whole = (bits + 1) / 2;  // sqrt(d) < 2^whole
  COHORTIUM_CHECK(bits >= 1 && bits <= 54 && fraction_bits >= 1 && bits / 2 + fraction_bits <= 55);
  const int f = std::max(fraction_bits + whole, bits) + 4;
  const Root root = inverse_root_of(engine, d, bits, f);
  const auto fraction = multiply_fixed(engine, root.mantissa, root.inverse_root, f);  // sqrt(C)
  const int g = fraction_bits + 3;  // the power's error counts once, the product stays below 2^(f + g + whole) <= 2^119
  const auto power = by_top_bit(root.normalised, [g](int top) { return power_of_root(top + 1, g); });
  return engine.truncate(engine.multiply(fraction, power), f + g - fraction_bits);
}

}  // namespace cohortium::oblivious
