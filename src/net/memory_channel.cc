#include "net/memory_channel.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "net/faults.h"

namespace cohortium::net {

struct MemoryPipe {
  struct Frame {
    std::uint64_t sequence;
    Bytes message;
  };
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Frame> frames;
  bool writer_gone = false, reader_gone = false;

  void end(bool MemoryPipe::*side) {
    const std::lock_guard lock(mutex);
    this->*side = true;
    changed.notify_all();
  }
};

MemoryChannel::MemoryChannel(std::string peer, std::shared_ptr<MemoryPipe> out, std::shared_ptr<MemoryPipe> in,
                             std::chrono::milliseconds patience)
    : peer_(std::move(peer)), out_(std::move(out)), in_(std::move(in)), patience_(patience) {}

MemoryChannel::~MemoryChannel() { close(); }

void MemoryChannel::close() {
  out_->end(&MemoryPipe::writer_gone);
  in_->end(&MemoryPipe::reader_gone);
}

void MemoryChannel::fail(Error error) {
  failure_ = std::move(error);
  close();
  throw Failure(*failure_);
}

void MemoryChannel::deliver(std::uint64_t sequence, std::span<const std::byte> message) {
  if (failure_) throw Failure(*failure_);
  Bytes copy(message.begin(), message.end());
  {
    const std::lock_guard lock(out_->mutex);
    if (!out_->reader_gone) {
      out_->frames.push_back({sequence, std::move(copy)});
      out_->changed.notify_all();
      traffic_.bytes_sent += message.size();
      ++traffic_.messages_sent;
      return;
    }
  }
  fail(peer_closed(peer_));
}

std::optional<Bytes> MemoryChannel::next_message(std::chrono::milliseconds patience) {
  if (failure_) throw Failure(*failure_);
  std::unique_lock lock(in_->mutex);
  const auto ready = [&] { return !in_->frames.empty() || in_->writer_gone; };
  if (patience > patience.zero() ? !in_->changed.wait_for(lock, patience, ready) : !ready()) return std::nullopt;
  if (in_->frames.empty()) {
    lock.unlock();
    fail(peer_closed(peer_));
  }
  MemoryPipe::Frame frame = std::move(in_->frames.front());
  in_->frames.pop_front();
  lock.unlock();
  if (frame.sequence != traffic_.messages_received) fail(bad_frame(peer_, "a message is missing or repeated"));
  traffic_.bytes_received += frame.message.size();
  ++traffic_.messages_received;
  return std::move(frame.message);
}

Bytes MemoryChannel::await_message() {
  std::optional<Bytes> arrived = next_message(patience_);
  if (!arrived) fail(peer_silent(peer_, patience_));
  return *std::move(arrived);
}

void MemoryChannel::hand_out(const Bytes& arrived, std::span<std::byte> message) {
  if (arrived.size() != message.size()) fail(unexpected_length(peer_, message.size(), arrived.size()));
  std::copy(arrived.begin(), arrived.end(), message.begin());
}

void MemoryChannel::receive(std::span<std::byte> message) { hand_out(await_message(), message); }

bool MemoryChannel::try_receive(std::span<std::byte> message) {
  const std::optional<Bytes> arrived = next_message(std::chrono::milliseconds(0));
  if (arrived) hand_out(*arrived, message);
  return arrived.has_value();
}

Bytes MemoryChannel::receive_message(std::size_t limit) {
  Bytes arrived = await_message();
  if (arrived.size() > limit) fail(longer_than(peer_, limit, arrived.size()));
  return arrived;
}

std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>> memory_channel_pair(std::string name_a,
                                                                                  std::string name_b,
                                                                                  std::chrono::milliseconds patience) {
  const auto from_a = std::make_shared<MemoryPipe>();
  const auto from_b = std::make_shared<MemoryPipe>();
  return {std::make_unique<MemoryChannel>(std::move(name_b), from_a, from_b, patience),
          std::make_unique<MemoryChannel>(std::move(name_a), from_b, from_a, patience)};
}

}  // namespace cohortium::net
