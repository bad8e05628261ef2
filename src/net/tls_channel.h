// The channels of one party to its peers over TLS streams, and how they keep moving without threads.
//
// A frame, inside TLS 1.3 records (integers little-endian):
//
//   0               8               16
//   +---------------+---------------+----------------------------+
//   | length        | sequence      | message (length bytes)     |
//   +---------------+---------------+----------------------------+
//
// `length` is at most maximum_message; `sequence` counts this direction's frames from 0. Anything else is
// net.bad_frame. TLS already authenticates the order; the number tells a faulty program from a faulty line.
//
// Progress   send() encrypts, hands the socket what it takes and queues the rest. Whenever one channel waits, all
//            siblings move: their queues drain into the network and what arrives for them is read into memory. A
//            try_receive() in vain drains the queues, too. So parties that all send large messages at once never
//            deadlock, and nobody needs a thread.
// Faults     siblings stand and fall together: a fault of one peer, noticed while waiting for another, ends the
//            receive at once, with the faulty peer's name, and all siblings stay failed. A peer that said goodbye
//            (close()) is no fault until a message from it is missing.
// Memory     at most one maximum_message plus a little is read ahead per sibling; then the peer has to wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "net/channel.h"
#include "net/tls.h"

namespace cohortium::net {

struct ChannelOptions {
  std::chrono::milliseconds patience = default_patience;  // from either side's last progress on the stream
  std::uint64_t maximum_message = std::uint64_t{1} << 32;
};

// One channel per stream, in the order given, as siblings. Their handshakes are done and chose channel_protocol. All
// siblings belong to the same thread.
std::vector<std::unique_ptr<Channel>> make_tls_channels(std::vector<std::unique_ptr<TlsStream>> streams,
                                                        ChannelOptions options = {});
// The same frames over streams of another kind: for benchmarks that measure what TLS costs.
std::vector<std::unique_ptr<Channel>> make_channels(std::vector<std::unique_ptr<ByteStream>> streams,
                                                    ChannelOptions options = {});

}  // namespace cohortium::net
