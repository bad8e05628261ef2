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

// Sends component 0 to the next party, if asked, and completes each block of what the previous one sends to `out`.
template <class Word, class Complete>
void Lane::send_and_open(bool sends, ConstParts<Word> a, std::size_t count, Word* out, Complete complete) {
  const OutgoingStream send{.to = channels_.next(),
                            .bytes = sends ? count * sizeof(Word) : 0,
                            .unit = sizeof(Word),
                            .make = [&](std::size_t from, std::size_t bytes) {
                              return std::as_bytes(std::span(a.first, count)).subspan(from, bytes);
                            }};
  const IncomingStream receive{
      .from = channels_.previous(),
      .bytes = out != nullptr ? count * sizeof(Word) : 0,
      .unit = sizeof(Word),
      .place = [&](std::size_t from,
                   std::size_t bytes) { return std::as_writable_bytes(std::span(out, count)).subspan(from, bytes); },
      .arrived = [&](std::size_t from, std::size_t bytes) { complete(from / sizeof(Word), bytes / sizeof(Word)); }};
  channels_.stream({&send, 1}, {&receive, 1});
}

template <RingWord W>
void Lane::open(ConstParts<W> a, std::size_t count, W* out) {
  send_and_open(true, a, count, out,
                [&](std::size_t from, std::size_t n) { add_sum(a.first + from, a.second + from, out + from, n); });
}

template <RingWord W>
void Lane::open_to(PartyId receiver, ConstParts<W> a, std::size_t count, W* out) {
  send_and_open(channels_.next() == receiver, a, count, self() == receiver ? out : nullptr,
                [&](std::size_t from, std::size_t n) { add_sum(a.first + from, a.second + from, out + from, n); });
}

void Lane::open_bits(ConstParts<u64> a, std::size_t count, u64* out) {
  const std::size_t words = words_for_bits(count);
  if (words == 0) return channels_.exchange({}, {});
  Buffer<u64> mine(a.first, a.first + words);
  mine.back() &= last_word_mask(count);
  send_and_open(true, ConstParts<u64>{mine.data(), a.second}, words, out, [&](std::size_t from, std::size_t n) {
    xor_words(out + from, a.first + from, out + from, n);
    xor_words(out + from, a.second + from, out + from, n);
  });
  out[words - 1] &= last_word_mask(count);
}

#define COHORTIUM_FOR_RING(W)                                     \
  template Cost LaneCost::open_to<W>(PartyId, std::size_t) const; \
  template void Lane::open(ConstParts<W>, std::size_t, W*);       \
  template void Lane::open_to(PartyId, ConstParts<W>, std::size_t, W*);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
