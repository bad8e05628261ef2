#include "oblivious/logarithm.h"

#include <array>
#include <cstdint>

#include "base/error.h"
#include "oblivious/fixed_point.h"
#include "oblivious/normalise.h"
#include "oblivious/polynomial.h"

namespace cohortium::oblivious {
namespace {

// ln((3 + t) / 4) on [-1, 1] by powers of t, off by less than 2^-61: the interpolant at 23 Chebyshev nodes, rounded to
// 62 bits.
constexpr std::array<std::int64_t, 23> logarithm_of_mantissa = {-1326699391278092920,
                                                                1537228672809129323,
                                                                -256204778801521557,
                                                                56934395289225116,
                                                                -14233598822306146,
                                                                3795626352664273,
                                                                -1054340653519933,
                                                                301240186128531,
                                                                -87861720937474,
                                                                26033106442081,
                                                                -7809932010662,
                                                                2366630012033,
                                                                -723136720611,
                                                                222545580448,
                                                                -68883581688,
                                                                21358503551,
                                                                -6674020484,
                                                                2174206876,
                                                                -684854517,
                                                                159858560,
                                                                -50460821,
                                                                38581164,
                                                                -12305144};

constexpr u128 logarithm_of_two = u128{0xB17217F7} << 64 | 0xD1CF79ABC9E3B398;  // 96 fraction bits

}  // namespace

// In units of 2^-f: 2 if the mantissa was rounded, 3.1 from the polynomial, 1/2 from the exponent's part, 2 from the
// economised degree; a sixteenth of this and the last rounding remain.
template <RingWord W>
Shared<W> natural_logarithm(Engine& engine, const Shared<W>& d, int bits, int input_fraction_bits, int fraction_bits) {
  constexpr int limit = mpc::bits_of<W> == 128 ? 54 : 24;
  COHORTIUM_CHECK(bits >= 1 && bits <= 54 && input_fraction_bits >= 0 && input_fraction_bits <= bits);
  COHORTIUM_CHECK(fraction_bits >= 1 && fraction_bits <= limit);
  const int f = fraction_bits + 4;
  const Normalised<W> normalised = normalise(engine, d, bits);
  const auto mantissa = bits > f ? engine.multiply_truncate(d, normalised.scale, bits - f)
                                 : mpc::scale(engine.multiply(d, normalised.scale), W{1} << (f - bits));
  // t = 4 C - 3
  const auto t = mpc::subtract(mpc::scale(mantissa, W{4}), constant_fill(engine, d.size, W{3} << f));
  const auto multiple = [f](int exponent) {
    return static_cast<W>((static_cast<u128>(exponent) * logarithm_of_two + (u128{1} << (95 - f))) >> (96 - f));
  };
  const auto exponent_part = by_top_bit<W>(engine, normalised, f + 6, [&](int top) { return multiple(top + 1); });
  const auto shift = constant_fill(engine, d.size, multiple(input_fraction_bits));
  const auto coefficients = economised(logarithm_of_mantissa, fraction_bits + 3);
  return engine.truncate(mpc::subtract(mpc::add(polynomial(engine, t, coefficients, f), exponent_part), shift),
                         f - fraction_bits);
}

template Shared<u64> natural_logarithm(Engine&, const Shared<u64>&, int, int, int);
template Shared<u128> natural_logarithm(Engine&, const Shared<u128>&, int, int, int);

}  // namespace cohortium::oblivious
