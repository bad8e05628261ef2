// Where Buffers get their memory from. Large blocks are kept for the next Buffer when they are freed: a kernel that
// makes and drops vectors of megabytes would otherwise spend more time in page faults and wiping than in computing.
//
// Small    blocks below `large_block` come from operator new and are wiped when they are freed.
// Large    blocks are mapped in size classes. Freed ones stay mapped, contents and all, and the next one of that class
//          overwrites them. What is kept is bounded (an eighth of the machine's memory, 1 GiB at most): beyond that, the
//          block that lay unused longest is wiped and unmapped.
// Secrets  a kept block holds what its last owner left there. release_memory() wipes and unmaps all of them; whoever
//          ends a run calls it (docs/decisions/0008-memory.md).
//
// Any thread may call any of these. Under address and thread sanitizers every block is small, so that they see each
// one's bounds and life; valgrind sees them in a build with COHORTIUM_PLAIN_MEMORY defined.
#pragma once

#include <cstddef>

namespace cohortium {

inline constexpr std::size_t cache_line = 64;
inline constexpr std::size_t large_block = std::size_t{64} << 10;

// Aligned to cache lines, contents unspecified. Throws std::bad_alloc.
void* allocate_memory(std::size_t bytes);
// `bytes` as at allocation.
void free_memory(void* memory, std::size_t bytes) noexcept;

// Wipes and unmaps what is kept. Blocks in use stay as they are.
void release_memory() noexcept;
// Bytes in kept blocks.
std::size_t kept_memory() noexcept;
// The bound on what is kept, and another one from now on (0: nothing is kept).
std::size_t kept_memory_limit() noexcept;
void limit_kept_memory(std::size_t bytes) noexcept;

// Calls release_memory() at the end of a scope.
struct MemoryRelease {
  MemoryRelease() = default;
  MemoryRelease(const MemoryRelease&) = delete;
  MemoryRelease& operator=(const MemoryRelease&) = delete;
  ~MemoryRelease() { release_memory(); }
};

}  // namespace cohortium
