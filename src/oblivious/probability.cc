#include "oblivious/probability.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "mpc/ring.h"

namespace cohortium::oblivious {
namespace {

using mpc::u128;
using std::uint64_t;

// Numbers in [0, 2) as multiples of 2^-112, so that products fit after halving both factors' digits.
constexpr int digits = 112, half_digits = digits / 2;
constexpr u128 one = u128{1} << digits;
constexpr u128 half_mask = (u128{1} << half_digits) - 1;
// The first 28 hexadecimal digits of ln 2.
constexpr u128 ln2 = u128{0xB17217F7D1CFull} << 64 | u128{0x79ABC9E3B39803F2ull};
// From here on exp(-x) is below half a unit of 2^-64.
constexpr double largest = 45.1;

// a * b, short by at most 4 units.
u128 multiply(u128 a, u128 b) {
  const u128 a_high = a >> half_digits, a_low = a & half_mask, b_high = b >> half_digits, b_low = b & half_mask;
  return a_high * b_high + (a_high * b_low >> half_digits) + (a_low * b_high >> half_digits);
}

// exp(-x) for x < 45.1: 2^-n exp(-r) with r < ln 2, whose series alternates and falls fast.
u128 exponential(double x) {
  // x < 2^6, so that it fits with 112 binary digits; what a double has beyond them is cut off.
  const u128 fixed = static_cast<u128>(std::ldexp(x, digits));
  const int shift = static_cast<int>(fixed / ln2);
  const u128 rest = fixed % ln2;
  u128 sum = one;
  for (unsigned k = 32; k > 0; --k) sum = one - multiply(rest, sum) / k;
  return sum >> shift;
}

uint64_t rounded(u128 value) {
  const u128 units = (value + (u128{1} << (digits - 65))) >> (digits - 64);
  constexpr uint64_t most = std::numeric_limits<uint64_t>::max();
  return units > most ? most : static_cast<uint64_t>(units);
}

void check(double x) { COHORTIUM_CHECK(x >= 0 && std::isfinite(x)); }

}  // namespace

uint64_t exponential_probability(double x) {
  check(x);
  return x >= largest ? 0 : rounded(exponential(x));
}

uint64_t complement_probability(double x) {
  check(x);
  return x >= largest ? std::numeric_limits<uint64_t>::max() : rounded(one - exponential(x));
}

uint64_t logistic_probability(double x) {
  check(x);
  if (x >= largest) return 0;
  // e / (1 + e), digit by digit.
  const u128 e = exponential(x), divisor = one + e;
  u128 rest = e;
  uint64_t quotient = 0;
  for (int i = 0; i < 64; ++i) {
    rest <<= 1;
    const bool digit = rest >= divisor;
    if (digit) rest -= divisor;
    quotient = quotient << 1 | uint64_t{digit};
  }
  return quotient;
}

}  // namespace cohortium::oblivious
