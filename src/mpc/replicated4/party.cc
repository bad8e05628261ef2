#include "mpc/replicated4/party.h"

#include <algorithm>

#include "base/error.h"
#include "crypto/hash.h"

namespace cohortium::mpc {
namespace {

PartyId dealer_of(PartyId without) { return without == 0 ? 1 : 0; }

}  // namespace

Party::Party(Session& session) : channels_(session.lane(0)) {
  for (PartyId peer = 0; peer < four; ++peer) {
    if (peer == self()) continue;
    with_[peer].emplace(session.pair_seed(peer, "replicated4, drawn by two"));
    tag_keys_[peer].emplace(session.pair_seed(peer, "replicated4, tags"));
  }
  agree_on_common_seeds();
}

void Party::agree_on_common_seeds() {
  std::array<crypto::Seed, four> seeds{};
  const auto for_others = [&](PartyId without, auto body) {
    for (PartyId peer = 0; peer < four; ++peer) {
      if (peer != without && peer != self() && peer != dealer_of(without)) body(peer);
    }
  };
  for (PartyId without = 0; without < four; ++without) {
    if (self() == without || self() != dealer_of(without)) continue;
    seeds[without] = crypto::random_seed();
    for_others(without, [&](PartyId peer) { channels_.channel(peer).send(seeds[without]); });
  }
  for (PartyId without = 0; without < four; ++without) {
    if (self() == without || self() == dealer_of(without)) continue;
    channels_.channel(dealer_of(without)).receive(seeds[without]);
    for_others(without, [&](PartyId peer) { channels_.channel(peer).send(crypto::sha256(seeds[without])); });
  }
  for (PartyId without = 0; without < four; ++without) {
    if (self() == without) continue;
    if (self() != dealer_of(without)) {
      for_others(without, [&](PartyId peer) {
        crypto::Digest theirs;
        channels_.channel(peer).receive(theirs);
        if (equal_in_constant_time(theirs, crypto::sha256(seeds[without]))) return;
        throw cheating_detected("a common seed differs", name_of(dealer_of(without)), name_of(peer));
      });
    }
    common_[without].emplace(crypto::derive_seed(seeds[without], "replicated4, drawn by three"));
    wipe(seeds[without].data(), seeds[without].size());
  }
}

crypto::OneTimeKey Party::tag_key(PartyId peer) {
  crypto::OneTimeKey key;
  tag_keys_[peer]->fill(key);
  return key;
}

Failure cheating_detected(const std::string& what, const std::string& first_suspect,
                          const std::string& second_suspect) {
  return Failure({.code = "mpc.cheating_detected",
                  .message = what + ": one of the two peers does not follow the protocol",
                  .where = first_suspect + " and " + second_suspect,
                  .remedy = "nothing was released; let the operators of both compare program versions and audit logs "
                            "before they compute together again"});
}

}  // namespace cohortium::mpc
