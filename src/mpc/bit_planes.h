// Bits of ring elements, turned on their side: plane j holds bit j of every element, 64 elements to a word. One AND on
// a word of a plane works on 64 elements at once.
#pragma once

#include <cstddef>
#include <span>

#include "base/buffer.h"
#include "mpc/ring.h"

namespace cohortium::mpc {

inline constexpr std::size_t words_for_bits(std::size_t bits) { return (bits + 63) / 64; }

// The mask of the bits in use in the last word of a vector of `size` bits.
inline constexpr u64 last_word_mask(std::size_t size) { return size % 64 == 0 ? ~u64{0} : (u64{1} << (size % 64)) - 1; }

// Planes 0 .. count-1, one after the other, words_for_bits(values.size()) words each; bits behind the last element are
// zero.
template <RingWord W>
Buffer<u64> to_planes(std::span<const W> values, int count);

// Bit `position` of every element.
template <RingWord W>
Buffer<u64> to_plane(std::span<const W> values, int position);

// In place: bit c of row r becomes bit r of row c.
void transpose_64x64(std::span<u64, 64> rows);

}  // namespace cohortium::mpc
