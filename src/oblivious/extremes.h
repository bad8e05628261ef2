// Extremes of vectors, elementwise and over blocks of neighbouring elements; the largest k of a table.
//
// Values are signed with |difference| below 2^(k-1), or, with `bits`, lie in [0, 2^bits), 1 <= bits <= k - 1. Exact.
//
// Reveals    nothing
// Rounds     lesser, greater, absolute: those of Engine::bit and 2 (replicated3); clamp: twice that; extreme:
//            ceil(log2(length)) times that; top: those of sort_order at most
// Sent       lesser, greater, absolute: 1 comparison and 1 choice; extreme: length - 1 of them per block, and a second
//            choice for the place; top: about 3.4 comparisons of bits + log2(n) + 1 bits per row where k is small
#pragma once

#include <optional>

#include "oblivious/columns.h"
#include "oblivious/sort.h"

namespace cohortium::oblivious {

enum class Extreme { kMinimum, kMaximum };

template <RingWord W>
Shared<W> lesser(Engine& engine, const Shared<W>& a, const Shared<W>& b, std::optional<int> bits = {});
template <RingWord W>
Shared<W> greater(Engine& engine, const Shared<W>& a, const Shared<W>& b, std::optional<int> bits = {});
// |a|, for |a| < 2^(k-1).
template <RingWord W>
Shared<W> absolute(Engine& engine, const Shared<W>& a);
// Brought into [low, high], public bounds, low <= high, as signed numbers.
template <RingWord W>
Shared<W> clamp(Engine& engine, const Shared<W>& a, W low, W high);

template <RingWord W>
struct ExtremeOf {
  Shared<W> value;
  Shared<u64> place;  // in its block, the first where several are alike; empty unless asked for
};

// Of each block of `length` elements, length > 0.
template <RingWord W>
ExtremeOf<W> extreme(Engine& engine, Extreme kind, const Shared<W>& values, std::size_t length, bool with_place,
                     std::optional<int> bits = {});

// The first k rows of `table` in the order of the keys (descending ones: the largest), in that order; fewer if there are
// no more. Rows that agree in all keys keep their order.
Columns top(Engine& engine, std::span<const SortKey> keys, const Columns& table, std::size_t k);

}  // namespace cohortium::oblivious
