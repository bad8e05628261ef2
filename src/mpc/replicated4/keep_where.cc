// A bit times a ring element, both shared: b = c xor v and x = y + w, where the first pair of parties knows c = b_2 xor b_3
// and y = x_2 + x_3, and the second v = b_0 xor b_1 and w = x_0 + x_1. Then b = c + v - 2 c v, and with p = c y, q = v w
//
//   b x = p + q + c (w - 2 q) + v (y - 2 p).
//
// The first pair shares c and p, the second v and q; the rest is a sum of two products of what either pair knows.
//
// Security   malicious, 1 corruption of 4 (joint_round.h)
// Reveals    nothing
// Rounds     2
// Sent       8k bits per element in all, and 16 bytes for each of eight messages
// Source     the derivation above
#include "base/error.h"
#include "mpc/replicated4/replicated4.h"

namespace cohortium::mpc {

template <RingWord W>
Cost Replicated4Cost::keep_where(std::size_t count) const {
  const std::size_t bytes = count * sizeof(W);
  Cost cost = JointRoundCost(party_).share(2, 3, bytes).share(3, 2, bytes).share(0, 1, bytes).share(1, 0, bytes);
  return cost += cross_products(bytes);
}

template <RingWord W>
Shared<W> Replicated4::keep_where(const SharedBits& bit, const Shared<W>& a) {
  COHORTIUM_CHECK(bit.size == a.size && bit.components == four - 1 && a.components == four - 1);
  auto result = Shared<W>::uninitialised(a.size, four - 1);
  const View<const W> x = view(a);
  const View<W> out = view(result);
  const View<const u64> b = view(bit);
  const Buffer<W> known = known_summand<W>(x, a.size);
  const PartyId own = in_first_pair() ? 2 : 0;
  const u64 *const b0 = b[own], *const b1 = b[own + 1];
  const MakeValues<W> bits = [=](std::size_t from, std::size_t n, W* to) {
    by_words(from, n, [&](std::size_t word, std::size_t shift, std::size_t start, std::size_t some) {
      const u64 w = (b0[word] ^ b1[word]) >> shift;
      for (std::size_t i = 0; i < some; ++i) to[start + i] = static_cast<W>(w >> i & 1);
    });
  };
  const MakeValues<W> kept = [&](std::size_t from, std::size_t n, W* to) {
    bits(from, n, to);
    for (std::size_t i = 0; i < n; ++i) to[i] = known[from + i] & (W{0} - to[i]);
  };
  HeldComponents<W> shared_bits(self(), a.size);  // c of the first pair, v of the second
  const View<W> s = shared_bits.view();
  JointRound round(party_);
  round.share<Sums<W>>(2, 3, a.size, s, bits);
  round.share<Sums<W>>(3, 2, a.size, out, kept);
  round.share<Sums<W>>(0, 1, a.size, s, bits);
  round.share<Sums<W>>(1, 0, a.size, out, kept);
  round.run();

  const HeldComponents<W> kept_so_far(self(), out, a.size);  // p of the first pair, q of the second
  const View<const W> r = kept_so_far.view();
  add_pairs<Sums<W>>(
      cross_pairs, a.size,
      [=](const Pair& pair) {
        const PartyId i = first_of(pair), j = second_of(pair);
        return MakeValues<W>(
            [si = s[i], sj = s[j], xi = x[i], xj = x[j], ri = r[i], rj = r[j]](std::size_t from, std::size_t n, W* to) {
              for (std::size_t e = from; e < from + n; ++e) {
                *to++ = si[e] * (xj[e] - 2 * rj[e]) + sj[e] * (xi[e] - 2 * ri[e]);
              }
            });
      },
      out, true);
  return result;
}

#define COHORTIUM_FOR_RING(W)                                      \
  template Cost Replicated4Cost::keep_where<W>(std::size_t) const; \
  template Shared<W> Replicated4::keep_where(const SharedBits&, const Shared<W>&);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
