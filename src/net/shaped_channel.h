// A link of a stated latency and bandwidth, played between processes of one machine, where the kernel offers no traffic
// shaping: for measuring, never for a run.
//
// Before every message goes its arrival time (8 bytes, little-endian, nanoseconds of CLOCK_MONOTONIC, which all
// processes of a machine share): messages leave one after the other at the link's speed, and each arrives the latency
// after its last byte left,
//
//   start = max(now, when the link is free),  free = start + bytes / bandwidth,  arrival = free + latency.
//
// The receiver hands no message out before it has arrived. Bytes are those of the message and its frame header; TLS,
// TCP and IP would add some 4 %, and neither TCP's slow start nor losses are played.
//
// Patience   is the inner channel's: until it has delivered, not until the message has arrived
// Trust      none is needed for secrets, but a peer can delay a message by an hour (beyond: net.bad_frame)
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "net/channel.h"

namespace cohortium::net {

struct LinkShape {
  std::chrono::nanoseconds latency{0};  // one way
  double bytes_per_second = 0;          // 0: as fast as it goes
  bool operator==(const LinkShape&) const = default;
};

// "loopback" (as it is), "lan" (1 Gbit/s, 1 ms), "national-wan" (100 Mbit/s, 20 ms), "wan" (100 Mbit/s, 50 ms),
// "bad-wan" (10 Mbit/s, 100 ms).
std::optional<LinkShape> link_shape(std::string_view name);

// One direction of a link, for all channels that share it (the lanes from one party to one other). Any thread may use
// it.
class ShapedLink {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit ShapedLink(LinkShape shape) : shape_(shape) {}
  // When a message of so many bytes, handed over now, arrives.
  Time send(Time now, std::size_t bytes);

 private:
  const LinkShape shape_;
  std::mutex mutex_;
  Time free_{};
};

// Both ends must be shaped. `link` is what this end sends over.
std::unique_ptr<Channel> shape(std::unique_ptr<Channel> channel, std::shared_ptr<ShapedLink> link);

}  // namespace cohortium::net
