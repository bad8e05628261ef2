// A party's ties to the three others: its channels, the key streams it has in common with two others (one for each
// component it holds), and those it has with one other.
//
// Security   malicious, 1 corruption of 4. A common seed is dealt by the lowest-numbered of the three that hold it; the
//            two others compare what they got, so honest parties never draw differently. A dealer's choice harms nobody
//            but itself: it knows the stream anyway
// Reveals    nothing
// Rounds     2 when the engine is made (not counted in cost())
// Sent       then, at most 48 bytes and 32 bytes to a peer
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/error.h"
#include "crypto/one_time_tag.h"
#include "crypto/random_generator.h"
#include "mpc/lane_channels.h"
#include "mpc/replicated4/view.h"
#include "mpc/session.h"

namespace cohortium::mpc {

class Party {
 public:
  // Fails with mpc.cheating_detected or net.*.
  explicit Party(Session& session);

  PartyId self() const { return channels_.self(); }
  LaneChannels& channels() { return channels_; }
  const std::string& name_of(PartyId peer) { return channels_.channel(peer).peer(); }

  // What all parties but `without` draw in step.
  crypto::RandomGenerator& common(PartyId without) { return *common_[without]; }
  // What this party draws in step with `peer` alone.
  crypto::RandomGenerator& with(PartyId peer) { return *with_[peer]; }
  // The next key of a tag that this party and `peer` compute.
  crypto::OneTimeKey tag_key(PartyId peer);

 private:
  void agree_on_common_seeds();

  LaneChannels& channels_;
  std::array<std::optional<crypto::RandomGenerator>, four> common_, with_, tag_keys_;
};

// mpc.cheating_detected: one of the two, or whoever says so, does not follow the protocol.
Failure cheating_detected(const std::string& what, const std::string& first_suspect, const std::string& second_suspect);

}  // namespace cohortium::mpc
