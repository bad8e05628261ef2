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

#include "base/error.h"
#include "mpc/bit_planes.h"
#include "mpc/replicated3/replicated3.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {

Cost Replicated3Cost::is_zero(std::size_t count, int bits) const {
  const std::size_t plane_bytes = words_for_bits(count) * sizeof(u64);
  Cost cost{1, party_ == 0 ? bits * plane_bytes : 0};
  for (int planes = bits; planes > 1; planes -= planes / 2) cost += {1, planes / 2 * plane_bytes};
  return cost;
}

template <RingWord W>
SharedBits Replicated3::is_zero(const Shared<W>& a, int count) {
  COHORTIUM_CHECK(a.components == 2 && count >= 1 && count <= bits_of<W>);
  const std::size_t words = words_for_bits(a.size);
  Shared<W> negated_last = a;  // x2 changes its sign, where this party holds it
  if (self() != 0) {
    Buffer<W>& last = negated_last.component[self() == 1 ? 1 : 0];
    scale_words(last.data(), static_cast<W>(-1), last.data(), a.size);
  }
  const Operands operands = share_operands(negated_last, count);
  SharedBits agree(words * 64 * count, 2);
  for (int c = 0; c < 2; ++c) {
    xor_words(operands.first[c].data(), operands.second[c].data(), agree.component[c].data(), agree.words());
  }
  agree = not_bits(agree);

  for (int planes = count; planes > 1; planes -= planes / 2) {
    const std::size_t half = planes / 2 * words;  // an odd plane out waits at the front
    Components<u64> left, right;
    for (int c = 0; c < 2; ++c) {
      const auto end = agree.component[c].begin() + planes * words;
      left[c].assign(end - 2 * half, end - half);
      right[c].assign(end - half, end);
    }
    const Components<u64> both = and_components(left, right);
    for (int c = 0; c < 2; ++c) {
      std::copy(both[c].begin(), both[c].end(), agree.component[c].begin() + (planes * words - 2 * half));
    }
  }
  return slice(agree, 0, a.size);
}

template SharedBits Replicated3::is_zero(const Shared<u64>&, int);
template SharedBits Replicated3::is_zero(const Shared<u128>&, int);

}  // namespace cohortium::mpc
