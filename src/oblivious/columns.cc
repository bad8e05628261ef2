#include "oblivious/columns.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/error.h"

namespace cohortium::oblivious {
namespace {

template <class Column, class Action>
void map(const std::vector<Column>& from, std::vector<Column>& to, Action action) {
  to.reserve(from.size());
  for (const Column& column : from) to.push_back(action(column));
}

void check_indices(std::span<const std::uint32_t> indices, std::size_t size) {
  for (std::uint32_t index : indices) COHORTIUM_CHECK(index < size);
}

u64 bit_at(const Buffer<u64>& words, std::size_t i) { return words[i / 64] >> (i % 64) & 1; }

}  // namespace

std::size_t rows(const Columns& columns) {
  std::size_t count = 0;
  bool first = true;
  const auto meet = [&](std::size_t size) {
    COHORTIUM_CHECK(first || size == count);
    count = size;
    first = false;
  };
  for (const auto& column : columns.words) meet(column.size);
  for (const auto& column : columns.wide) meet(column.size);
  for (const auto& column : columns.bits) meet(column.size);
  return count;
}

Columns slice(const Columns& columns, std::size_t from, std::size_t count) {
  Columns result;
  const auto part = [&](const auto& column) { return mpc::slice(column, from, count); };
  map(columns.words, result.words, part);
  map(columns.wide, result.wide, part);
  map(columns.bits, result.bits, part);
  return result;
}

Columns stack(const Columns& upper, const Columns& lower) {
  COHORTIUM_CHECK(upper.words.size() == lower.words.size() && upper.wide.size() == lower.wide.size() &&
                  upper.bits.size() == lower.bits.size());
  Columns result;
  const auto each = []<class Column>(const std::vector<Column>& above, const std::vector<Column>& below,
                                     std::vector<Column>& to) {
    for (std::size_t i = 0; i < above.size(); ++i) {
      const std::array both{above[i], below[i]};
      to.push_back(mpc::concatenate(std::span<const Column>(both)));
    }
  };
  each(upper.words, lower.words, result.words);
  each(upper.wide, lower.wide, result.wide);
  each(upper.bits, lower.bits, result.bits);
  return result;
}

template <RingWord W>
Shared<W> gather(const Shared<W>& column, std::span<const std::uint32_t> indices) {
  check_indices(indices, column.size);
  auto result = Shared<W>::uninitialised(indices.size(), column.components);
  for (int c = 0; c < column.components; ++c) {
    const W* from = column.component[c].data();
    W* to = result.component[c].data();
    for (std::size_t i = 0; i < indices.size(); ++i) to[i] = from[indices[i]];
  }
  return result;
}

template <RingWord W>
Shared<W> scatter(const Shared<W>& column, std::span<const std::uint32_t> indices) {
  COHORTIUM_CHECK(indices.size() == column.size);
  check_indices(indices, column.size);
  auto result = Shared<W>::uninitialised(column.size, column.components);
  for (int c = 0; c < column.components; ++c) {
    const W* from = column.component[c].data();
    W* to = result.component[c].data();
    for (std::size_t i = 0; i < indices.size(); ++i) to[indices[i]] = from[i];
  }
  return result;
}

SharedBits gather(const SharedBits& column, std::span<const std::uint32_t> indices) {
  check_indices(indices, column.size);
  SharedBits result(indices.size(), column.components);
  for (int c = 0; c < column.components; ++c) {
    for (std::size_t i = 0; i < indices.size(); ++i) {
      result.component[c][i / 64] |= bit_at(column.component[c], indices[i]) << (i % 64);
    }
  }
  return result;
}

SharedBits scatter(const SharedBits& column, std::span<const std::uint32_t> indices) {
  COHORTIUM_CHECK(indices.size() == column.size);
  check_indices(indices, column.size);
  SharedBits result(column.size, column.components);
  for (int c = 0; c < column.components; ++c) {
    for (std::size_t i = 0; i < indices.size(); ++i) {
      result.component[c][indices[i] / 64] |= bit_at(column.component[c], i) << (indices[i] % 64);
    }
  }
  return result;
}

template <RingWord W>
Shared<W> shift_down(const Shared<W>& column, std::size_t distance) {
  auto result = Shared<W>::uninitialised(column.size, column.components);
  distance = std::min(distance, column.size);
  for (int c = 0; c < column.components; ++c) {
    const auto& from = column.component[c];
    const auto kept = std::copy_backward(from.begin(), from.end() - distance, result.component[c].end());
    if (column.size > 0) std::fill(result.component[c].begin(), kept, from.front());
  }
  return result;
}

template <RingWord W>
Shared<W> shift_up(const Shared<W>& column, std::size_t distance) {
  auto result = Shared<W>::uninitialised(column.size, column.components);
  distance = std::min(distance, column.size);
  for (int c = 0; c < column.components; ++c) {
    const auto& from = column.component[c];
    const auto kept = std::copy(from.begin() + distance, from.end(), result.component[c].begin());
    if (column.size > 0) std::fill(kept, result.component[c].end(), from.back());
  }
  return result;
}

template <RingWord W>
Shared<W> row_numbers(Engine& engine, std::size_t count) {
  std::vector<W> numbers(count);
  std::iota(numbers.begin(), numbers.end(), W{0});
  return engine.constant(std::span<const W>(numbers));
}

#define COHORTIUM_FOR_RING(W)                                                   \
  template Shared<W> gather(const Shared<W>&, std::span<const std::uint32_t>);  \
  template Shared<W> scatter(const Shared<W>&, std::span<const std::uint32_t>); \
  template Shared<W> shift_down(const Shared<W>&, std::size_t);                 \
  template Shared<W> shift_up(const Shared<W>&, std::size_t);                   \
  template Shared<W> row_numbers(Engine&, std::size_t);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::oblivious
