// The blocks: a stretch of the inner dimension at a time, the right side is packed into panels of `tile_columns` columns,
// the left side into strips of `tile_rows` rows, both padded with zeros, and every tile of the result is added up in
// registers. A few columns are not worth that: there, every result is a sum of products of two contiguous vectors.
//
// Source  Goto and van de Geijn, ACM TOMS 2008
#include "mpc/matrix_product.h"

#include <algorithm>
#include <cstring>

#include "base/buffer.h"
#include "base/dispatch.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t tile_rows = 4;
template <RingWord W>
constexpr std::size_t tile_columns = sizeof(W) == sizeof(u64) ? 16 : 4;

// A packed right side of 512 kB and a packed left side of 128 kB stay in the second-level cache.
constexpr std::size_t block_rows = 64, block_inner = 256;
template <RingWord W>
constexpr std::size_t block_columns = 256 * sizeof(u64) / sizeof(W);
template <RingWord W>
constexpr std::size_t fewest_columns = tile_columns<W> / 2;

// tile (tile_rows x tile_columns) = strip times panel.
COHORTIUM_DISPATCHED void multiply_tile(const u64* strip, const u64* panel, std::size_t depth, u64* tile) {
  typedef u64 Vector __attribute__((vector_size(64)));
  Vector sums[tile_rows][2] = {};
  for (std::size_t d = 0; d < depth; ++d, strip += tile_rows, panel += 16) {
    Vector left, right;
    std::memcpy(&left, panel, sizeof left);
    std::memcpy(&right, panel + 8, sizeof right);
    for (std::size_t row = 0; row < tile_rows; ++row) {
      sums[row][0] += strip[row] * left;
      sums[row][1] += strip[row] * right;
    }
  }
  std::memcpy(tile, sums, sizeof sums);
}

void multiply_tile(const u128* strip, const u128* panel, std::size_t depth, u128* tile) {
  constexpr std::size_t columns = tile_columns<u128>;
  std::fill_n(tile, tile_rows * columns, u128{0});
  for (std::size_t row = 0; row < tile_rows; row += 2) {
    for (std::size_t column = 0; column < columns; column += 2) {  // as many sums as fit the registers
      u128 a = 0, b = 0, c = 0, d = 0;
      for (std::size_t i = 0; i < depth; ++i) {
        const u128 *const x = strip + i * tile_rows + row, *const y = panel + i * columns + column;
        a += x[0] * y[0];
        b += x[0] * y[1];
        c += x[1] * y[0];
        d += x[1] * y[1];
      }
      tile[row * columns + column] = a;
      tile[row * columns + column + 1] = b;
      tile[(row + 1) * columns + column] = c;
      tile[(row + 1) * columns + column + 1] = d;
    }
  }
}

// Rows [0, rows) and columns [0, depth) of `from` as strips: element (row, d) of a strip at d * tile_rows + row.
template <RingWord W>
void pack_strips(const W* from, std::size_t stride, std::size_t rows, std::size_t depth, W* to) {
  for (std::size_t row = 0; row < rows; row += tile_rows, to += tile_rows * depth) {
    for (std::size_t r = 0; r < tile_rows; ++r) {
      const W* const source = from + (row + r) * stride;
      for (std::size_t d = 0; d < depth; ++d) to[d * tile_rows + r] = row + r < rows ? source[d] : W{0};
    }
  }
}

// Rows [0, depth) and columns [0, columns) of `from`, plus `too`, as panels: element (d, column) at
// d * tile_columns + column.
template <RingWord W>
void pack_panels(const W* from, const W* too, std::size_t stride, std::size_t depth, std::size_t columns, W* to) {
  constexpr std::size_t width = tile_columns<W>;
  for (std::size_t column = 0; column < columns; column += width) {
    const std::size_t in_use = std::min(width, columns - column);
    for (std::size_t d = 0; d < depth; ++d, to += width) {
      const std::size_t at = d * stride + column;
      if (too != nullptr) {
        for (std::size_t c = 0; c < in_use; ++c) to[c] = from[at + c] + too[at + c];
      } else {
        std::copy_n(from + at, in_use, to);
      }
      std::fill(to + in_use, to + width, W{0});
    }
  }
}

