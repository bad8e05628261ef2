// Running products of fixed-point vectors, inclusive, in consecutive blocks: a b c d -> a ab abc abcd. For survival
// curves.
//
// Domain     values in [0, 1] (a few units beyond do no harm) with f fraction bits, 2f + 1 <= k - 2, length < 2^(f/2)
// Error      element i of a block (from 0) is the product of the given values, off by at most i + 1 units in the last
//            place, always
// Rounds     2 ceil(log2(length))
// Sent       half the elements per level
// Source     Sklansky 1960: every level is one batch
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

template <RingWord W>
Shared<W> prefix_product(Engine& engine, const Shared<W>& values, std::size_t length, int fraction_bits);

}  // namespace cohortium::oblivious
