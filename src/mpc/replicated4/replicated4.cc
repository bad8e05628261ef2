// What needs no communication.
//
// Security   as replicated4.h
// Reveals    nothing
#include "mpc/replicated4/replicated4.h"

#include "base/error.h"

namespace cohortium::mpc {
namespace {

// A public value stands in component 0, which party 0 lacks.
template <class Word>
void place_public(std::span<const Word> values, View<Word> out) {
  if (out[0] != nullptr) std::copy(values.begin(), values.end(), out[0]);
}

}  // namespace

Replicated4::Replicated4(Session& session) : session_(session), party_(session) {
  COHORTIUM_CHECK(session.parties() == four);
}

template <RingWord W>
Shared<W> Replicated4::constant(std::span<const W> values) {
  Shared<W> result(values.size(), four - 1);
  if (self() != 0) place_public(values, view(result));
  return result;
}

SharedBits Replicated4::constant_bits(std::span<const u64> words, std::size_t count) {
  SharedBits result(count, four - 1);
  COHORTIUM_CHECK(words.size() == result.words());
  if (self() != 0) place_public(words, view(result));
  return result;
}

SharedBits Replicated4::not_bits(const SharedBits& a) {
  SharedBits result = a;
  if (self() == 0) return result;
  for (u64& word : result.component[four - 1 - self()]) word = ~word;
  return result;
}

template <RingWord W>
Shared<W> Replicated4::random(std::size_t count) {
  auto result = Shared<W>::uninitialised(count, four - 1);
  for (PartyId c = 0; c < four; ++c) {
    if (c != self()) party_.common(c).fill(std::as_writable_bytes(std::span(view(result)[c], count)));
  }
  return result;
}

SharedBits Replicated4::random_bits(std::size_t count) {
  auto result = SharedBits::uninitialised(count, four - 1);
  for (PartyId c = 0; c < four; ++c) {
    if (c != self()) party_.common(c).fill(std::as_writable_bytes(std::span(view(result)[c], result.words())));
  }
  return result;
}

#define COHORTIUM_FOR_RING(W)                                   \
  template Shared<W> Replicated4::constant(std::span<const W>); \
  template Shared<W> Replicated4::random(std::size_t);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
