// Opening, to all parties or to one: a party lacks one component, which one of the others sends and a second vouches for.
//
// Security   malicious, 1 corruption of 4 (joint_round.h). What led to the opened value was verified in its own rounds
// Reveals    the vector, to the receivers alone; the bits behind the last element of a bit vector are drawn at random by
//            the three who hold a component
// Rounds     1
// Sent       k bits per element and receiver, and 16 bytes, by two others
// Source     Dalskov, Escudero, Keller, USENIX Security 2021, section 3
#include "base/error.h"
#include "mpc/bit_planes.h"
#include "mpc/replicated4/replicated4.h"

namespace cohortium::mpc {
namespace {

template <class Group, class Vector>
void open_at(Party& party, std::span<const PartyId> receivers, const View<const typename Group::Word>& a,
             std::size_t count, Vector& value) {
  using Word = typename Group::Word;
  JointRound round(party);
  for (PartyId receiver : receivers) {
    round.tell<Word>(receiver, count, a[receiver], [&, receiver](std::size_t from, std::size_t n, const Word* missing) {
      Word* const to = value.data() + from;
      std::copy_n(missing, n, to);
      for (PartyId c = 0; c < four; ++c) {
        if (c != receiver) Group::add(a[c] + from, to, n);
      }
    });
  }
  round.run();
}

constexpr std::array<PartyId, four> everybody{0, 1, 2, 3};

}  // namespace

Cost Replicated4Cost::open_words(std::size_t bytes) const {
  JointRoundCost cost(party_);
  for (PartyId receiver : everybody) cost.tell(receiver, bytes);
  return cost;
}

template <RingWord W>
Cost Replicated4Cost::open_to(PartyId receiver, std::size_t count) const {
  return JointRoundCost(party_).tell(receiver, count * sizeof(W));
}

template <RingWord W>
std::vector<W> Replicated4::open(const Shared<W>& a) {
  COHORTIUM_CHECK(a.components == four - 1);
  std::vector<W> value(a.size);
  open_at<Sums<W>>(party_, everybody, view(a), a.size, value);
  return value;
}

template <RingWord W>
std::optional<std::vector<W>> Replicated4::open_to(PartyId receiver, const Shared<W>& a) {
  COHORTIUM_CHECK(a.components == four - 1 && receiver >= 0 && receiver < four);
  std::vector<W> value(self() == receiver ? a.size : 0);
  open_at<Sums<W>>(party_, std::span(&receiver, 1), view(a), a.size, value);
  return self() == receiver ? std::optional(std::move(value)) : std::nullopt;
}

std::vector<u64> Replicated4::open_bits(const SharedBits& a) {
  COHORTIUM_CHECK(a.components == four - 1);
  SharedBits padded = a;
  const u64 mask = last_word_mask(a.size);
  if (a.size > 0 && mask != ~u64{0}) {
    for (int place = 0; place < four - 1; ++place) {
      u64 padding = 0;
      party_.common((self() + 1 + place) % four).fill(std::as_writable_bytes(std::span(&padding, 1)));
      u64& last = padded.component[place].back();
      last = (last & mask) | (padding & ~mask);
    }
  }
  std::vector<u64> value(a.words());
  open_at<Bits>(party_, everybody, view(std::as_const(padded)), a.words(), value);
  if (!value.empty()) value.back() &= mask;
  return value;
}

#define COHORTIUM_FOR_RING(W)                                            \
  template Cost Replicated4Cost::open_to<W>(PartyId, std::size_t) const; \
  template std::vector<W> Replicated4::open(const Shared<W>&);           \
  template std::optional<std::vector<W>> Replicated4::open_to(PartyId, const Shared<W>&);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
