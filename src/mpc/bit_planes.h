// Bits of ring elements, turned on their side: plane j holds bit j of every element, 64 elements to a word. One AND on
// a word of a plane works on 64 elements at once.
//
// Secrets pass through: no branch, address or loop count depends on a value.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/buffer.h"
#include "mpc/ring.h"

namespace cohortium::mpc {

inline constexpr std::size_t words_for_bits(std::size_t bits) { return (bits + 63) / 64; }

// The mask of the bits in use in the last word of a vector of `size` bits.
inline constexpr u64 last_word_mask(std::size_t size) { return size % 64 == 0 ? ~u64{0} : (u64{1} << (size % 64)) - 1; }

// Bits 0 .. count-1 of `size` elements: plane j goes to planes + j * stride, words_for_bits(size) words; bits behind the
// last element become zero.
template <RingWord W>
void split_planes(const W* values, std::size_t size, int count, u64* planes, std::size_t stride);

// The elements whose bit j stands in plane j, j < count; all higher bits are zero. The inverse of split_planes.
template <RingWord W>
void join_planes(const u64* planes, std::size_t stride, int count, W* values, std::size_t size);

// Bit `position` of `size` elements; bits behind the last element become zero.
template <RingWord W>
void split_plane(const W* values, std::size_t size, int position, u64* plane);

// Planes 0 .. count-1, one after the other.
template <RingWord W>
Buffer<u64> to_planes(std::span<const W> values, int count);

// Bit `position` of every element.
template <RingWord W>
Buffer<u64> to_plane(std::span<const W> values, int position);

// Calls body(word, shift, start, n): elements start .. start + n - 1 of the stretch that begins at element `from` have
// their bits in this word of a packed vector, from bit `shift` on.
template <class Body>
inline void by_words(std::size_t from, std::size_t count, Body body) {
  for (std::size_t start = 0; start < count;) {
    const std::size_t shift = (from + start) % 64, n = std::min(count - start, 64 - shift);
    body((from + start) / 64, shift, start, n);
    start += n;
  }
}

}  // namespace cohortium::mpc
