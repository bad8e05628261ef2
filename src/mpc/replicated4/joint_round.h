// A round of replicated4: every message in it is known to two parties. One sends it, the other vouches for it with a tag,
// under a key that the sender does not know, and the receiver has compared both before it goes on.
//
// Two kinds of message: a party's missing component, which the others tell it; and values that two parties both know,
// which become shared: v = v_receiver + v_other, where all but the receiver draw v_receiver, and v_other = v - v_receiver
// is sent to the receiver.
//
// Security   malicious, 1 corruption of 4. A receiver is misled only by a wrong message with the right tag: probability at
//            most 8 ceil(bytes / 16) / 2^106 each (crypto/one_time_tag.h). Because tags are compared in the round itself,
//            no honest party ever sends anything that depends on a wrong message; were they compared later, a
//            cheater could learn of secrets from honest parties' tags that differ (docs/protocols.md)
// Reveals    nothing to the receiver of a shared value: v_receiver, which it lacks, masks it
// Rounds     1
// Sent       each message once, and 16 bytes by who vouches
// Source     joint message passing and joint input sharing: Dalskov, Escudero, Keller, USENIX Security 2021, section 3;
//            tags in the round itself: docs/decisions/0028
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "mpc/replicated4/party.h"

namespace cohortium::mpc {

// Who does what with one message.
struct Route {
  PartyId sender, voucher, receiver;
};
// Of a value known to the two parties beside these.
Route route_of_share(PartyId receiver, PartyId other);
// Of the component that the receiver lacks.
Route route_of_component(PartyId receiver);

// Writes elements [from, from + n) of a value.
template <class Word>
using MakeValues = std::function<void(std::size_t from, std::size_t n, Word* to)>;
// Uses elements that have arrived.
template <class Word>
using TakeValues = std::function<void(std::size_t from, std::size_t n, const Word* values)>;

class JointRound {
 public:
  explicit JointRound(Party& party) : party_(party) {}

  // Shares of `values`, which are made at the two parties that know them, go to `out`. Several shared into the same `out`
  // add up; `more`: to what stands there already.
  template <class Group>
  void share(PartyId receiver, PartyId other, std::size_t count, View<typename Group::Word> out,
             MakeValues<typename Group::Word> values, bool more = false);
  // `component` is read at all parties but the receiver, where `take` gets it.
  template <class Word>
  void tell(PartyId receiver, std::size_t count, const Word* component, TakeValues<Word> take);

  // Fails with net.* or mpc.cheating_detected. Once.
  void run();

 private:
  struct Delivery {
    Route route;
    std::size_t count, unit;
    // Does this party's part of a stretch; writes the message, where it is known.
    std::function<void(std::size_t from, std::size_t n, std::byte* message)> make;
    std::function<void(std::size_t from, std::size_t n, const std::byte* message)> take;
    std::optional<crypto::OneTimeTag> tag;  // at the voucher and the receiver
    Bytes block;                            // of the message
    std::span<const std::byte> made = {};
  };
  // A component that shares go to: whether something of the stretch under work stands in it.
  struct Target {
    const void* component;
    std::function<void(std::size_t from, std::size_t n)> clear;  // for where nothing was made
    bool more, begun = false;
  };
  Delivery& add(const Route& route, std::size_t count, std::size_t unit);
  template <class Word>
  std::size_t target(Word* component, std::size_t count, bool more);
  // `values` added to the component, or stored where they are the first.
  template <class Group>
  void put(std::size_t target, const typename Group::Word* values, typename Group::Word* to, std::size_t n);
  void make_until(std::size_t block);
  void make_piece(std::size_t from, std::size_t n, std::size_t block_start);
  void exchange_tags();

  Party& party_;
  std::deque<Delivery> deliveries_;
  std::vector<Target> targets_;
  std::size_t block_ = 0;  // elements in a block of every message
  std::size_t blocks_made_ = 0;
};

// What a round costs a party.
class JointRoundCost {
 public:
  explicit JointRoundCost(PartyId party) : party_(party) {}
  JointRoundCost& share(PartyId receiver, PartyId other, std::size_t bytes) {
    return add(route_of_share(receiver, other), bytes);
  }
  JointRoundCost& tell(PartyId receiver, std::size_t bytes) { return add(route_of_component(receiver), bytes); }
  operator Cost() const { return cost_; }  // NOLINT(google-explicit-constructor): a round's cost is a cost

 private:
  JointRoundCost& add(const Route& route, std::size_t bytes);
  PartyId party_;
  Cost cost_{1, 0};
};

// Words of a message that are worked on at a time, so that they stay in the first-level cache.
inline constexpr std::size_t piece_words = 1024;

template <class Word>
std::size_t JointRound::target(Word* component, std::size_t count, bool more) {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (targets_[i].component == component) return i;
  }
  const auto clear = [component, count](std::size_t from, std::size_t n) {
    if (from < count) std::fill_n(component + from, std::min(n, count - from), Word{0});
  };
  targets_.push_back({.component = component, .clear = clear, .more = more});
  return targets_.size() - 1;
}

template <class Group>
void JointRound::put(std::size_t target, const typename Group::Word* values, typename Group::Word* to, std::size_t n) {
  if (targets_[target].begun) {
    Group::add(values, to, n);
  } else {
    std::copy_n(values, n, to);
    targets_[target].begun = true;
  }
}

template <class Group>
void JointRound::share(PartyId receiver, PartyId other, std::size_t count, View<typename Group::Word> out,
                       MakeValues<typename Group::Word> values, bool more) {
  using Word = typename Group::Word;
  if (count == 0) return;
  Delivery& delivery = add(route_of_share(receiver, other), count, sizeof(Word));
  const PartyId self = party_.self();
  const std::size_t drawn = self == receiver ? 0 : target(out[receiver], count, more),
                    rest = self == other ? 0 : target(out[other], count, more);
  delivery.make = [this, receiver, other, drawn, rest, out, values, knows = self != other,
                   mask = Buffer<Word>(std::min(count, piece_words))](std::size_t from, std::size_t n,
                                                                      std::byte* bytes) mutable {
    party_.common(receiver).fill(std::as_writable_bytes(std::span(mask).first(n)));
    put<Group>(drawn, mask.data(), out[receiver] + from, n);
    if (!knows) return;
    auto* const message = reinterpret_cast<Word*>(bytes);
    values(from, n, message);
    Group::subtract(mask.data(), message, n);
    put<Group>(rest, message, out[other] + from, n);
  };
  delivery.take = [out, other](std::size_t from, std::size_t n, const std::byte* message) {
    Group::add(reinterpret_cast<const Word*>(message), out[other] + from, n);
  };
}

template <class Word>
void JointRound::tell(PartyId receiver, std::size_t count, const Word* component, TakeValues<Word> take) {
  if (count == 0) return;
  Delivery& delivery = add(route_of_component(receiver), count, sizeof(Word));
  delivery.make = [component](std::size_t from, std::size_t n, std::byte* message) {
    std::copy_n(component + from, n, reinterpret_cast<Word*>(message));
  };
  delivery.take = [take](std::size_t from, std::size_t n, const std::byte* message) {
    take(from, n, reinterpret_cast<const Word*>(message));
  };
}

}  // namespace cohortium::mpc
