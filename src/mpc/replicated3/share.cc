// Sharing of a vector that one party knows: x_i drawn with its previous party, x_{i+1} = x - x_i sent to the next,
// x_{i+2} = 0.
//
// Security   semi-honest, 1 corruption of 3: the receiver lacks x_i, the previous party lacks x_{i+1}
// Reveals    nothing
// Rounds     1
// Sent       k bits per element by the owner, nothing by the others
// Requires   the owner passes `count` elements, the others none
// Source     Araki et al., CCS 2016, section 2.2, with one component fixed to zero
#include <algorithm>

#include "mpc/replicated3/lane.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {

template <class Word, class Make>
void Lane::share_words(PartyId owner, std::size_t count, Parts<Word> out, Make make) {
  const bool owns = self() == owner, receives = channels_.previous() == owner;
  if (!owns) std::fill_n(receives ? out.second : out.first, count, Word{0});
  if (!owns && !receives) with_next_.fill(std::as_writable_bytes(std::span(out.second, count)));

  const OutgoingStream send{.to = channels_.next(),
                            .bytes = owns ? count * sizeof(Word) : 0,
                            .unit = sizeof(Word),
                            .make = [&](std::size_t from, std::size_t bytes) {
                              const auto piece = [&](Word* component) {
                                return std::as_writable_bytes(std::span(component, count)).subspan(from, bytes);
                              };
                              with_previous_.fill(piece(out.first));
                              make(from / sizeof(Word), bytes / sizeof(Word));
                              return std::span<const std::byte>(piece(out.second));
                            }};
  const IncomingStream receive{.from = channels_.previous(),
                               .bytes = receives ? count * sizeof(Word) : 0,
                               .unit = sizeof(Word),
                               .place = [&](std::size_t from, std::size_t bytes) {
                                 return std::as_writable_bytes(std::span(out.first, count)).subspan(from, bytes);
                               }};
  channels_.stream({&send, 1}, {&receive, 1});
}

template <RingWord W>
void Lane::share(PartyId owner, const W* values, std::size_t count, Parts<W> out) {
  share_words(owner, count, out, [&](std::size_t from, std::size_t n) {
    subtract_words(values + from, out.first + from, out.second + from, n);
  });
}

void Lane::share_bits(PartyId owner, const u64* words, std::size_t count, Parts<u64> out) {
  share_words(owner, words_for_bits(count), out, [&](std::size_t from, std::size_t n) {
    xor_words(words + from, out.first + from, out.second + from, n);
  });
}

template void Lane::share(PartyId, const u64*, std::size_t, Parts<u64>);
template void Lane::share(PartyId, const u128*, std::size_t, Parts<u128>);

}  // namespace cohortium::mpc
