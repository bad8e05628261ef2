// Sharing of a vector that one party knows: x_i drawn with its previous party, x_{i+1} = x - x_i sent to the next,
// x_{i+2} = 0.
//
// Security   semi-honest, 1 corruption of 3: the receiver lacks x_i, the previous party lacks x_{i+1}
// Reveals    nothing
// Rounds     1
// Sent       k bits per element by the owner, nothing by the others
// Requires   the owner passes `count` elements, the others none
// Source     Araki et al., CCS 2016, section 2.2, with one component fixed to zero
#include "base/error.h"
#include "mpc/replicated3/replicated3.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {

template <RingWord W>
Shared<W> Replicated3::share(PartyId owner, std::span<const W> values, std::size_t count) {
  COHORTIUM_CHECK(owner >= 0 && owner < 3 && values.size() == (self() == owner ? count : 0));
  Shared<W> result(count, 2);
  if (self() == owner) {
    result.component[0] = draw<W>(with_previous_, count);
    subtract_words(values.data(), result.component[0].data(), result.component[1].data(), count);
    session_.exchange({{session_.next(), bytes_of(result.component[1])}}, {});
  } else if (session_.previous() == owner) {
    session_.exchange({}, {{owner, writable_bytes_of(result.component[0])}});
  } else {
    result.component[1] = draw<W>(with_next_, count);
    session_.exchange({}, {});
  }
  return result;
}

SharedBits Replicated3::share_bits(PartyId owner, std::span<const u64> words, std::size_t count) {
  SharedBits result(count, 2);
  COHORTIUM_CHECK(owner >= 0 && owner < 3 && words.size() == (self() == owner ? result.words() : 0));
  if (self() == owner) {
    result.component[0] = draw<u64>(with_previous_, words.size());
    xor_words(words.data(), result.component[0].data(), result.component[1].data(), words.size());
    session_.exchange({{session_.next(), bytes_of(result.component[1])}}, {});
  } else if (session_.previous() == owner) {
    session_.exchange({}, {{owner, writable_bytes_of(result.component[0])}});
  } else {
    result.component[1] = draw<u64>(with_next_, result.words());
    session_.exchange({}, {});
  }
  return result;
}

template Shared<u64> Replicated3::share(PartyId, std::span<const u64>, std::size_t);
template Shared<u128> Replicated3::share(PartyId, std::span<const u128>, std::size_t);

}  // namespace cohortium::mpc
