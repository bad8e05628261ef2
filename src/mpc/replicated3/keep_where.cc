// A bit times a ring element, both shared: b = b' xor v and x = x' + w, where party 0 knows b' = b0 xor b1 and
// x' = x0 + x1, and parties 1 and 2 know v = b2 and w = x2. Then
//
//   b x = (1 - 2v) (b' x' + w b') + v (x0 + x1 + w),
//
// which is linear in party 0's b' x' and b', up to terms that party 1 (v x1) and party 2 (v x0, v w) know.
//
// Security   semi-honest, 1 corruption of 3 (linear transfer): the only messages are those of the transfer, in which
//            everything that leaves a party is under a mask that the receiver does not know
// Reveals    nothing
// Rounds     2, or 1 where that is quicker
// Sent       party 0: 2k bits per element (4k in 1 round); parties 1 and 2: k bits each
// Source     the derivation above, on linear_transfer.cc
#include "base/dispatch.h"
#include "mpc/replicated3/bit_lane.h"

namespace cohortium::mpc {
namespace {

template <class W>
[[gnu::always_inline]] inline void keep(u64 bits, const W* a0, const W* a1, W* product, W* bit, std::size_t n) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) {
    const W b = static_cast<W>(bits >> i & 1);
    product[i] = (a0[i] + a1[i]) & (W{0} - b);
    bit[i] = b;
  }
}

// `own` is the component of x that this party shares with party 0, `also_last` all ones at party 2.
template <class W>
[[gnu::always_inline]] inline void combine(u64 bits, const W* product, const W* bit, const W* last, const W* own,
                                           W also_last, W* out, std::size_t n) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) {
    const W negative = W{0} - static_cast<W>(bits >> i & 1);
    const W unsigned_part = product[i] + last[i] * bit[i];
    out[i] = ((unsigned_part ^ negative) - negative) + ((own[i] + (last[i] & also_last)) & negative);
  }
}

COHORTIUM_DISPATCHED void keep_words(u64 bits, const u64* a0, const u64* a1, u64* product, u64* bit, std::size_t n) {
  keep(bits, a0, a1, product, bit, n);
}
void keep_words(u64 bits, const u128* a0, const u128* a1, u128* product, u128* bit, std::size_t n) {
  keep(bits, a0, a1, product, bit, n);
}
COHORTIUM_DISPATCHED void combine_words(u64 bits, const u64* product, const u64* bit, const u64* last, const u64* own,
                                        u64 also_last, u64* out, std::size_t n) {
  combine(bits, product, bit, last, own, also_last, out, n);
}
void combine_words(u64 bits, const u128* product, const u128* bit, const u128* last, const u128* own, u128 also_last,
                   u128* out, std::size_t n) {
  combine(bits, product, bit, last, own, also_last, out, n);
}

}  // namespace

template <RingWord W>
Cost LaneCost::keep_where(std::size_t count) const {
  return linear_transfer_cost<W>(party_, count, 2, link_);
}

template <RingWord W>
void Lane::keep_where(ConstParts<u64> bits, ConstParts<W> a, std::size_t count, Parts<W> out) {
  LinearTransfer<W> transfer{.count = count, .secrets = 2, .secrets_of = {}, .apply = {}};
  transfer.secrets_of = [&](std::size_t from, std::size_t n, W* secrets) {
    by_words(from, n, [&](std::size_t word, std::size_t shift, std::size_t start, std::size_t some) {
      keep_words((bits.first[word] ^ bits.second[word]) >> shift, a.first + from + start, a.second + from + start,
                 secrets + start, secrets + n + start, some);
    });
  };
  const bool first = self() == 1;
  const u64* const last_bits = first ? bits.second : bits.first;
  const W *const last = first ? a.second : a.first, *const own = first ? a.first : a.second;
  transfer.apply = [=](std::size_t from, std::size_t n, const W* shares, W* result) {
    by_words(from, n, [&](std::size_t word, std::size_t shift, std::size_t start, std::size_t some) {
      combine_words(last_bits[word] >> shift, shares + start, shares + n + start, last + from + start,
                    own + from + start, first ? W{0} : static_cast<W>(-1), result + start, some);
    });
  };
  this->bits().transfer<W>(transfer, link_, out);
}

#define COHORTIUM_FOR_RING(W)                               \
  template Cost LaneCost::keep_where<W>(std::size_t) const; \
  template void Lane::keep_where(ConstParts<u64>, ConstParts<W>, std::size_t, Parts<W>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
