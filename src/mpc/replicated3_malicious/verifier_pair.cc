#include "mpc/replicated3_malicious/verifier_pair.h"

#include <array>

namespace cohortium::mpc {

Challenge VerifierPair::challenge() {
  Challenge drawn;
  with_previous_.fill(drawn.of_next);
  with_next_.fill(drawn.of_previous);
  const crypto::Digest hash = crypto::sha256(drawn.of_previous);
  crypto::Digest from_next;
  channels_.exchange({{channels_.next(), drawn.of_next}, {channels_.previous(), hash}},
                     {{channels_.previous(), drawn.own}, {channels_.next(), from_next}});
  if (!equal_in_constant_time(crypto::sha256(drawn.own), from_next)) {
    throw cheating_detected(channels_, channels_.previous(), channels_.next(),
                            "two peers name different challenges for the same proof");
  }
  return drawn;
}

void VerifierPair::meet() {
  // What is said does not matter, and looks like everything else.
  using Token = std::array<std::byte, sizeof(std::uint64_t)>;
  Token to_next, of_next, to_previous, of_previous;
  with_next_.fill(to_next);
  with_next_.fill(of_next);
  with_previous_.fill(of_previous);
  with_previous_.fill(to_previous);
  channels_.exchange({{channels_.next(), to_next}, {channels_.previous(), to_previous}},
                     {{channels_.previous(), of_previous}, {channels_.next(), of_next}});
}

Failure cheating_detected(LaneChannels& channels, PartyId one, PartyId other, const std::string& what) {
  return Failure({.code = "mpc.cheating_detected",
                  .message = what,
                  .where = channels.channel(one).peer() + " or " + channels.channel(other).peer(),
                  .remedy = "one of the two did not keep to the protocol, or "
                            "its machine is broken; nothing was opened with "
                            "what it sent. Compare program versions, then "
                            "settle it with the two before running again"});
}

}  // namespace cohortium::mpc
