// Groups of rows with equal keys, and what their rows come to. Groups come out in ascending order of their keys, in the
// first rows of a table as long as the input; the rest is zero. How many groups there are stays secret unless the caller
// opens it (open_count of `valid`); with a public bound on their number, slice.
//
// Sums and counts wrap. They, the first and the last value cost no scan: they follow from running sums at the ends of
// groups. A minimum or maximum takes a segmented scan; one of the last key is that key's first or last value.
//
// Reveals    nothing
// Rounds     those of sort_order, about 25 (replicated3), and for minimum and maximum those of `running`
// Sent       those of sort_order, and about 5 columns moved per key and per aggregate
// Requires   fewer than 2^32 rows; values of kMinimum and kMaximum in [0, 2^bits), bits < 64
// Source     Hamada et al. 2014; Asharov et al., CCS 2023 (aggregates by sorting)
#pragma once

#include <span>

#include "oblivious/segments.h"

namespace cohortium::oblivious {

enum class AggregateKind { kSum, kCount, kMinimum, kMaximum, kFirst, kLast };

struct Aggregate {
  AggregateKind kind = AggregateKind::kCount;
  const Shared<u64>* values = nullptr;  // not for kCount
  int bits = 62;                        // for kMinimum and kMaximum
};

struct Groups {
  std::vector<Shared<u64>> keys;
  std::vector<Shared<u64>> aggregates;
  SharedBits valid;              // 1 for a group, 0 for what is left over
  Shared<u64> number_of_groups;  // one element
};

// Of the rows marked in `among`, or of all. First and last are meant in the order of the input.
Groups group_by(Engine& engine, std::span<const SortKey> keys, std::span<const Aggregate> aggregates,
                const SharedBits* among = nullptr);

// Marks, in the order of the input, the first row of each key.
SharedBits first_of_each(Engine& engine, std::span<const SortKey> keys);

}  // namespace cohortium::oblivious
