// How a party talks in proofs, in which it has three roles at a time: it is a
// prover to both others, and with each of them it is one of the two verifiers
// of the third.
#pragma once

#include <span>
#include <string>

#include "base/buffer.h"
#include "base/error.h"
#include "crypto/hash.h"
#include "crypto/random_generator.h"
#include "mpc/lane_channels.h"

namespace cohortium::mpc {

// What the verifiers of a party drew for it.
struct Challenge {
  crypto::Seed own;          // this party's verifiers, for it
  crypto::Seed of_next;      // this party and the party before it, for the next one
  crypto::Seed of_previous;  // this party and the next one, for the party before it
};

class VerifierPair {
 public:
  VerifierPair(LaneChannels& channels, crypto::RandomGenerator& with_next, crypto::RandomGenerator& with_previous)
      : channels_(channels), with_next_(with_next), with_previous_(with_previous) {}

  // One round: the verifiers of a party tell it the seed that they draw from
  // their common generator. The previous party names it, which has received
  // what the prover sent it; the next one, which might be ahead, sends the
  // hash, so that neither can name a seed of its own choice. Fails with
  // mpc.cheating_detected where the two do not agree.
  Challenge challenge();

  // One round: nobody goes on before all have come so far.
  void meet();

  // One round: a share of every element of what this party proves goes to the
  // previous party, the other ones are drawn with the next. `own` becomes what
  // was sent; `of_next` what the next party sent, `of_previous` what was drawn
  // with the previous one.
  template <class Words>
  void hand_out(std::span<Words> own, std::span<Words> of_next, std::span<Words> of_previous) {
    draw(with_next_, of_next);  // used up before the others' shares arrive
    for (std::size_t i = 0; i < own.size(); ++i) own[i] = own[i] - of_next[i];
    channels_.exchange({{channels_.previous(), std::as_bytes(own)}},
                       {{channels_.next(), std::as_writable_bytes(of_next)}});
    draw(with_previous_, of_previous);
  }

  LaneChannels& channels() { return channels_; }
  crypto::RandomGenerator& with_next() { return with_next_; }
  crypto::RandomGenerator& with_previous() { return with_previous_; }
  crypto::RandomGenerator& filler() { return filler_; }  // of this party alone

 private:
  template <class Words>
  static void draw(crypto::RandomGenerator& generator, std::span<Words> out) {
    if constexpr (requires { Words::draw(generator, out); }) {
      Words::draw(generator, out);
    } else {
      generator.fill(std::as_writable_bytes(out));
    }
  }

  LaneChannels& channels_;
  crypto::RandomGenerator &with_next_, &with_previous_;
  crypto::RandomGenerator filler_{crypto::random_seed()};
};

inline constexpr Cost challenge_cost{1, sizeof(crypto::Seed) + sizeof(crypto::Digest)};
inline constexpr Cost meeting_cost{1, 2 * sizeof(std::uint64_t)};

// That one of two peers, or a contributing site, has not kept to the protocol.
Failure cheating_detected(LaneChannels& channels, PartyId one, PartyId other, const std::string& what);

}  // namespace cohortium::mpc
