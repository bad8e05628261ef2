// Opening, to all parties or to one: party i lacks x_{i+2} = x_{i-1}, which its previous party holds first and sends.
//
// Security   semi-honest, 1 corruption of 3: the missing component follows from the result and what the receiver holds
// Reveals    the vector, to the receivers alone; the bits behind the last element of a bit vector are cleared before
//            sending
// Rounds     1
// Sent       k bits per element and receiver, by the receiver's previous party
// Source     Araki et al., CCS 2016, section 2.2
#include "base/error.h"
#include "mpc/bit_planes.h"
#include "mpc/replicated3/replicated3.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {

template <RingWord W>
Cost Replicated3Cost::open_to(PartyId receiver, std::size_t count) const {
  return {1, (party_ + 1) % 3 == receiver ? count * sizeof(W) : 0};
}

template <RingWord W>
std::vector<W> Replicated3::open(const Shared<W>& a) {
  std::vector<W> value(a.size);
  session_.exchange({{session_.next(), bytes_of(a.component[0])}}, {{session_.previous(), writable_bytes_of(value)}});
  add_words(value.data(), a.component[0].data(), value.data(), a.size);
  add_words(value.data(), a.component[1].data(), value.data(), a.size);
  return value;
}

template <RingWord W>
std::optional<std::vector<W>> Replicated3::open_to(PartyId receiver, const Shared<W>& a) {
  COHORTIUM_CHECK(receiver >= 0 && receiver < 3);
  if (self() != receiver) {
    const bool sends = session_.next() == receiver;
    session_.exchange({{receiver, sends ? bytes_of(a.component[0]) : std::span<const std::byte>()}}, {});
    return std::nullopt;
  }
  std::vector<W> value(a.size);
  session_.exchange({}, {{session_.previous(), writable_bytes_of(value)}});
  add_words(value.data(), a.component[0].data(), value.data(), a.size);
  add_words(value.data(), a.component[1].data(), value.data(), a.size);
  return value;
}

std::vector<u64> Replicated3::open_bits(const SharedBits& a) {
  Buffer<u64> mine = a.component[0];
  if (!mine.empty()) mine.back() &= last_word_mask(a.size);
  std::vector<u64> value(a.words());
  session_.exchange({{session_.next(), bytes_of(mine)}}, {{session_.previous(), writable_bytes_of(value)}});
  xor_words(value.data(), a.component[0].data(), value.data(), value.size());
  xor_words(value.data(), a.component[1].data(), value.data(), value.size());
  if (!value.empty()) value.back() &= last_word_mask(a.size);
  return value;
}

template Cost Replicated3Cost::open_to<u64>(PartyId, std::size_t) const;
template Cost Replicated3Cost::open_to<u128>(PartyId, std::size_t) const;
template std::vector<u64> Replicated3::open(const Shared<u64>&);
template std::vector<u128> Replicated3::open(const Shared<u128>&);
template std::optional<std::vector<u64>> Replicated3::open_to(PartyId, const Shared<u64>&);
template std::optional<std::vector<u128>> Replicated3::open_to(PartyId, const Shared<u128>&);

}  // namespace cohortium::mpc
