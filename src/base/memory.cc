// A pool of large blocks. Kept blocks hold their own links, so freeing needs no memory and cannot fail.
#include "base/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <mutex>
#include <new>

#include "base/buffer.h"

namespace cohortium {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(COHORTIUM_PLAIN_MEMORY)
constexpr bool keeps_blocks = false;
#else
constexpr bool keeps_blocks = true;
#endif

// Eight classes to a doubling: a block is at most an eighth larger than what was asked for.
constexpr int classes_per_doubling_log = 3;

std::size_t size_of_class_for(std::size_t bytes) {
  const std::size_t step = std::bit_floor(bytes) >> classes_per_doubling_log;
  return (bytes + step - 1) / step * step;
}
std::size_t class_of(std::size_t class_size) {
  const auto doubling = static_cast<std::size_t>(std::bit_width(class_size)) - 1;
  return (doubling << classes_per_doubling_log) + ((class_size >> (doubling - classes_per_doubling_log)) & 7);
}

// From this size on, blocks start at huge pages and ask for them.
constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t huge_block = std::size_t{4} << 20;

void* map_pages(std::size_t bytes) {
  const std::size_t slack = bytes >= huge_block ? huge_page : 0;
  void* const mapped = ::mmap(nullptr, bytes + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  if (slack == 0) return mapped;
  auto* const begin = static_cast<std::byte*>(mapped);
  const std::size_t head = (huge_page - reinterpret_cast<std::uintptr_t>(begin) % huge_page) % huge_page;
  if (head > 0) ::munmap(begin, head);
  if (slack > head) ::munmap(begin + head + bytes, slack - head);
  ::madvise(begin + head, bytes, MADV_HUGEPAGE);
  return begin + head;
}

void wipe_and_unmap(void* memory, std::size_t bytes) {
  wipe(memory, bytes);
  ::munmap(memory, bytes);
}

// What stands at the beginning of a kept block.
struct Kept {
  std::size_t size;
  Kept *older, *newer;                    // among all
  Kept *older_of_class, *newer_of_class;  // among those of its size
};

class Pool {
 public:
  // Null where none of this size is kept. The newest first: it may still be in the cache.
  void* take(std::size_t size) {
    const std::lock_guard lock(mutex_);
    Kept* const block = newest_of_class_[class_of(size)];
    if (block != nullptr) unlink(*block);
    return block;
  }

  void keep(void* memory, std::size_t size) {
    const std::lock_guard lock(mutex_);
    if (size > limit_in_force()) return wipe_and_unmap(memory, size);
    while (kept_ + size > limit_) drop_oldest();
    link(*::new (memory) Kept{.size = size,
                              .older = newest_,
                              .newer = nullptr,
                              .older_of_class = newest_of_class_[class_of(size)],
                              .newer_of_class = nullptr});
  }

  void release() {
    const std::lock_guard lock(mutex_);
    while (oldest_ != nullptr) drop_oldest();
  }

  std::size_t kept() {
    const std::lock_guard lock(mutex_);
    return kept_;
  }

  std::size_t limit() {
    const std::lock_guard lock(mutex_);
    return limit_in_force();
  }
  void set_limit(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    limit_ = bytes;
    while (kept_ > limit_) drop_oldest();
  }

 private:
  static constexpr std::size_t not_asked_yet = ~std::size_t{0};

  std::size_t limit_in_force() {
    if (limit_ == not_asked_yet) {
      const std::uint64_t machine =
          static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
      limit_ = std::min<std::uint64_t>(machine / 8, std::uint64_t{1} << 30);
    }
    return limit_;
  }
  void link(Kept& block) {
    (block.older != nullptr ? block.older->newer : oldest_) = &block;
    if (block.older_of_class != nullptr) block.older_of_class->newer_of_class = &block;
    newest_ = newest_of_class_[class_of(block.size)] = &block;
    kept_ += block.size;
  }
  void unlink(Kept& block) {
    (block.older != nullptr ? block.older->newer : oldest_) = block.newer;
    (block.newer != nullptr ? block.newer->older : newest_) = block.older;
    if (block.older_of_class != nullptr) block.older_of_class->newer_of_class = block.newer_of_class;
    (block.newer_of_class != nullptr ? block.newer_of_class->older_of_class : newest_of_class_[class_of(block.size)]) =
        block.older_of_class;
    kept_ -= block.size;
  }
  void drop_oldest() {
    Kept* const block = oldest_;
    const std::size_t size = block->size;
    unlink(*block);
    wipe_and_unmap(block, size);
  }

  std::mutex mutex_;
  Kept *oldest_ = nullptr, *newest_ = nullptr;
  std::array<Kept*, 64 << classes_per_doubling_log> newest_of_class_{};
  std::size_t kept_ = 0;
  std::size_t limit_ = not_asked_yet;
};

// Needs neither construction nor destruction: Buffers live before main() and after it.
constinit Pool pool;

}  // namespace

void* allocate_memory(std::size_t bytes) {
  if (!keeps_blocks || bytes < large_block) return ::operator new (bytes, std::align_val_t{cache_line});
  if (bytes > std::size_t{1} << 60) throw std::bad_alloc();
  const std::size_t size = size_of_class_for(bytes);
  void* memory = pool.take(size);
  if (memory == nullptr) memory = map_pages(size);
  if (memory == nullptr) {
    pool.release();  // what is kept may be what is missing
    memory = map_pages(size);
  }
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void free_memory(void* memory, std::size_t bytes) noexcept {
  if (memory == nullptr) return;
  if (keeps_blocks && bytes >= large_block) return pool.keep(memory, size_of_class_for(bytes));
  wipe(memory, bytes);
  ::operator delete (memory, std::align_val_t{cache_line});
}

void release_memory() noexcept { pool.release(); }
std::size_t kept_memory() noexcept { return pool.kept(); }
std::size_t kept_memory_limit() noexcept { return pool.limit(); }
void limit_kept_memory(std::size_t bytes) noexcept { pool.set_limit(bytes); }

}  // namespace cohortium
