#include "mpc/ring.h"

#include <cmath>
#include <type_traits>

#include "base/error.h"

namespace cohortium::mpc {
namespace {

template <RingWord W>
using Signed = std::conditional_t<sizeof(W) == 8, std::int64_t, i128>;

}  // namespace

template <RingWord W>
W encode_fixed(double x, int fraction_bits) {
  const double scaled = std::round(std::ldexp(x, fraction_bits));
  COHORTIUM_CHECK(std::abs(scaled) < std::ldexp(1.0, bits_of<W> - 1));
  return static_cast<W>(static_cast<Signed<W>>(scaled));
}

template <RingWord W>
double decode_fixed(W element, int fraction_bits) {
  return std::ldexp(static_cast<double>(static_cast<Signed<W>>(element)), -fraction_bits);
}

template u64 encode_fixed<u64>(double, int);
template u128 encode_fixed<u128>(double, int);
template double decode_fixed<u64>(u64, int);
template double decode_fixed<u128>(u128, int);

}  // namespace cohortium::mpc
