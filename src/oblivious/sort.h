// Stable sorting of tables by one or several keys.
//
// The result is a rearrangement, to be applied to any columns, the keys among them; its inverse leads back.
//
// Two methods. By comparison: the keys, made distinct by the row number as their last digits, are shuffled, and
// comparisons of what nobody can place are opened. By radix, for few bits: fewer rounds, more bytes per bit.
//
// Reveals    nothing (uniformly random permutations are opened)
// Rounds     comparison: about 13 log2(n) (replicated3); radix: about 14 per three bits
// Sent       comparison: about log2(n) + 1 comparisons of bits + log2(n) + 1 bits per row; radix: about 100 bytes per bit
// Requires   fewer than 2^32 rows; unsigned keys in [0, 2^bits), signed ones in [-2^(bits-1), 2^(bits-1)): with 64 bits
//            that is every value
#pragma once

#include <span>

#include "oblivious/rearrangement.h"

namespace cohortium::oblivious {

struct SortKey {
  const Shared<u64>& values;
  int bits = 64;
  bool is_signed = false;
  bool descending = false;
};

enum class SortMethod { kAutomatic, kComparison, kRadix };

inline constexpr std::size_t all_rows = ~std::size_t{0};

// Most significant key first. Rows that agree in all keys keep their order. Only the first `first` rows need come out in
// order, the others somehow behind them.
Rearrangement sort_order(Engine& engine, std::span<const SortKey> keys, SortMethod method = SortMethod::kAutomatic,
                         std::size_t first = all_rows);

// One key; returns it sorted.
Shared<u64> sort(Engine& engine, const SortKey& key, SortMethod method = SortMethod::kAutomatic);

// Which method the automatic choice takes, by public sizes and the agreed link.
SortMethod cheaper_method(const mpc::Link& link, std::size_t rows, int bits);

}  // namespace cohortium::oblivious
