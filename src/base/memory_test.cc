// The pool of large blocks: what it keeps, what it wipes, and that Buffers do not touch memory they are not told to.
// This file stands in front of munmap(), to see what a block holds when it is given back.
#include "base/memory.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <thread>
#include <vector>

#include "base/buffer.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(COHORTIUM_PLAIN_MEMORY)

namespace {

struct Unmapped {
  std::size_t bytes = 0;
  bool secrets = false;
};
thread_local Unmapped* observer = nullptr;

}  // namespace

extern "C" int munmap(void* memory, std::size_t bytes) noexcept {
  if (observer != nullptr) {
    const auto* const words = static_cast<const std::uint64_t*>(memory);
    observer->bytes += bytes;
    observer->secrets |= std::reduce(words, words + bytes / sizeof *words, std::uint64_t{0}, std::bit_or<>()) != 0;
  }
  return static_cast<int>(::syscall(SYS_munmap, memory, bytes));
}

namespace cohortium {
namespace {

Unmapped watch(const auto& body) {
  Unmapped seen;
  observer = &seen;
  body();
  observer = nullptr;
  return seen;
}

constexpr std::size_t mebibyte = std::size_t{1} << 20;

TEST(Memory, KeepsAtMostAnEighthOfTheMachineAndAGibibyte) {
  EXPECT_LE(kept_memory_limit(), 1024 * mebibyte);
  EXPECT_GT(kept_memory_limit(), mebibyte);
}

struct Limit {
  explicit Limit(std::size_t bytes) { limit_kept_memory(bytes); }
  ~Limit() { limit_kept_memory(before); }
  const std::size_t before = kept_memory_limit();
};

TEST(Memory, BlocksOfAllSizesAreAlignedAndOneCannotReachAnother) {
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (std::size_t size = 1; size < 10 * mebibyte; size = size * 3 / 2 + 1) {
    for (const std::size_t bytes : {size, std::max<std::size_t>(size, large_block) + size % 3}) {
      auto* const block = static_cast<unsigned char*>(allocate_memory(bytes));
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % cache_line, 0u);
      std::fill_n(block, bytes, static_cast<unsigned char>(blocks.size()));
      blocks.emplace_back(block, bytes);
    }
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto [block, bytes] = blocks[i];
    EXPECT_EQ(std::count(block, block + bytes, static_cast<unsigned char>(i)), bytes);
    free_memory(block, bytes);
  }
  release_memory();
}

TEST(Memory, LargeBlocksAreUsedAgain) {
  release_memory();
  void* const first = allocate_memory(mebibyte);
  void* const second = allocate_memory(mebibyte);
  free_memory(first, mebibyte);
  free_memory(second, mebibyte);
  EXPECT_EQ(kept_memory(), 2 * mebibyte);
  EXPECT_EQ(allocate_memory(mebibyte), second);
  EXPECT_EQ(allocate_memory(mebibyte - 1), first);  // of the same class
  EXPECT_EQ(kept_memory(), 0u);
  free_memory(first, mebibyte - 1);
  free_memory(second, mebibyte);
  EXPECT_EQ(allocate_memory(large_block) == nullptr, false);
  EXPECT_EQ(kept_memory(), 2 * mebibyte);  // another class takes none of them
  release_memory();
}

TEST(Memory, ReleasedBlocksAreWiped) {
  release_memory();
  for (const std::size_t bytes : {large_block, mebibyte, 9 * mebibyte}) {
    Bytes(bytes, std::byte{0xa5});  // made and freed
    EXPECT_GE(kept_memory(), bytes);
    const Unmapped seen = watch([] { release_memory(); });
    EXPECT_GE(seen.bytes, bytes);
    EXPECT_FALSE(seen.secrets);
    EXPECT_EQ(kept_memory(), 0u);
  }
}

TEST(Memory, WhatIsKeptIsBoundedAndTheOldestLeavesFirst) {
  release_memory();
  const Limit limit(16 * mebibyte);
  const std::size_t quarter = 4 * mebibyte;
  std::vector<void*> blocks;
  for (int i = 0; i < 6; ++i) {
    blocks.push_back(allocate_memory(quarter));
    static_cast<unsigned char*>(blocks.back())[quarter - 1] = 7;
  }
  const Unmapped seen = watch([&] {
    for (void* block : blocks) free_memory(block, quarter);
  });
  EXPECT_EQ(kept_memory(), 4 * quarter);
  EXPECT_EQ(seen.bytes, 2 * quarter);
  EXPECT_FALSE(seen.secrets);
  EXPECT_EQ(allocate_memory(quarter), blocks[5]);
  free_memory(blocks[5], quarter);
  limit_kept_memory(2 * quarter);
  EXPECT_EQ(kept_memory(), 2 * quarter);
  release_memory();
}

TEST(Memory, ABlockBeyondTheBoundIsWipedAtOnce) {
  const Limit limit(mebibyte);
  const std::size_t bytes = 2 * mebibyte;
  void* const block = allocate_memory(bytes);
  static_cast<unsigned char*>(block)[bytes / 2] = 7;
  const Unmapped seen = watch([&] { free_memory(block, bytes); });
  EXPECT_GE(seen.bytes, bytes);
  EXPECT_FALSE(seen.secrets);
  EXPECT_EQ(kept_memory(), 0u);
}

TEST(Memory, ThreadsShareIt) {
  const auto work = [](unsigned char mark) {
    for (std::size_t i = 0; i < 500; ++i) {
      const std::size_t bytes = large_block + i % 50 * 4096;
      Buffer<unsigned char> mine(bytes, mark), other(bytes / 2, mark);
      ASSERT_EQ(std::count(mine.begin(), mine.end(), mark), bytes);
      if (i % 100 == 0) release_memory();
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned char mark = 1; mark <= 3; ++mark) threads.emplace_back(work, mark);
}

TEST(Buffer, DoesNotTouchElementsWithoutAValue) {
  release_memory();
  constexpr std::size_t size = mebibyte / 8;
  Buffer<std::uint64_t>(size, 11);
  const Buffer<std::uint64_t> reused(size);
  EXPECT_EQ(reused.back(), 11u);  // the block is the one above, and nobody wrote to it
  const Buffer<std::uint64_t> zeros(size, 0);
  EXPECT_EQ(std::count(zeros.begin(), zeros.end(), 0u), size);
  release_memory();
}

}  // namespace
}  // namespace cohortium

#endif
