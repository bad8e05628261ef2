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

template Shared<u64> Replicated3::from_bit(const SharedBits&);
template Shared<u128> Replicated3::from_bit(const SharedBits&);

}  // namespace cohortium::mpc
