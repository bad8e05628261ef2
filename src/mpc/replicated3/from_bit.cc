// Bits as ring elements: b = (b0 xor b1) xor b2, where party 0 knows a = b0 xor b1 and parties 1 and 2 know b2, so
// party 0 offers (a, 1 - a) and b2 chooses.
//
// Security   semi-honest, 1 corruption of 3 (joint-choice transfer)
// Reveals    nothing
// Rounds     1
// Sent       party 0: 4k bits per element; parties 1 and 2: k bits each
// Source     Mohassel and Rindal, CCS 2018, section 5.4
#include <algorithm>

#include "mpc/replicated3/lane.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {

template <RingWord W>
void Lane::from_bit(ConstParts<u64> bits, std::size_t count, Parts<W> out) {
  Choice<W> choice{.if_zero = {}, .if_one = {}, .bits = {}, .count = count};
  if (self() != 0) {
    choice.bits = {bits[self() == 1 ? 1 : 0], words_for_bits(count)};
    choice_transfer(choice, out);
    return;
  }
  Buffer<W> zero(count), one(count);
  for (std::size_t i = 0; i < count; ++i) {
    zero[i] = (bits.first[i / 64] ^ bits.second[i / 64]) >> (i % 64) & 1;
    one[i] = 1 - zero[i];
  }
  choice.if_zero = zero;
  choice.if_one = one;
  choice_transfer(choice, out);
}

template <RingWord W>
Cost LaneCost::from_bits(std::size_t count, int planes) const {
  return from_bit<W>(count * planes);
}

template <RingWord W>
void Lane::from_bits(std::span<const ConstParts<u64>> planes, std::size_t count, Parts<W> out) {
  std::vector<SharedBits> columns;
  for (const auto& plane : planes) {
    SharedBits& column = columns.emplace_back();
    column.size = count;
    column.components = 2;
    for (int c = 0; c < 2; ++c) column.component[c].assign(plane[c], plane[c] + words_for_bits(count));
  }
  const SharedBits all = concatenate(std::span<const SharedBits>(columns));
  Components<W> bits{Buffer<W>(all.size), Buffer<W>(all.size)};
  from_bit<W>(parts_of(all), all.size, parts_of(bits));
  for (int c = 0; c < 2; ++c) {
    std::fill_n(out[c], count, W{0});
    for (std::size_t j = 0; j < planes.size(); ++j) {
      add_scaled_words(bits[c].data() + j * count, W{1} << j, out[c], count);
    }
  }
}

template <RingWord W>
Cost LaneCost::keep_where(std::size_t count) const {
  Cost cost = from_bit<W>(count);
  return cost += reshare<W>(count);
}

template <RingWord W>
void Lane::keep_where(ConstParts<u64> bits, ConstParts<W> a, std::size_t count, Parts<W> out) {
  Components<W> factors{Buffer<W>(count), Buffer<W>(count)};
  from_bit<W>(bits, count, parts_of(factors));
  multiply<W>(parts_of(factors), a, count, out);
}

#define COHORTIUM_FOR_RING(W)                                                             \
  template void Lane::from_bit(ConstParts<u64>, std::size_t, Parts<W>);                   \
  template Cost LaneCost::from_bits<W>(std::size_t, int) const;                           \
  template void Lane::from_bits(std::span<const ConstParts<u64>>, std::size_t, Parts<W>); \
  template Cost LaneCost::keep_where<W>(std::size_t) const;                               \
  template void Lane::keep_where(ConstParts<u64>, ConstParts<W>, std::size_t, Parts<W>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
