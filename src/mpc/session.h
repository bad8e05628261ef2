// The parties of one run, connected: lanes of channels to every peer, a secret shared with every peer, and meters.
//
// Security   seeds are fresh for every run (ephemeral X25519 inside authenticated channels) and bound to run, plan and
//            pair
// Reveals    that a peer is about to run another plan, run or protocol (mpc.plan_mismatch, before anything secret is
//            sent)
// Rounds     1 to start, those of measure_link.h, 1 to finish (not counted in cost())
// Sent       64 bytes per peer to start, 32 per further lane, 8 per lane to finish; those of measure_link.h
// Memory     the end of a session wipes what Buffers left behind in the process (base/memory.h)
//
// Start message to every peer:  SHA-256 of (protocol, run, plan, parties, lanes, link) (32) | X25519 public key (32)
//   on lanes 1, 2, …:           SHA-256 of (the above, lane) (32)
// Goodbye on every lane:        number of rounds of the run on this lane, little-endian (8)
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "crypto/random_generator.h"
#include "mpc/engine.h"
#include "mpc/lane_channels.h"
#include "net/channel.h"

namespace cohortium::mpc {

struct SessionSettings {
  PartyId self = 0;
  int parties = 1;
  std::string protocol;
  std::string run;                          // unique per run
  std::string plan;                         // hash of what all parties agreed to compute
  int lanes = 1;                            // sub-channels to every peer, each for a thread of its own
  std::optional<Link> link = std::nullopt;  // what to go by instead of measuring
};

class Session {
 public:
  // `channels` has one entry per lane and party, lane after lane, null for oneself. Fails with net.*, mpc.plan_mismatch or crypto.*; the channels
  // then stay with the caller.
  Session(SessionSettings settings, std::vector<std::unique_ptr<net::Channel>>&& channels);
  ~Session();

  PartyId self() const { return settings_.self; }
  int parties() const { return settings_.parties; }
  const std::string& protocol() const { return settings_.protocol; }

  int lanes() const { return settings_.lanes; }
  LaneChannels& lane(int index) { return lanes_.at(index); }
  // What all parties agreed on: the worst link between any two of them.
  Link link() const { return link_; }

  // A key that this party and `peer` hold and nobody else; different for different purposes.
  crypto::Seed pair_seed(PartyId peer, std::string_view purpose) const;

  // The rounds of lane 0, which takes part in everything, and the bytes of all lanes.
  Cost cost() const;

  // Takes leave of every peer and closes the channels. Fails with mpc.out_of_step when a peer counted other rounds.
  void finish();
  // Waits until everything sent has left this party, between kernels: for a party that turns to something else.
  void flush() {
    for (LaneChannels& lane : lanes_) lane.flush();
  }

 private:
  void start(std::vector<std::unique_ptr<net::Channel>>& channels);

  SessionSettings settings_;
  std::deque<LaneChannels> lanes_;
  std::vector<crypto::Seed> secrets_;  // by peer
  Link link_;
};

}  // namespace cohortium::mpc
