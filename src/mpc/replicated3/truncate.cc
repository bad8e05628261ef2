// Division by 2^f, off by at most one unit in the last place, always.
//
// Let x' = x + 2^(k-2), which lies in [0, 2^(k-1)), and x' = a + b mod 2^k, where party 0 knows a = x0 + x1 + 2^(k-2)
// and parties 1 and 2 know b = x2. Because the top bit of x' is 0, the sum a + b wraps exactly when a or b has its top
// bit set. Hence
//
//   floor(x' / 2^f) = (a >> f) + (b >> f) - 2^(k-f) * (top(a) or top(b)) + {0 or 1},
//
// the last term being the carry out of the low f bits, which is left out; adding 1 instead centres the error: the
// result minus x / 2^f lies in (-1, 1]. The "or" is a choice by top(b) between top(a) and 1: one joint-choice transfer.
//
// Security   semi-honest, 1 corruption of 3 (joint-choice transfer). The last digit of the result depends on a, which
//            is uniform: as a function, this is a rounding with a random threshold that party 0 knows
// Reveals    nothing
// Rounds     1
// Sent       party 0: 4k bits per element; parties 1 and 2: k bits each
// Requires   |x| < 2^(k-2), 1 <= f <= k-2
// Source     the derivation above; the carry is left out as in Catrina and Saxena, Financial Cryptography 2010
#include "mpc/bit_planes.h"
#include "mpc/replicated3/lane.h"

namespace cohortium::mpc {

template <RingWord W>
void Lane::truncate(ConstParts<W> a, std::size_t count, int bits, Parts<W> out) {
  constexpr int k = bits_of<W>;
  Choice<W> choice{.if_zero = {}, .if_one = {}, .bits = {}, .count = count};

  if (self() == 0) {
    const W offset = W{1} << (k - 2), wrap = W{1} << (k - bits), centre = W{1} - (offset >> bits);
    Buffer<W> zero(count), one(count);
    for (std::size_t i = 0; i < count; ++i) {
      const W first = a.first[i] + a.second[i] + offset;
      const W quotient = (first >> bits) + centre;
      zero[i] = quotient - wrap * (first >> (k - 1));
      one[i] = quotient - wrap;
    }
    choice.if_zero = zero;
    choice.if_one = one;
    choice_transfer(choice, out);
    return;
  }

  const int common = self() == 1 ? 1 : 0;  // where this party holds x2
  const Buffer<W> second(a[common], a[common] + count);
  const Buffer<u64> top = to_plane(std::span<const W>(second), k - 1);
  choice.bits = top;
  choice_transfer(choice, out);
  for (std::size_t i = 0; i < count; ++i) out[common][i] += second[i] >> bits;
}

template <RingWord W>
Cost LaneCost::multiply_truncate(std::size_t results) const {
  Cost cost = reshare<W>(results);
  return cost += truncate<W>(results);
}

#define COHORTIUM_FOR_RING(W)                                      \
  template Cost LaneCost::multiply_truncate<W>(std::size_t) const; \
  template void Lane::truncate(ConstParts<W>, std::size_t, int, Parts<W>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
