// Memory that wipes itself: every vector of shares, keys or records lives in a Buffer.
//
// A Buffer of n elements without a value leaves plain numbers and bytes unspecified, as resize() does with those it
// adds: most are overwritten at once. Who needs zeros says so: Buffer<u64>(n, 0). When contents are wiped is said in
// base/memory.h.
#pragma once

#include <cstddef>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "base/memory.h"

namespace cohortium {

// Overwrites memory in a way the compiler may not remove.
void wipe(void* memory, std::size_t bytes) noexcept;

// Equality in time that depends on the length only.
bool equal_in_constant_time(std::span<const std::byte> a, std::span<const std::byte> b);

template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) noexcept {}  // NOLINT(google-explicit-constructor): allocator requirement
  T* allocate(std::size_t count) { return static_cast<T*>(allocate_memory(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) noexcept { free_memory(memory, count * sizeof(T)); }
  // Elements without a value: default-initialised, where std::allocator would fill them with zeros.
  template <class U>
  void construct(U* element) {
    ::new (static_cast<void*>(element)) U;
  }
  template <class U>
  bool operator==(const WipingAllocator<U>&) const noexcept {
    return true;
  }
};

template <class T>
using Buffer = std::vector<T, WipingAllocator<T>>;
using Bytes = Buffer<std::byte>;

template <class T>
std::span<const std::byte> bytes_of(const T& container) {
  return std::as_bytes(std::span(container));
}
template <class T>
std::span<std::byte> writable_bytes_of(T& container) {
  return std::as_writable_bytes(std::span(container));
}

std::string to_hex(std::span<const std::byte> bytes);
// Fails with codec.bad_hex.
Bytes from_hex(const std::string& text);

}  // namespace cohortium
