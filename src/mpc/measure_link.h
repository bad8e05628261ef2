// How far apart and how well connected the parties of a run are, so that all of them choose alike between few rounds
// and few bytes.
//
// Security   the figures depend on the network alone; a peer's figures are bounded before use
// Reveals    to every party, how far the others are apart
// Rounds     about 12, and 3 more where a message takes two milliseconds or longer
// Sent       at most 100 bytes to each peer, and there 256 kB to each peer of a higher number
//
// One pair after the other, in the order (0,1), (0,2), …, (1,2), …: the first sends four 8-byte messages and the second
// sends each one back, the quickest counts. Then every party tells every peer its worst latency in nanoseconds (8 bytes,
// little-endian), and the worst of all holds. Where that is two milliseconds or longer, every pair passes one message of
// 256 kB, answered by 8 bytes, and the parties agree in the same way on the lowest rate in bytes per second.
#pragma once

#include <memory>
#include <span>

#include "mpc/engine.h"
#include "net/channel.h"

namespace cohortium::mpc {

// Below this, one way, all links are taken to be alike.
inline constexpr double near_seconds = 2e-3;

// `channels` by party, null for oneself; every party calls this at the same time. A near link is
// Link's default. Fails with net.*.
Link measure_link(PartyId self, std::span<const std::unique_ptr<net::Channel>> channels);

}  // namespace cohortium::mpc
