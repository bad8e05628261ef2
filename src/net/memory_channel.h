// Channels between threads of one process: for tests, rehearsals and benchmarks without a network.
//
// Queues are unbounded, so send() never waits. Frames are numbered as on the wire: a lost or repeated message is
// net.bad_frame, never taken for another.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "net/channel.h"

namespace cohortium::net {

struct MemoryPipe;  // one direction

class MemoryChannel final : public Channel {
 public:
  MemoryChannel(std::string peer, std::shared_ptr<MemoryPipe> out, std::shared_ptr<MemoryPipe> in,
                std::chrono::milliseconds patience);
  ~MemoryChannel() override;

  const std::string& peer() const override { return peer_; }
  void send(std::span<const std::byte> message) override { deliver(traffic_.messages_sent, message); }
  void receive(std::span<std::byte> message) override;
  bool try_receive(std::span<std::byte> message) override;
  Bytes receive_message(std::size_t limit) override;
  void close() override;
  Traffic traffic() const override { return traffic_; }

  // Puts a frame of any number on the wire. send() is this with the right number; tests play a faulty peer.
  void deliver(std::uint64_t sequence, std::span<const std::byte> message);

 private:
  // Nothing if none came within `patience`.
  std::optional<Bytes> next_message(std::chrono::milliseconds patience);
  Bytes await_message();
  void hand_out(const Bytes& arrived, std::span<std::byte> message);
  [[noreturn]] void fail(Error error);

  std::string peer_;
  std::shared_ptr<MemoryPipe> out_, in_;
  std::chrono::milliseconds patience_;
  Traffic traffic_;
  std::optional<Error> failure_;
};

// The first belongs to a (its peer() is b), the second to b.
std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>> memory_channel_pair(
    std::string name_a, std::string name_b, std::chrono::milliseconds patience = default_patience);

}  // namespace cohortium::net
