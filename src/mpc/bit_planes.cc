// Eight 64 x 64 blocks of bits are transposed at once: row i of all eight is one vector of eight words, so that every
// step of the transposition is an operation on whole vectors, and what comes out as row j is eight words of plane j.
#include "mpc/bit_planes.h"

#include <algorithm>
#include <cstring>

#include "base/dispatch.h"
#include "base/error.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t side = 64, lanes = 8, tile = side * lanes;  // elements of a tile

struct alignas(64) Rows {
  u64 word[side][lanes];
  // What passes through is secret, and lies on the stack.
  ~Rows() { wipe(word, sizeof(word)); }
};

// Swaps the off-diagonal quarters of every block of 2 * width rows: six such steps transpose (recursive block
// transposition). Here the compiler makes vectors of the eight lanes.
template <unsigned width>
inline void swap_quarters(u64* words, u64 mask) {
  for (unsigned block = 0; block < side; block += 2 * width) {
    u64* const high = words + lanes * block;
    u64* const low = high + lanes * width;
#pragma GCC ivdep
    for (unsigned i = 0; i < lanes * width; ++i) {
      const u64 swapped = (high[i] >> width ^ low[i]) & mask;
      high[i] ^= swapped << width;
      low[i] ^= swapped;
    }
  }
}

COHORTIUM_DISPATCHED void transpose(u64* words) {
  swap_quarters<32>(words, 0x00000000ffffffff);
  swap_quarters<16>(words, 0x0000ffff0000ffff);
  swap_quarters<8>(words, 0x00ff00ff00ff00ff);
  swap_quarters<4>(words, 0x0f0f0f0f0f0f0f0f);
  swap_quarters<2>(words, 0x3333333333333333);
  swap_quarters<1>(words, 0x5555555555555555);
}

template <RingWord W>
void load(const W* values, int half, Rows& rows) {
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    for (std::size_t i = 0; i < side; ++i) {
      rows.word[i][lane] = static_cast<u64>(values[side * lane + i] >> (64 * half));
    }
  }
}

template <RingWord W>
void load_some(const W* values, std::size_t size, int half, Rows& rows) {
  std::memset(rows.word, 0, sizeof(rows.word));
  for (std::size_t i = 0; i < size; ++i) rows.word[i % side][i / side] = static_cast<u64>(values[i] >> (64 * half));
}

// One word of a plane from 64 elements.
template <RingWord W>
inline u64 plane_word(const W* values, int position, std::size_t count) {
  u64 word = 0;
  for (std::size_t i = 0; i < count; ++i) word |= (static_cast<u64>(values[i] >> position) & 1) << i;
  return word;
}

COHORTIUM_DISPATCHED void whole_words(const u64* values, int position, u64* plane, std::size_t words) {
  for (std::size_t word = 0; word < words; ++word) plane[word] = plane_word(values + side * word, position, side);
}

COHORTIUM_DISPATCHED void whole_words(const u128* values, int position, u64* plane, std::size_t words) {
  for (std::size_t word = 0; word < words; ++word) plane[word] = plane_word(values + side * word, position, side);
}

}  // namespace

template <RingWord W>
void split_planes(const W* values, std::size_t size, int count, u64* planes, std::size_t stride) {
  COHORTIUM_CHECK(count >= 0 && count <= bits_of<W>);
  Rows rows;
  for (std::size_t from = 0; from < size; from += tile) {
    const std::size_t in_use = std::min(tile, size - from), words = words_for_bits(in_use);
    for (int half = 0; 64 * half < count; ++half) {
      if (in_use == tile) {
        load(values + from, half, rows);
      } else {
        load_some(values + from, in_use, half, rows);
      }
      transpose(rows.word[0]);
      u64* out = planes + 64 * half * stride + from / side;
      const int here = std::min(64, count - 64 * half);
      for (int j = 0; j < here; ++j, out += stride) std::copy_n(rows.word[j], words, out);
    }
  }
}

template <RingWord W>
void join_planes(const u64* planes, std::size_t stride, int count, W* values, std::size_t size) {
  COHORTIUM_CHECK(count >= 0 && count <= bits_of<W>);
  Rows rows;
  for (std::size_t from = 0; from < size; from += tile) {
    const std::size_t in_use = std::min(tile, size - from), words = words_for_bits(in_use);
    for (int half = 0; 64 * half < bits_of<W>; ++half) {
      const int here = std::clamp(count - 64 * half, 0, 64);
      if (here < 64 || words < lanes) std::memset(rows.word, 0, sizeof(rows.word));
      const u64* in = planes + 64 * half * stride + from / side;
      for (int j = 0; j < here; ++j, in += stride) std::copy_n(in, words, rows.word[j]);
      transpose(rows.word[0]);
      for (std::size_t i = 0; i < in_use; ++i) {
        const W part = static_cast<W>(W{rows.word[i % side][i / side]} << (64 * half));
        values[from + i] = half == 0 ? part : values[from + i] | part;
      }
    }
  }
}

template <RingWord W>
void split_plane(const W* values, std::size_t size, int position, u64* plane) {
  whole_words(values, position, plane, size / side);
  if (size % side != 0) plane[size / side] = plane_word(values + size / side * side, position, size % side);
}

template <RingWord W>
Buffer<u64> to_planes(std::span<const W> values, int count) {
  const std::size_t words = words_for_bits(values.size());
  Buffer<u64> planes(words * count);
  split_planes(values.data(), values.size(), count, planes.data(), words);
  return planes;
}

template <RingWord W>
Buffer<u64> to_plane(std::span<const W> values, int position) {
  Buffer<u64> plane(words_for_bits(values.size()));
  split_plane(values.data(), values.size(), position, plane.data());
  return plane;
}

#define COHORTIUM_FOR_RING(W)                                                \
  template void split_planes(const W*, std::size_t, int, u64*, std::size_t); \
  template void join_planes(const u64*, std::size_t, int, W*, std::size_t);  \
  template void split_plane(const W*, std::size_t, int, u64*);               \
  template Buffer<u64> to_planes(std::span<const W>, int);                   \
  template Buffer<u64> to_plane(std::span<const W>, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
