// A test double: writes down every message that passes, in order, so that tests can compare transcripts.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "net/channel.h"

namespace cohortium::net {

enum class Direction { kSent, kReceived };

struct TranscriptEntry {
  Direction direction;
  Bytes bytes;
};

// One party's view; several channels may share it.
struct Transcript {
  std::vector<TranscriptEntry> entries() const {
    const std::lock_guard lock(mutex_);
    return entries_;
  }
  void add(Direction direction, std::span<const std::byte> message) {
    const std::lock_guard lock(mutex_);
    entries_.push_back({direction, Bytes(message.begin(), message.end())});
  }

 private:
  mutable std::mutex mutex_;
  std::vector<TranscriptEntry> entries_;
};

class RecordingChannel final : public Channel {
 public:
  RecordingChannel(std::unique_ptr<Channel> inner, std::shared_ptr<Transcript> transcript)
      : inner_(std::move(inner)), transcript_(std::move(transcript)) {}

  const std::string& peer() const override { return inner_->peer(); }
  void send(std::span<const std::byte> message) override {
    transcript_->add(Direction::kSent, message);
    inner_->send(message);
  }
  void receive(std::span<std::byte> message) override {
    inner_->receive(message);
    transcript_->add(Direction::kReceived, message);
  }
  bool try_receive(std::span<std::byte> message) override {
    if (!inner_->try_receive(message)) return false;
    transcript_->add(Direction::kReceived, message);
    return true;
  }
  Bytes receive_message(std::size_t limit) override {
    Bytes message = inner_->receive_message(limit);
    transcript_->add(Direction::kReceived, message);
    return message;
  }
  void flush() override { inner_->flush(); }
  void wait_until(std::chrono::steady_clock::time_point time) override { inner_->wait_until(time); }
  void close() override { inner_->close(); }
  Traffic traffic() const override { return inner_->traffic(); }

 private:
  std::unique_ptr<Channel> inner_;
  std::shared_ptr<Transcript> transcript_;
};

inline std::unique_ptr<Channel> record(std::unique_ptr<Channel> channel, std::shared_ptr<Transcript> transcript) {
  return std::make_unique<RecordingChannel>(std::move(channel), std::move(transcript));
}

}  // namespace cohortium::net
