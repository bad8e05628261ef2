// Opening, to all parties or to one: party i lacks x_{i+2} = x_{i-1}, which its previous party holds first and sends.
//
// Security   semi-honest, 1 corruption of 3: the missing component follows from the result and what the receiver holds
// Reveals    the vector, to the receivers alone; the bits behind the last element of a bit vector are cleared before
//            sending
// Rounds     1
// Sent       k bits per element and receiver, by the receiver's previous party
// Source     Araki et al., CCS 2016, section 2.2
#include "mpc/bit_planes.h"
#include "mpc/replicated3/lane.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {

template <RingWord W>
Cost LaneCost::open_to(PartyId receiver, std::size_t count) const {
  return {1, (party_ + 1) % 3 == receiver ? count * sizeof(W) : 0};
}

template <RingWord W>
void Lane::open(ConstParts<W> a, std::size_t count, W* out) {
  channels_.exchange({{channels_.next(), std::as_bytes(std::span(a.first, count))}},
                     {{channels_.previous(), std::as_writable_bytes(std::span(out, count))}});
  add_words(out, a.first, out, count);
  add_words(out, a.second, out, count);
}

template <RingWord W>
void Lane::open_to(PartyId receiver, ConstParts<W> a, std::size_t count, W* out) {
  if (self() != receiver) {
    const bool sends = channels_.next() == receiver;
    channels_.exchange({{receiver, std::as_bytes(std::span(a.first, sends ? count : 0))}}, {});
    return;
  }
  channels_.exchange({}, {{channels_.previous(), std::as_writable_bytes(std::span(out, count))}});
  add_words(out, a.first, out, count);
  add_words(out, a.second, out, count);
}

void Lane::open_bits(ConstParts<u64> a, std::size_t count, u64* out) {
  const std::size_t words = words_for_bits(count);
  Buffer<u64> mine(a.first, a.first + words);
  if (!mine.empty()) mine.back() &= last_word_mask(count);
  channels_.exchange({{channels_.next(), bytes_of(mine)}},
                     {{channels_.previous(), std::as_writable_bytes(std::span(out, words))}});
  xor_words(out, a.first, out, words);
  xor_words(out, a.second, out, words);
  if (words > 0) out[words - 1] &= last_word_mask(count);
}

#define COHORTIUM_FOR_RING(W)                                     \
  template Cost LaneCost::open_to<W>(PartyId, std::size_t) const; \
  template void Lane::open(ConstParts<W>, std::size_t, W*);       \
  template void Lane::open_to(PartyId, ConstParts<W>, std::size_t, W*);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
