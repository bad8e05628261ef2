// What channels of frames are built on (tls_channel.h): a stream of bytes to one peer that never waits. In the product
// that is TLS alone (tls.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include "net/socket.h"

namespace cohortium::net {

class ByteStream {
 public:
  enum class Arrival { kData, kNothingYet, kGoodbye };
  struct Read {
    Arrival arrival;
    std::size_t count = 0;
  };

  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;

  virtual const std::string& peer() const = 0;
  virtual const Socket& socket() const = 0;
  virtual Read try_read(std::span<std::byte> out) = 0;
  // Queues, and sends what the socket takes, unless another write follows at once.
  virtual void write(std::span<const std::byte> bytes, bool more_follows = false) = 0;
  virtual bool flush() = 0;  // whether the socket took something of the queue
  virtual bool output_is_pending() const = 0;
  // Sends the rest and says goodbye, then makes sure that all of it has reached the peer's host.
  virtual void close(std::chrono::milliseconds timeout) = 0;
};

}  // namespace cohortium::net
