// Channels over TCP without TLS, to measure what TLS costs. For benchmarks on loopback alone: nothing is encrypted, no
// peer proves who it is, and no library of the product links this.
//
// Frames are those of net/tls_channel.h. A caller begins with its party number (4 bytes, little-endian).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "net/byte_stream.h"
#include "net/tls_channel.h"

namespace cohortium::bench {

struct PlainConnection {
  net::Socket socket;
  int peer = -1;  // the other end's party number
};

// The lane to `peer`, which listens on the port of this machine. Fails with net.cannot_connect.
PlainConnection call_plain(std::uint16_t port, int self, int peer, net::Deadline deadline);
// The next caller; fails with net.peer_silent when none came in time.
PlainConnection answer_plain(const net::Socket& listener, std::chrono::milliseconds timeout);

// One channel per connection, as siblings; peers are called "party0", "party1", …
std::vector<std::unique_ptr<net::Channel>> make_plain_channels(std::vector<PlainConnection> connections,
                                                               net::ChannelOptions options = {});

}  // namespace cohortium::bench
