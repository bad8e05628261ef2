// Joins on a key that is unique on the right: every row on the left gets the columns of the row on the right with the
// same key (one to one, or many to one), in place and in its order.
//
// Both sides are sorted together, each right-hand row before the left-hand rows with its key; running sums of the
// differences between successive right-hand rows then hold, at every row, the last right-hand row before it.
//
// Reveals    nothing, neither how many rows found a partner
// Rounds     those of sort_order, about 20, and those of Engine::is_zero (replicated3)
// Sent       those of sort_order for both sides, and about 16 words per right-hand column and row, in all
// Requires   fewer than 2^32 rows in all; keys as of sort_order, of the same width and kind on both sides. Where a key
//            occurs more than once on the right, its last row counts
#pragma once

#include <span>

#include "oblivious/sort.h"

namespace cohortium::oblivious {

struct Joined {
  std::vector<Shared<u64>> columns;  // one per right-hand column, 0 where nothing was found
  SharedBits found;                  // one bit per left-hand row
};

Joined join(Engine& engine, const SortKey& left, const SortKey& right, std::span<const Shared<u64>> right_columns);

// Which left-hand rows have a partner on the right, where keys may repeat.
SharedBits semi_join(Engine& engine, const SortKey& left, const SortKey& right);

}  // namespace cohortium::oblivious
