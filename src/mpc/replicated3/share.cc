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

template <RingWord W>
void Lane::share(PartyId owner, const W* values, std::size_t count, Parts<W> out) {
  const auto bytes = [count](W* words) { return std::as_writable_bytes(std::span(words, count)); };
  if (self() == owner) {
    with_previous_.fill(bytes(out.first));
    subtract_words(values, out.first, out.second, count);
    channels_.exchange({{channels_.next(), bytes(out.second)}}, {});
  } else if (channels_.previous() == owner) {
    std::fill_n(out.second, count, W{0});
    channels_.exchange({}, {{owner, bytes(out.first)}});
  } else {
    std::fill_n(out.first, count, W{0});
    with_next_.fill(bytes(out.second));
    channels_.exchange({}, {});
  }
}

void Lane::share_bits(PartyId owner, const u64* words, std::size_t count, Parts<u64> out) {
  const std::size_t length = words_for_bits(count);
  const auto bytes = [length](u64* to) { return std::as_writable_bytes(std::span(to, length)); };
  if (self() == owner) {
    with_previous_.fill(bytes(out.first));
    xor_words(words, out.first, out.second, length);
    channels_.exchange({{channels_.next(), bytes(out.second)}}, {});
  } else if (channels_.previous() == owner) {
    std::fill_n(out.second, length, u64{0});
    channels_.exchange({}, {{owner, bytes(out.first)}});
  } else {
    std::fill_n(out.first, length, u64{0});
    with_next_.fill(bytes(out.second));
    channels_.exchange({}, {});
  }
}

template void Lane::share(PartyId, const u64*, std::size_t, Parts<u64>);
template void Lane::share(PartyId, const u128*, std::size_t, Parts<u128>);

}  // namespace cohortium::mpc