// Adds strips times panels to the block of the result at `out`.
template <RingWord W>
void add_block(const W* strips, const W* panels, std::size_t rows, std::size_t depth, std::size_t columns, W* out,
               std::size_t stride) {
  constexpr std::size_t width = tile_columns<W>;
  alignas(64) W tile[tile_rows * width];
  for (std::size_t column = 0; column < columns; column += width, panels += width * depth) {
    const W* strip = strips;
    for (std::size_t row = 0; row < rows; row += tile_rows, strip += tile_rows * depth) {
      multiply_tile(strip, panels, depth, tile);
      const std::size_t tall = std::min(tile_rows, rows - row), wide = std::min(width, columns - column);
      for (std::size_t r = 0; r < tall; ++r) {
        W* const to = out + (row + r) * stride + column;
        for (std::size_t c = 0; c < wide; ++c) to[c] += tile[r * width + c];
      }
    }
  }
  wipe(tile, sizeof tile);
}

// For a few columns: each of them laid out contiguously, then row by row.
template <RingWord W>
void add_narrow(const MatrixTerm<W>& term, std::size_t rows, std::size_t inner, std::size_t columns, W* out) {
  Buffer<W> column(inner);
  for (std::size_t c = 0; c < columns; ++c) {
    for (std::size_t i = 0; i < inner; ++i) {
      const std::size_t at = i * columns + c;
      column[i] = term.right[at] + (term.right_too != nullptr ? term.right_too[at] : W{0});
    }
    for (std::size_t row = 0; row < rows; ++row) {
      out[row * columns + c] += sum_of_products(term.left + row * inner, column.data(), inner);
    }
  }
}

}  // namespace

template <RingWord W>
void sum_of_matrix_products(std::span<const MatrixTerm<W>> terms, std::size_t rows, std::size_t inner,
                            std::size_t columns, W* out) {
  std::fill_n(out, rows * columns, W{0});
  if (columns < fewest_columns<W>) {
    for (const auto& term : terms) add_narrow(term, rows, inner, columns, out);
    return;
  }
  const auto padded = [](std::size_t size, std::size_t unit) { return (size + unit - 1) / unit * unit; };
  const std::size_t deepest = std::min(inner, block_inner);
  Buffer<W> strips(padded(std::min(rows, block_rows), tile_rows) * deepest);
  Buffer<W> panels(padded(std::min(columns, block_columns<W>), tile_columns<W>) * deepest);
  for (const auto& [left, right, right_too] : terms) {
    for (std::size_t column = 0; column < columns; column += block_columns<W>) {
      const std::size_t wide = std::min(block_columns<W>, columns - column);
      for (std::size_t d = 0; d < inner; d += block_inner) {
        const std::size_t depth = std::min(block_inner, inner - d), at = d * columns + column;
        pack_panels(right + at, right_too != nullptr ? right_too + at : nullptr, columns, depth, wide, panels.data());
        for (std::size_t row = 0; row < rows; row += block_rows) {
          const std::size_t tall = std::min(block_rows, rows - row);
          pack_strips(left + row * inner + d, inner, tall, depth, strips.data());
          add_block(strips.data(), panels.data(), tall, depth, wide, out + row * columns + column, columns);
        }
      }
    }
  }
}

template void sum_of_matrix_products(std::span<const MatrixTerm<u64>>, std::size_t, std::size_t, std::size_t, u64*);
template void sum_of_matrix_products(std::span<const MatrixTerm<u128>>, std::size_t, std::size_t, std::size_t, u128*);

}  // namespace cohortium::mpc
