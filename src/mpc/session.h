// The parties of one run, connected: channels to every peer, a secret shared with every peer, and meters.
//
// Security   seeds are fresh for every run (ephemeral X25519 inside authenticated channels) and bound to run, plan and
//            pair
// Reveals    that a peer is about to run another plan, run or protocol (mpc.plan_mismatch, before anything secret is
//            sent)
// Rounds     1 to start, 1 to finish (not counted in cost())
// Sent       64 bytes per peer to start, 8 to finish
//
// Start message to every peer:  SHA-256 of (protocol, run, plan, party count) (32) | X25519 public key (32)
// Goodbye to every peer:        number of rounds of the run, little-endian (8)
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "crypto/random_generator.h"
#include "mpc/engine.h"
#include "net/channel.h"

namespace cohortium::mpc {

struct SessionSettings {
  PartyId self = 0;
  int parties = 1;
  std::string protocol;
  std::string run;   // unique per run
  std::string plan;  // hash of what all parties agreed to compute
};

struct Outgoing {
  PartyId to;
  std::span<const std::byte> message;
};
struct Incoming {
  PartyId from;
  std::span<std::byte> message;
};

class Session {
 public:
  // `channels` has one entry per party, null for oneself. Fails with net.*, mpc.plan_mismatch or crypto.*; the channels
  // then stay with the caller.
  Session(SessionSettings settings, std::vector<std::unique_ptr<net::Channel>>&& channels);
  ~Session();

  PartyId self() const { return settings_.self; }
  int parties() const { return settings_.parties; }
  PartyId next() const { return (self() + 1) % parties(); }
  PartyId previous() const { return (self() + parties() - 1) % parties(); }
  const std::string& protocol() const { return settings_.protocol; }

  // One round: all sends, then all receives. Every party calls this once per round of a kernel, with empty lists where
  // it has nothing to say; empty messages are neither sent nor awaited.
  void exchange(std::initializer_list<Outgoing> sends, std::initializer_list<Incoming> receives);

  // A key that this party and `peer` hold and nobody else; different for different purposes.
  crypto::Seed pair_seed(PartyId peer, std::string_view purpose) const;

  Cost cost() const { return cost_; }

  // Takes leave of every peer and closes the channels. Fails with mpc.out_of_step when a peer counted other rounds.
  void finish();

 private:
  void start(std::vector<std::unique_ptr<net::Channel>>& channels);
  net::Channel& channel(PartyId peer);

  SessionSettings settings_;
  std::vector<std::unique_ptr<net::Channel>> channels_;
  std::vector<crypto::Seed> secrets_;  // by peer
  Cost cost_;
};

}  // namespace cohortium::mpc
