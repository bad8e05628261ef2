// Bits as ring elements: b = (b0 xor b1) xor b2, where party 0 knows b' = b0 xor b1 and parties 1 and 2 know v = b2, so
// b = (1 - 2v) b' + v is linear in what party 0 knows.
//
// Security   semi-honest, 1 corruption of 3 (linear transfer)
// Reveals    nothing
// Rounds     2, or 1 where that is quicker
// Sent       k bits per element and party; in 1 round party 0 sends 2k bits
// Source     the derivation above, on linear_transfer.cc
#include "mpc/replicated3/bit_lane.h"

namespace cohortium::mpc {

template <RingWord W>
Cost LaneCost::from_bit(std::size_t count) const {
  return linear_transfer_cost<W>(party_, count, 1, link_);
}

template <RingWord W>
void Lane::from_bit(ConstParts<u64> bits, std::size_t count, Parts<W> out) {
  from_bits<W>(std::span(&bits, 1), count, out);
}

#define COHORTIUM_FOR_RING(W)                             \
  template Cost LaneCost::from_bit<W>(std::size_t) const; \
  template void Lane::from_bit(ConstParts<u64>, std::size_t, Parts<W>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
