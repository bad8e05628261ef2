// Taking up what a contributing site has dealt (mpc/dealing.h): each party expands its three components, and compares with
// every other party by a tag the two that both hold. So a site that deals differently to different parties is found out
// before anything is computed.
//
// Security   malicious dealer, and malicious 1 party of 4; a tag's key is unknown to the dealer (one_time_tag.h)
// Reveals    nothing
// Rounds     1
// Sent       16 bytes to every peer
#include <algorithm>

#include "base/error.h"
#include "mpc/dealing.h"
#include "mpc/replicated4/replicated4.h"

namespace cohortium::mpc {

Cost Replicated4Cost::adopt(std::size_t count) const { return {1, count == 0 ? 0 : (four - 1) * sizeof(crypto::Tag)}; }

// The bundle's form is drawn in mpc/dealing.h.
Shared<u128> Replicated4::adopt(std::span<const std::byte> part, std::size_t count) {
  constexpr std::size_t seed_bytes = sizeof(crypto::Seed);
  constexpr PartyId last = four - 1;  // the component that is not expanded from a seed
  check_bundle_size(part.size(), self() == last ? 3 * seed_bytes : 2 * seed_bytes + count * sizeof(u128));
  auto result = Shared<u128>::uninitialised(count, four - 1);
  const View<u128> x = view(result);
  std::size_t at = 0;
  for (PartyId c = 0; c < four; ++c) {
    if (c == self()) continue;
    const auto bytes = std::as_writable_bytes(std::span(x[c], count));
    if (c == last) {
      std::copy(part.begin() + at, part.end(), bytes.begin());
      continue;
    }
    crypto::Seed seed;
    std::copy_n(part.begin() + at, seed_bytes, seed.begin());
    crypto::RandomGenerator(seed).fill(bytes);
    wipe(seed.data(), seed.size());
    at += seed_bytes;
  }

  std::array<crypto::Tag, four> mine{}, theirs{};
  std::vector<Outgoing> sends;
  std::vector<Incoming> receives;
  for (PartyId peer = 0; peer < four && count > 0; ++peer) {
    if (peer == self()) continue;
    crypto::OneTimeTag tag(party_.tag_key(peer));
    for (PartyId c = 0; c < four; ++c) {
      if (c != self() && c != peer) tag.update(std::as_bytes(std::span(x[c], count)));
    }
    mine[peer] = tag.finish();
    sends.push_back({peer, mine[peer]});
    receives.push_back({peer, theirs[peer]});
  }
  party_.channels().exchange({}, {});
  party_.channels().follow(sends, receives);
  for (PartyId peer = 0; peer < four; ++peer) {
    if (equal_in_constant_time(mine[peer], theirs[peer])) continue;
    throw Failure(
        {.code = "mpc.inconsistent_shares",
         .message = "a contributing site dealt other shares to this party than to the peer, or the peer says so",
         .where = party_.name_of(peer),
         .remedy = "nothing was computed with them; let the operators of the site and of the peer compare "
                   "program versions and audit logs"});
  }
  return result;
}

}  // namespace cohortium::mpc
