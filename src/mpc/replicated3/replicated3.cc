// Set-up and everything that needs no communication.
//
// Security   as replicated3.h
// Reveals    nothing
// Rounds     0
#include "mpc/replicated3/replicated3.h"

#include "base/error.h"
#include "mpc/dealing.h"

namespace cohortium::mpc {

Replicated3::Replicated3(Session& session)
    : session_(session),
      with_next_(session.pair_seed(session.next(), "replicated3")),
      with_previous_(session.pair_seed(session.previous(), "replicated3")) {
  COHORTIUM_CHECK(session.parties() == 3);
}

// A public value stands in x0, which party 0 holds first and party 2 second.
template <RingWord W>
Shared<W> Replicated3::constant(std::span<const W> values) {
  Shared<W> result(values.size(), 2);
  if (self() == 0) result.component[0].assign(values.begin(), values.end());
  if (self() == 2) result.component[1].assign(values.begin(), values.end());
  return result;
}

SharedBits Replicated3::constant_bits(std::span<const u64> words, std::size_t count) {
  SharedBits result(count, 2);
  COHORTIUM_CHECK(words.size() == result.words());
  if (self() == 0) result.component[0].assign(words.begin(), words.end());
  if (self() == 2) result.component[1].assign(words.begin(), words.end());
  return result;
}

SharedBits Replicated3::not_bits(const SharedBits& a) {
  SharedBits result = a;
  if (self() == 1) return result;
  for (u64& word : result.component[self() == 0 ? 0 : 1]) word = ~word;
  return result;
}

template <class Word>
Buffer<Word> Replicated3::draw(crypto::RandomGenerator& generator, std::size_t count) {
  Buffer<Word> words(count);
  generator.fill(writable_bytes_of(words));
  return words;
}

// x_i is what party i draws with party i-1: uniform, and unknown to the third.
template <RingWord W>
Shared<W> Replicated3::random(std::size_t count) {
  Shared<W> result;
  result.size = count;
  result.components = 2;
  result.component = {draw<W>(with_previous_, count), draw<W>(with_next_, count)};
  return result;
}

SharedBits Replicated3::random_bits(std::size_t count) {
  SharedBits result(count, 2);
  result.component = {draw<u64>(with_previous_, result.words()), draw<u64>(with_next_, result.words())};
  return result;
}

// The bundle's form is drawn in mpc/dealing.h.
Shared<u128> Replicated3::adopt(std::span<const std::byte> part, std::size_t count) {
  constexpr std::size_t seed_bytes = sizeof(crypto::Seed);
  const std::size_t explicit_bytes = self() == 0 ? seed_bytes : count * sizeof(u128);
  check_bundle_size(part.size(), seed_bytes + explicit_bytes);

  const auto expand = [&](std::size_t at, Buffer<u128>& component) {
    crypto::Seed seed;
    std::copy_n(part.begin() + at, seed_bytes, seed.begin());
    crypto::RandomGenerator(seed).fill(writable_bytes_of(component));
    wipe(seed.data(), seed.size());
  };
  Shared<u128> result(count, 2);
  const int seeded = self() == 2 ? 1 : 0;
  expand(0, result.component[seeded]);
  if (self() == 0) {
    expand(seed_bytes, result.component[1]);
  } else {
    std::copy(part.begin() + seed_bytes, part.end(), writable_bytes_of(result.component[1 - seeded]).begin());
  }
  return result;
}

template Buffer<u64> Replicated3::draw(crypto::RandomGenerator&, std::size_t);
template Buffer<u128> Replicated3::draw(crypto::RandomGenerator&, std::size_t);
template Shared<u64> Replicated3::constant(std::span<const u64>);
template Shared<u128> Replicated3::constant(std::span<const u128>);
template Shared<u64> Replicated3::random(std::size_t);
template Shared<u128> Replicated3::random(std::size_t);

}  // namespace cohortium::mpc
