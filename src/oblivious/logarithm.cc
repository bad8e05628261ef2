#include "oblivious/logarithm.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/error.h"
#include "oblivious/fixed_point.h"
#include "oblivious/normalise.h"
#include "oblivious/polynomial.h"

namespace cohortium::oblivious {
namespace {

constexpr u128 logarithm_of_two = 3196577161300663915;  // 62 fraction bits

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

// exponent * ln 2 with f fraction bits.
u128 multiple_of_logarithm(int exponent, int f) {
  const u128 magnitude = static_cast<u128>(std::abs(exponent)) * logarithm_of_two >> (coefficient_bits - f);
  return exponent < 0 ? -magnitude : magnitude;
}

}  // namespace

Shared<u128> natural_logarithm(Engine& engine, const Shared<u128>& d, int bits, int input_fraction_bits,
                               int fraction_bits) {
  COHORTIUM_CHECK(bits >= 1 && bits <= 54 && input_fraction_bits >= 0 && input_fraction_bits <= bits);
  COHORTIUM_CHECK(fraction_bits >= 1 && fraction_bits <= 54);
  const int f = std::max(fraction_bits, bits) + 3;
  const Normalised normalised = normalise(engine, d, bits);
  // t = 4 C - 3
  const auto t = mpc::subtract(mpc::scale(normalised.mantissa, u128{4} << (f - bits)),
                               constant_fill(engine, d.size, u128{3} << f));
  const auto exponent_part =
      by_top_bit(normalised, [&](int top) { return multiple_of_logarithm(top + 1 - input_fraction_bits, f); });
  return engine.truncate(mpc::add(polynomial(engine, t, logarithm_of_mantissa, f), exponent_part), f - fraction_bits);
}

}  // namespace cohortium::oblivious
