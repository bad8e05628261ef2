#include "statistics/hypothesis/rank_keys.h"

#include <cmath>

#include "base/error.h"

namespace cohortium::statistics {
namespace {

// To the nearest multiple of 2^-f; |x| 2^f is below 2^100.
mpc::i128 fixed(double x, int fraction_bits) {
  int exponent = 0;
  const double mantissa = std::frexp(x, &exponent);  // x = mantissa 2^exponent
  const auto digits = static_cast<std::int64_t>(std::ldexp(mantissa, 53));
  const int shift = exponent - 53 + fraction_bits;
  if (shift >= 0) return static_cast<mpc::i128>(digits) << shift;
  if (shift < -62) return 0;
  const std::int64_t half = std::int64_t{1} << (-shift - 1);
  return digits >= 0 ? (digits + half) >> -shift : -((-digits + half) >> -shift);
}

}  // namespace

RankKeys::RankKeys(double low, double high, const std::string& what, const std::string& where) {
  // high - low < 2^bits, so keys below 2^61 + 2 need no more than 62 bits.
  int bits = 0;
  std::frexp(high - low, &bits);
  fraction_bits_ = rank_key_bits - 1 - bits;
  const double size = std::ldexp(std::max(std::abs(low), std::abs(high)), fraction_bits_);
  if (!(size < 0x1p100)) {
    throw Failure({.code = "study.range_too_wide",
                   .message = "the range of " + what + " is too narrow for its distance from zero",
                   .where = where,
                   .remedy = "declare a wider range, or shift the values"});
  }
  low_ = fixed(low, fraction_bits_);
}

mpc::u64 RankKeys::key(double x) const { return static_cast<mpc::u64>(fixed(x, fraction_bits_) - low_) + 1; }

double RankKeys::value(mpc::u128 key) const {
  const mpc::i128 fixed_value = static_cast<mpc::i128>(key) - 1 + low_;
  return std::ldexp(static_cast<double>(fixed_value), -fraction_bits_);
}

}  // namespace cohortium::statistics
