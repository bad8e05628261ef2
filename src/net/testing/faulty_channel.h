// A test double: a party whose n-th message goes wrong on its way. Wraps one end of a memory channel; what the other
// end must make of it:
//
//   kDrop, kDuplicate, kGarbage   net.bad_frame at the next message (kDrop: net.peer_silent if there is none)
//   kTruncate                     net.unexpected_length (an empty message is left as it is)
//   kClose                        net.peer_closed, at both ends
#pragma once

#include <memory>
#include <utility>

#include "base/error.h"
#include "net/faults.h"
#include "net/memory_channel.h"

namespace cohortium::net {

enum class FaultKind { kDrop, kDuplicate, kTruncate, kGarbage, kClose };

struct Fault {
  FaultKind kind;
  std::uint64_t message;  // which of the sent messages, from 0
};

class FaultyChannel final : public Channel {
 public:
  FaultyChannel(std::unique_ptr<Channel> inner, Fault fault) : inner_(std::move(inner)), fault_(fault) {
    COHORTIUM_CHECK(dynamic_cast<MemoryChannel*>(inner_.get()) != nullptr);
  }

  const std::string& peer() const override { return inner_->peer(); }
  void send(std::span<const std::byte> message) override {
    const std::uint64_t sequence = next_++;
    if (sequence == fault_.message) return send_with_fault(sequence, message);
    memory().deliver(sequence, message);
  }
  void receive(std::span<std::byte> message) override { inner_->receive(message); }
  bool try_receive(std::span<std::byte> message) override { return inner_->try_receive(message); }
  Bytes receive_message(std::size_t limit) override { return inner_->receive_message(limit); }
  void flush() override { inner_->flush(); }
  void wait_until(std::chrono::steady_clock::time_point time) override { inner_->wait_until(time); }
  void close() override { inner_->close(); }
  Traffic traffic() const override { return inner_->traffic(); }

 private:
  MemoryChannel& memory() { return static_cast<MemoryChannel&>(*inner_); }

  void send_with_fault(std::uint64_t sequence, std::span<const std::byte> message) {
    switch (fault_.kind) {
      case FaultKind::kDrop:
        return;
      case FaultKind::kDuplicate:
        memory().deliver(sequence, message);
        return memory().deliver(sequence, message);
      case FaultKind::kTruncate:
        return memory().deliver(sequence, message.first(message.size() / 2));
      case FaultKind::kGarbage:
        return memory().deliver(0x6761726261676521, Bytes(message.size() + 7, std::byte{0xa5}));
      case FaultKind::kClose:
        inner_->close();
        throw Failure(peer_closed(peer()));
    }
  }

  std::unique_ptr<Channel> inner_;
  Fault fault_;
  std::uint64_t next_ = 0;
};

inline std::unique_ptr<Channel> make_faulty(std::unique_ptr<Channel> channel, Fault fault) {
  return std::make_unique<FaultyChannel>(std::move(channel), fault);
}

}  // namespace cohortium::net
