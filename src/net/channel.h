// An ordered, authenticated, confidential stream of messages between this party and one peer.
//
// Every kind of channel (memory, TLS 1.3, recording, faulty) keeps this contract:
//  - send() never waits for the peer: it hands the message over and goes on, so that all parties may send at once.
//  - receive() fills exactly message.size() bytes with the peer's next message; a message of another length is the
//    peer's fault (net.unexpected_length). It fails with net.peer_closed, net.peer_silent (no byte arrived within the
//    patience; any progress restarts the clock) or net.bad_frame. The error names the peer.
//  - try_receive() takes the next message if that needs no waiting. Else it returns false and keeps what has arrived, part
//    of it perhaps in `message` already: come again with the same span, by try_receive() or receive(), before anything
//    else is received. It fails as receive() does, but for lack of patience: only receive() waits.
//  - after a failure the channel stays failed: nothing is ever retried.
//  - whoever is done calls close(). A channel that is destroyed without it takes the peer's receive down with
//    net.peer_closed: that is how a party that fails tells the others.
//  - a channel belongs to one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/buffer.h"

namespace cohortium::net {

// How long a peer may show no progress before it counts as lost.
inline constexpr std::chrono::milliseconds default_patience{30'000};

struct Traffic {
  std::uint64_t bytes_sent = 0;  // payload, without framing and TLS
  std::uint64_t bytes_received = 0;
  std::uint64_t messages_sent = 0;
  std::uint64_t messages_received = 0;
};

class Channel {
 public:
  virtual ~Channel() = default;
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  virtual const std::string& peer() const = 0;
  virtual void send(std::span<const std::byte> message) = 0;
  virtual void receive(std::span<std::byte> message) = 0;
  virtual bool try_receive(std::span<std::byte> message) = 0;
  // The peer's next message of any length up to `limit` (else net.unexpected_length).
  virtual Bytes receive_message(std::size_t limit) = 0;
  // Lets time pass, in which everything queued or arriving moves on.
  virtual void wait_until(std::chrono::steady_clock::time_point time);
  // Waits until what was sent has left this program. A party that turns to something else for a while calls this first:
  // queues move only while a channel of the party is in use.
  virtual void flush() {}
  // Sends what is still queued and says goodbye, so that the peer does not take the end for a fault.
  virtual void close() = 0;
  virtual Traffic traffic() const = 0;
};

}  // namespace cohortium::net
