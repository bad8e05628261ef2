// Set-up of a lane, and what needs no communication.
//
// Security   as replicated3.h
// Reveals    nothing
// Rounds     0
#include "mpc/replicated3/lane.h"

#include <string>

#include "mpc/permutation.h"

namespace cohortium::mpc {

Lane::Lane(Session& session, int index, PendingStatements* pending)
    : channels_(session.lane(index)),
      link_(session.link()),
      with_next_(session.pair_seed(channels_.next(), "replicated3, lane " + std::to_string(index))),
      with_previous_(session.pair_seed(channels_.previous(), "replicated3, lane " + std::to_string(index))),
      masks_(2 * mask_bytes),
      pending_(pending) {}

template <class Word>
Buffer<Word> Lane::draw(crypto::RandomGenerator& generator, std::size_t count) {
  Buffer<Word> words(count);
  generator.fill(writable_bytes_of(words));
  return words;
}

template <class Word>
void Lane::random(std::size_t count, Parts<Word> out) {
  with_previous_.fill(std::as_writable_bytes(std::span(out.first, count)));
  with_next_.fill(std::as_writable_bytes(std::span(out.second, count)));
}

SecretPermutation Lane::random_permutation(std::size_t size) {
  return {.size = size, .part = {draw_permutation(with_next_, size), draw_permutation(with_previous_, size)}};
}

template Buffer<u64> Lane::draw(crypto::RandomGenerator&, std::size_t);
template Buffer<u128> Lane::draw(crypto::RandomGenerator&, std::size_t);
template void Lane::random(std::size_t, Parts<u64>);
template void Lane::random(std::size_t, Parts<u128>);

}  // namespace cohortium::mpc
