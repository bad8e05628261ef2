#include "oblivious/division.h"

#include <algorithm>

#include "base/error.h"
#include "oblivious/fixed_point.h"
#include "oblivious/normalise.h"

namespace cohortium::oblivious {
namespace {

// 1/C for C in [1/2, 1) with f fraction bits of which the last 3 are zero. A step adds at most 1 unit for C w, doubled
// by its factor w <= 2, and 1 for the product: the result is off by at most 3 units and what Newton leaves (below 1
// unit).
Shared<u128> reciprocal(Engine& engine, const Shared<u128>& mantissa, const Shared<u128>& eighth_mantissa, int f) {
  const std::size_t n = mantissa.size;
  const auto slope = mpc::subtract(mpc::scale(mantissa, u128{2}), eighth_mantissa);  // 15/8 C
  auto w = mpc::subtract(constant_fill(engine, n, mpc::encode_fixed<u128>(2.819, f)), slope);
  const auto two = constant_fill(engine, n, u128{2} << f);
  const int steps = f <= 31 ? 3 : 4;  // 0.0596^8 < 2^-32, 0.0596^16 < 2^-65
  for (int step = 0; step < steps; ++step) {
    const auto product = multiply_fixed(engine, mantissa, w, f);
    w = multiply_fixed(engine, w, mpc::subtract(two, product), f);
  }
  return w;
}

}  // namespace

Shared<u128> divide(Engine& engine, const Shared<u128>& numerator, const Shared<u128>& denominator,
                    int denominator_bits, int fraction_bits) {
  const int length = denominator_bits;
  COHORTIUM_CHECK(length >= 1 && length <= 54 && fraction_bits >= 1 && fraction_bits <= 57);
  // Working precision: 3 guard bits for the error of w, and room for C / 8.
  const int f = std::max(fraction_bits, length) + 3;

  Shared<u128> scaled_numerator;
  const Normalised d = normalise(engine, denominator, length, numerator, scaled_numerator);
  const auto eighth = mpc::scale(d.mantissa, u128{1} << (f - length - 3));
  const auto w = reciprocal(engine, mpc::scale(eighth, u128{8}), eighth, f);
  // numerator * scale < 2^length and w <= 2: the product has length + f fraction bits and stays below 2^(length + f +
  // 2).
  return engine.truncate(engine.multiply(scaled_numerator, w), length + f - fraction_bits);
}

}  // namespace cohortium::oblivious
