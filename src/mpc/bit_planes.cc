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
  u64* words() { return &word[0][0]; }
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

// Words i of eight rows become row i: out[8 i + j] = in[stride_in j + i], strides in words.
void turn_8x8_plainly(const u64* in, std::size_t stride_in, u64* out, std::size_t stride_out) {
  for (std::size_t i = 0; i < lanes; ++i) {
    for (std::size_t j = 0; j < lanes; ++j) out[stride_out * i + j] = in[stride_in * j + i];
  }
}

#if defined(__x86_64__) && defined(__GNUC__)
typedef u64 Vector __attribute__((vector_size(lanes * sizeof(u64))));

__attribute__((target("avx512f"))) void turn_8x8_by_vectors(const u64* in, std::size_t stride_in, u64* out,
                                                            std::size_t stride_out) {
  Vector rows[8], pairs[8], columns[8];
  for (int j = 0; j < 8; ++j) std::memcpy(&rows[j], in + stride_in * j, sizeof(Vector));
  for (int j = 0; j < 4; ++j) {
    pairs[j] = __builtin_shufflevector(rows[2 * j], rows[2 * j + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    pairs[4 + j] = __builtin_shufflevector(rows[2 * j], rows[2 * j + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int odd = 0; odd < 2; ++odd) {
    const Vector* const p = pairs + 4 * odd;
    const Vector low_0 = __builtin_shufflevector(p[0], p[1], 0, 1, 4, 5, 8, 9, 12, 13);
    const Vector low_1 = __builtin_shufflevector(p[2], p[3], 0, 1, 4, 5, 8, 9, 12, 13);
    const Vector high_0 = __builtin_shufflevector(p[0], p[1], 2, 3, 6, 7, 10, 11, 14, 15);
    const Vector high_1 = __builtin_shufflevector(p[2], p[3], 2, 3, 6, 7, 10, 11, 14, 15);
    columns[odd] = __builtin_shufflevector(low_0, low_1, 0, 1, 4, 5, 8, 9, 12, 13);
    columns[odd + 4] = __builtin_shufflevector(low_0, low_1, 2, 3, 6, 7, 10, 11, 14, 15);
    columns[odd + 2] = __builtin_shufflevector(high_0, high_1, 0, 1, 4, 5, 8, 9, 12, 13);
    columns[odd + 6] = __builtin_shufflevector(high_0, high_1, 2, 3, 6, 7, 10, 11, 14, 15);
  }
  for (int i = 0; i < 8; ++i) std::memcpy(out + stride_out * i, &columns[i], sizeof(Vector));
}

const auto turn_8x8 = __builtin_cpu_supports("avx512f") ? turn_8x8_by_vectors : turn_8x8_plainly;
#else
const auto turn_8x8 = turn_8x8_plainly;
#endif

// A whole tile of 64-bit words, word after word, to rows and back.
void load(const u64* words, Rows& rows) {
  for (std::size_t i = 0; i < side; i += lanes) turn_8x8(words + i, side, rows.word[i], lanes);
}
void store(const Rows& rows, u64* words) {
  for (std::size_t i = 0; i < side; i += lanes) turn_8x8(rows.word[i], lanes, words + i, side);
}

void load(const u64* values, int, Rows& rows) { load(values, rows); }
void load(const u128* values, int half, Rows& rows) {
  Rows words;
  if (half == 0) {
    for (std::size_t i = 0; i < tile; ++i) words.words()[i] = static_cast<u64>(values[i]);
  } else {
    for (std::size_t i = 0; i < tile; ++i) words.words()[i] = static_cast<u64>(values[i] >> 64);
  }
  load(words.words(), rows);
}
void store(const Rows& rows, int, u64* values) { store(rows, values); }
void store(const Rows& rows, int half, u128* values) {
  Rows words;
  store(rows, words.words());
  if (half == 0) {
    for (std::size_t i = 0; i < tile; ++i) values[i] = words.words()[i];
  } else {
    for (std::size_t i = 0; i < tile; ++i) values[i] |= u128{words.words()[i]} << 64;
  }
}

template <RingWord W>
void load_some(const W* values, std::size_t size, int half, Rows& rows) {
  std::memset(rows.word, 0, sizeof(rows.word));
  for (std::size_t i = 0; i < size; ++i) rows.word[i % side][i / side] = static_cast<u64>(values[i] >> (64 * half));
}

// A row of a tile, most often a whole one: then no call and no loop.
inline void copy_words(const u64* from, std::size_t count, u64* to) {
  if (count == lanes) {
    std::memcpy(to, from, lanes * sizeof(u64));
  } else {
    std::copy_n(from, count, to);
  }
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
      for (int j = 0; j < here; ++j, out += stride) copy_words(rows.word[j], words, out);
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
      for (int j = 0; j < here; ++j, in += stride) copy_words(in, words, rows.word[j]);
      transpose(rows.word[0]);
      if (in_use == tile) {
        store(rows, half, values + from);
        continue;
      }
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
