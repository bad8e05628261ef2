// Bits as ring elements: b = (b0 xor b1) xor b2, where party 0 knows a = b0 xor b1 and parties 1 and 2 know b2, so
// party 0 offers (a, 1 - a) and b2 chooses.
//
// Security   semi-honest, 1 corruption of 3 (joint-choice transfer)
// Reveals    nothing
// Rounds     1
// Sent       party 0: 4k bits per element; parties 1 and 2: k bits each
// Source     Mohassel and Rindal, CCS 2018, section 5.4
#include "base/error.h"
#include "mpc/replicated3/replicated3.h"

namespace cohortium::mpc {

template <RingWord W>
Shared<W> Replicated3::from_bit(const SharedBits& bits) {
  COHORTIUM_CHECK(bits.components == 2);
  Choice<W> choice{.if_zero = {}, .if_one = {}, .bits = {}, .count = bits.size};
  if (self() != 0) {
    choice.bits = bits.component[self() == 1 ? 1 : 0];
    return choice_transfer(choice);
  }
  Buffer<W> zero(bits.size), one(bits.size);
  for (std::size_t i = 0; i < bits.size; ++i) {
    zero[i] = (bits.component[0][i / 64] ^ bits.component[1][i / 64]) >> (i % 64) & 1;
    one[i] = 1 - zero[i];
  }
  choice.if_zero = zero;
  choice.if_one = one;
  return choice_transfer(choice);
}

template <RingWord W>
Cost Replicated3Cost::from_bits(std::size_t count, int planes) const {
  return from_bit<W>(count * planes);
}

template <RingWord W>
Shared<W> Replicated3::from_bits(std::span<const SharedBits> planes) {
  COHORTIUM_CHECK(!planes.empty() && planes.size() <= bits_of<W>);
  const std::size_t n = planes[0].size;
  const Shared<W> bits = from_bit<W>(concatenate(planes));
  Shared<W> result(n, 2);
  for (std::size_t j = 0; j < planes.size(); ++j) result = add(result, scale(slice(bits, j * n, n), W{1} << j));
  return result;
}

template <RingWord W>
Cost Replicated3Cost::keep_where(std::size_t count) const {
  Cost cost = from_bit<W>(count);
  return cost += multiply<W>(count);
}

template <RingWord W>
Shared<W> Replicated3::keep_where(const SharedBits& bit, const Shared<W>& a) {
  return multiply(from_bit<W>(bit), a);
}

#define COHORTIUM_FOR_RING(W)                                             \
  template Shared<W> Replicated3::from_bit(const SharedBits&);            \
  template Cost Replicated3Cost::from_bits<W>(std::size_t, int) const;    \
  template Shared<W> Replicated3::from_bits(std::span<const SharedBits>); \
  template Cost Replicated3Cost::keep_where<W>(std::size_t) const;        \
  template Shared<W> Replicated3::keep_where(const SharedBits&, const Shared<W>&);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
