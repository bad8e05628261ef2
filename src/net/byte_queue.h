// A first-in first-out queue of bytes that grows by blocks, so that nothing is moved when it grows, and keeps one spare
// block, so that a stream that comes and goes does not allocate. Contents are wiped as those of all Buffers.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <span>
#include <utility>

#include "base/buffer.h"

namespace cohortium::net {

class ByteQueue {
 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Room behind the last byte, never empty; commit() what was written there.
  std::span<std::byte> space() {
    if (blocks_.empty() || end_ == block_size) {
      blocks_.push_back(spare_ ? std::move(*spare_) : Bytes(block_size));
      spare_.reset();
      end_ = 0;
    }
    return std::span(blocks_.back()).subspan(end_);
  }
  void commit(std::size_t count) {
    end_ += count;
    size_ += count;
  }
  void append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const std::span<std::byte> room = space();
      const std::size_t count = std::min(room.size(), bytes.size());
      std::copy_n(bytes.begin(), count, room.begin());
      commit(count);
      bytes = bytes.subspan(count);
    }
  }

  // The oldest bytes that lie together; consume() what was used of them.
  std::span<const std::byte> front() const {
    if (empty()) return {};
    return std::span(blocks_.front()).subspan(begin_, std::min(size_, block_size - begin_));
  }
  void consume(std::size_t count) {
    begin_ += count;
    size_ -= count;
    if (begin_ == block_size || size_ == 0) {
      spare_ = std::move(blocks_.front());
      blocks_.pop_front();
      begin_ = 0;
    }
  }
  // Moves up to out.size() bytes out and returns how many.
  std::size_t take(std::span<std::byte> out) {
    std::size_t taken = 0;
    while (taken < out.size() && !empty()) {
      const std::size_t count = std::min(front().size(), out.size() - taken);
      std::copy_n(front().begin(), count, out.begin() + taken);
      consume(count);
      taken += count;
    }
    return taken;
  }

 private:
  static constexpr std::size_t block_size = std::size_t{256} << 10;
  std::deque<Bytes> blocks_;
  std::optional<Bytes> spare_;
  std::size_t size_ = 0;
  std::size_t begin_ = 0;  // of the first block
  std::size_t end_ = 0;    // of the last block
};

}  // namespace cohortium::net
