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
#include "base/error.h"
#include "mpc/bit_planes.h"
#include "mpc/replicated3/replicated3.h"

namespace cohortium::mpc {

template <RingWord W>
Shared<W> Replicated3::truncate(const Shared<W>& a, int bits) {
  constexpr int k = bits_of<W>;
  COHORTIUM_CHECK(a.components == 2 && bits >= 1 && bits <= k - 2);
  Choice<W> choice{.if_zero = {}, .if_one = {}, .bits = {}, .count = a.size};

  if (self() == 0) {
    const W offset = W{1} << (k - 2), wrap = W{1} << (k - bits), centre = W{1} - (offset >> bits);
    Buffer<W> zero(a.size), one(a.size);
    for (std::size_t i = 0; i < a.size; ++i) {
      const W first = a.component[0][i] + a.component[1][i] + offset;
      const W quotient = (first >> bits) + centre;
      zero[i] = quotient - wrap * (first >> (k - 1));
      one[i] = quotient - wrap;
    }
    choice.if_zero = zero;
    choice.if_one = one;
    return choice_transfer(choice);
  }

  const int common = self() == 1 ? 1 : 0;  // where this party holds x2
  const Buffer<W>& second = a.component[common];
  const Buffer<u64> top = to_plane(std::span<const W>(second), k - 1);
  choice.bits = top;
  Shared<W> result = choice_transfer(choice);
  for (std::size_t i = 0; i < a.size; ++i) result.component[common][i] += second[i] >> bits;
  return result;
}

template <RingWord W>
Cost Replicated3Cost::multiply_truncate(std::size_t results) const {
  Cost cost = multiply<W>(results);
  return cost += truncate<W>(results);
}

template <RingWord W>
Shared<W> Replicated3::multiply_truncate(const Shared<W>& a, const Shared<W>& b, int bits) {
  return truncate(multiply(a, b), bits);
}

template <RingWord W>
Shared<W> Replicated3::dot_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t length, int bits) {
  return truncate(dot(a, b, length), bits);
}

template <RingWord W>
Shared<W> Replicated3::matrix_product_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t rows,
                                               std::size_t inner, std::size_t columns, int bits) {
  return truncate(matrix_product(a, b, rows, inner, columns), bits);
}

#define COHORTIUM_FOR_RING(W)                                                                              \
  template Shared<W> Replicated3::truncate(const Shared<W>&, int);                                         \
  template Cost Replicated3Cost::multiply_truncate<W>(std::size_t) const;                                  \
  template Shared<W> Replicated3::multiply_truncate(const Shared<W>&, const Shared<W>&, int);              \
  template Shared<W> Replicated3::dot_truncate(const Shared<W>&, const Shared<W>&, std::size_t, int);      \
  template Shared<W> Replicated3::matrix_product_truncate(const Shared<W>&, const Shared<W>&, std::size_t, \
                                                          std::size_t, std::size_t, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
