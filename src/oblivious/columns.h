// Tables: columns of equal length, row i of all of them belonging together. Everything here is local; the number of
// rows is public.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "oblivious/names.h"

namespace cohortium::oblivious {

struct Columns {
  std::vector<Shared<u64>> words;
  std::vector<Shared<u128>> wide;
  std::vector<SharedBits> bits;
};

// The common length; 0 without any column. Columns of different lengths are our own fault.
std::size_t rows(const Columns& columns);

Columns slice(const Columns& columns, std::size_t from, std::size_t count);
// The rows of `upper`, then those of `lower`, which has columns of the same kinds.
Columns stack(const Columns& upper, const Columns& lower);

// Rows by public indices (below 2^32 rows): element i of the result is element indices[i]; `scatter` puts element i at
// indices[i], which are a permutation.
template <RingWord W>
Shared<W> gather(const Shared<W>& column, std::span<const std::uint32_t> indices);
template <RingWord W>
Shared<W> scatter(const Shared<W>& column, std::span<const std::uint32_t> indices);
SharedBits gather(const SharedBits& column, std::span<const std::uint32_t> indices);
SharedBits scatter(const SharedBits& column, std::span<const std::uint32_t> indices);

// The same column behind itself, moved by `distance` rows towards higher ones (down) or lower ones (up); rows without
// an origin repeat the edge row.
template <RingWord W>
Shared<W> shift_down(const Shared<W>& column, std::size_t distance);
template <RingWord W>
Shared<W> shift_up(const Shared<W>& column, std::size_t distance);

// One column of u64 or u128 elements that are 0, 1, 2, …
template <RingWord W>
Shared<W> row_numbers(Engine& engine, std::size_t count);

}  // namespace cohortium::oblivious
