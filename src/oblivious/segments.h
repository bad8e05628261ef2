// Segments: stretches of neighbouring rows, as of equal keys after sorting; and running results within each of them.
//
// Reveals    nothing
// Rounds     start_of_groups: those of Engine::is_zero, and 1 per doubling of the number of keys; running: 2 ceil(log2 n)
//            steps: kFirst and kSum 2 rounds or 3 each (replicated3), kMinimum and kMaximum those of Engine::bit on top
// Sent       running: about 2 n steps of a choice (and a comparison) per column
// Source     Brent and Kung, IEEE TC 1982 (few steps); Schwartz 1980 (segmented scans)
#pragma once

#include <span>

#include "oblivious/sort.h"

namespace cohortium::oblivious {

// 1 where a row differs from the row before it in any key, and at the first row. Only `values` and `bits` of keys count.
SharedBits group_starts(Engine& engine, std::span<const SortKey> keys);
// Starts to ends and back: the row before a start is an end, the last row, too. Local.
SharedBits ends_of(Engine& engine, const SharedBits& starts);

enum class Running { kFirst, kSum, kMinimum, kMaximum };

// Inclusive running results from the start of each segment on; the first row starts one in any case. For kMinimum and
// kMaximum values lie in [0, 2^bits), bits < k.
template <RingWord W>
Shared<W> running(Engine& engine, Running kind, const Shared<W>& values, const SharedBits& starts, int bits = 62);
// Several columns at once, in the same rounds. All of one kind.
template <RingWord W>
std::vector<Shared<W>> running(Engine& engine, Running kind, const std::vector<Shared<W>>& values,
                               const SharedBits& starts, int bits = 62);
// From the end of each segment upwards: kFirst carries its last value.
template <RingWord W>
Shared<W> running_upwards(Engine& engine, Running kind, const Shared<W>& values, const SharedBits& starts,
                          int bits = 62);

}  // namespace cohortium::oblivious
