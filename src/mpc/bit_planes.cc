#include "mpc/bit_planes.h"

#include <algorithm>
#include <array>

#include "base/dispatch.h"
#include "base/error.h"

namespace cohortium::mpc {
namespace {

// Swaps the off-diagonal quarters of every block of 2 * width rows: six such steps transpose (recursive block
// transposition).
COHORTIUM_DISPATCHED void transpose_rows(u64* rows) {
  u64 mask = 0x00000000ffffffff;
  for (unsigned width = 32; width != 0; width >>= 1, mask ^= mask << width) {
    for (unsigned block = 0; block < 64; block += 2 * width) {
      for (unsigned row = block; row < block + width; ++row) {
        const u64 swapped = (rows[row] >> width ^ rows[row + width]) & mask;
        rows[row] ^= swapped << width;
        rows[row + width] ^= swapped;
      }
    }
  }
}

}  // namespace

void transpose_64x64(std::span<u64, 64> rows) { transpose_rows(rows.data()); }

template <RingWord W>
Buffer<u64> to_planes(std::span<const W> values, int count) {
  COHORTIUM_CHECK(count >= 1 && count <= bits_of<W>);
  const std::size_t words = words_for_bits(values.size());
  Buffer<u64> planes(words * count);
  Buffer<u64> rows(64);
  for (std::size_t word = 0; word < words; ++word) {
    const std::size_t in_use = std::min<std::size_t>(64, values.size() - 64 * word);
    for (int half = 0; 64 * half < count; ++half) {
      for (std::size_t i = 0; i < in_use; ++i) rows[i] = static_cast<u64>(values[64 * word + i] >> (64 * half));
      std::fill(rows.begin() + in_use, rows.end(), 0);
      transpose_rows(rows.data());
      const int here = std::min(64, count - 64 * half);
      for (int j = 0; j < here; ++j) planes[(64 * half + j) * words + word] = rows[j];
    }
  }
  return planes;
}

template <RingWord W>
Buffer<u64> to_plane(std::span<const W> values, int position) {
  Buffer<u64> plane(words_for_bits(values.size()), 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    plane[i / 64] |= static_cast<u64>(values[i] >> position & 1) << (i % 64);
  }
  return plane;
}

template Buffer<u64> to_planes(std::span<const u64>, int);
template Buffer<u64> to_planes(std::span<const u128>, int);
template Buffer<u64> to_plane(std::span<const u64>, int);
template Buffer<u64> to_plane(std::span<const u128>, int);

}  // namespace cohortium::mpc
