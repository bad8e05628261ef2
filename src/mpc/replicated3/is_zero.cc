// Whether elements are zero modulo 2^count: x = a + b is zero exactly when a and -b agree in all bits, where party 0
// knows a = x0 + x1 and parties 1 and 2 know b = x2. So no carries: share the planes of a and -b, and AND the planes of
// agreement.
//
// Security   semi-honest, 1 corruption of 3
// Reveals    nothing
// Rounds     1 + ceil(log2(count))
// Sent       party 0: count bits per element; then every party count - 1 bits per element
// Source     the derivation above, on the sharing of to_bits.cc
#include <algorithm>

#include "mpc/bit_planes.h"
#include "mpc/replicated3/lane.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {

template <RingWord W>
Cost LaneCost::is_zero(std::size_t count, int bits) const {
  const std::size_t plane_bytes = words_for_bits(count) * sizeof(u64);
  Cost cost{1, party_ == 0 ? bits * plane_bytes : 0};
  for (int planes = bits; planes > 1; planes -= planes / 2) cost += {1, planes / 2 * plane_bytes};
  return cost;
}

template <RingWord W>
void Lane::is_zero(ConstParts<W> a, std::size_t count, int bits, Parts<u64> out) {
  const std::size_t words = words_for_bits(count);
  Components<W> negated_last{Buffer<W>(a.first, a.first + count), Buffer<W>(a.second, a.second + count)};
  if (self() != 0) {  // x2 changes its sign, where this party holds it
    Buffer<W>& last = negated_last[self() == 1 ? 1 : 0];
    scale_words(last.data(), static_cast<W>(-1), last.data(), count);
  }
  const Operands operands = share_operands<W>(parts_of(negated_last), count, bits);
  Components<u64> agree;
  for (int c = 0; c < 2; ++c) {
    agree[c].resize(words * bits);
    xor_words(operands.first[c].data(), operands.second[c].data(), agree[c].data(), agree[c].size());
  }
  if (self() != 1) {
    for (u64& word : agree[self() == 0 ? 0 : 1]) word = ~word;
  }

  for (int planes = bits; planes > 1; planes -= planes / 2) {
    const std::size_t half = planes / 2 * words;  // an odd plane out waits at the front
    Components<u64> left, right;
    for (int c = 0; c < 2; ++c) {
      const auto end = agree[c].begin() + planes * words;
      left[c].assign(end - 2 * half, end - half);
      right[c].assign(end - half, end);
    }
    const Components<u64> both = and_components(left, right);
    for (int c = 0; c < 2; ++c)
      std::copy(both[c].begin(), both[c].end(), agree[c].begin() + (planes * words - 2 * half));
  }
  for (int c = 0; c < 2; ++c) std::copy_n(agree[c].begin(), words, out[c]);
}

#define COHORTIUM_FOR_RING(W)                                 \
  template Cost LaneCost::is_zero<W>(std::size_t, int) const; \
  template void Lane::is_zero(ConstParts<W>, std::size_t, int, Parts<u64>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
