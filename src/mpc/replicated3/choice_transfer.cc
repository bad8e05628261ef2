// Joint-choice transfer: party 0 knows a pair (m_0, m_1) per element, parties 1 and 2 both know a bit c; all get shares
// of m_c.
//
// z_0 is drawn by parties 0 and 2, z_1 by parties 0 and 1, and parties 1 and 2 learn z_2 = m_c - z_0 - z_1: party 0
// sends each of them both candidates, every candidate under a mask of its own that party 0 shares with the other one,
// and the other one sends the mask of the chosen candidate.
//
// Security   semi-honest, 1 corruption of 3. Party 0 receives nothing. A chooser opens one candidate, which it knows to
//            be z_2 and which z_0 (or z_1) hides from it; the other candidate stays masked. The choice is made by
//            arithmetic, without branches or secret addresses
// Reveals    nothing
// Rounds     1
// Sent       party 0: 4k bits per element; parties 1 and 2: k bits each
// Source     Mohassel and Rindal, CCS 2018, section 5.4 (three-party oblivious transfer), run in both directions at
//            once
#include "base/error.h"
#include "mpc/replicated3/lane.h"

namespace cohortium::mpc {

template <RingWord W>
Cost LaneCost::transfer(std::size_t count) const {
  return {1, (party_ == 0 ? 4 : 1) * count * sizeof(W)};
}

template <RingWord W>
void Lane::choice_transfer(const Choice<W>& choice, Parts<W> out) {
  self() == 0 ? offer(choice, out) : choose(choice, out);
}

template <RingWord W>
void Lane::offer(const Choice<W>& choice, Parts<W> out) {
  const std::size_t n = choice.count;
  COHORTIUM_CHECK(choice.if_zero.size() == n && choice.if_one.size() == n);
  random(n, out);
  Buffer<W> to_first = draw<W>(with_previous_, 2 * n), to_second = draw<W>(with_next_, 2 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const W others = out.first[i] + out.second[i];
    const W zero = choice.if_zero[i] - others, one = choice.if_one[i] - others;
    to_first[i] += zero;
    to_first[n + i] += one;
    to_second[i] += zero;
    to_second[n + i] += one;
  }
  channels_.exchange({{1, bytes_of(to_first)}, {2, bytes_of(to_second)}}, {});
}

template <RingWord W>
void Lane::choose(const Choice<W>& choice, Parts<W> out) {
  const std::size_t n = choice.count;
  COHORTIUM_CHECK(choice.bits.size() == words_for_bits(n));
  const auto chosen = [&](const Buffer<W>& pairs, std::size_t i) {
    const W all_ones_if_one = W{0} - static_cast<W>(choice.bits[i / 64] >> (i % 64) & 1);
    return pairs[i] ^ ((pairs[i] ^ pairs[n + i]) & all_ones_if_one);
  };
  const bool first = self() == 1;
  const PartyId other = first ? 2 : 1;
  crypto::RandomGenerator& with_sender = first ? with_previous_ : with_next_;
  W* const own = first ? out.first : out.second;
  W* const common = first ? out.second : out.first;

  with_sender.fill(std::as_writable_bytes(std::span(own, n)));
  const Buffer<W> masks = draw<W>(with_sender, 2 * n);
  Buffer<W> mask_for_other(n);
  for (std::size_t i = 0; i < n; ++i) mask_for_other[i] = chosen(masks, i);

  Buffer<W> offered(2 * n);
  channels_.exchange({{other, bytes_of(mask_for_other)}},
                     {{0, writable_bytes_of(offered)}, {other, std::as_writable_bytes(std::span(common, n))}});
  for (std::size_t i = 0; i < n; ++i) common[i] = chosen(offered, i) - common[i];
}

#define COHORTIUM_FOR_RING(W)                             \
  template Cost LaneCost::transfer<W>(std::size_t) const; \
  template void Lane::choice_transfer(const Choice<W>&, Parts<W>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
