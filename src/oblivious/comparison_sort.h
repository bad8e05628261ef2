// The order of distinct keys that have been shuffled, by opened comparisons.
//
// Security   that of the protocol, provided that the keys are distinct and stand in a uniformly random order that
//            nobody knows: then the opened order of their places is uniformly random, whatever the keys. Equal keys
//            would show themselves (their places would come out in ascending order), so the caller makes keys distinct
//            by a tie-breaker that has been shuffled with them; the place itself is none.
// Reveals    the order of the shuffled keys
// Rounds     about 2 log2(n) batches, each those of Engine::bit and one to open
// Sent       about log2(n) + 1 comparisons per key, of bits + 1 bits
// Requires   keys in [0, 2^bits), bits < k, or known modulo 2^(bits + 1) only; fewer than 2^32 of them
// Source     Hamada et al., ICISC 2012 (comparison sort after a shuffle); Frazer and McKellar, JACM 1970 (sample sort)
//
// The first 2^t - 1 elements of a segment, about the square root of their number, are ordered by all pairs and become a
// search tree, which the others descend, one level per batch for all segments together; the leaves are the segments of
// the next phase. Small segments are ordered by all pairs. Whatever the answers, the result is a permutation.
#pragma once

#include <cstdint>
#include <vector>

#include "oblivious/names.h"

namespace cohortium::oblivious {

// Element i of the result is the place of the i-th smallest key. Only the first `first` elements need be in order: the
// others follow in some order that is opened in part, which saves most comparisons where `first` is small.
template <RingWord W>
std::vector<std::uint32_t> open_order(Engine& engine, Shared<W> keys, int bits, std::size_t first);

}  // namespace cohortium::oblivious
