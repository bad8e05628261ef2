// A secret number as a row of bits of which exactly one, that of the number, is set.
//
// Reveals    nothing
// Rounds     ceil(log2(bits)), and those of Engine::from_bit for the form as elements
// Sent       2^bits - bits - 1 conjunctions per number, and 2^bits - 1 bits as elements
#pragma once

#include <vector>

#include "oblivious/names.h"

namespace cohortium::oblivious {

// planes[j] holds bit j of the numbers, 1 to 20 of them; plane v of the result tells whether the number is v.
std::vector<SharedBits> demultiplex(Engine& engine, const std::vector<SharedBits>& planes);

// The same as elements 0 and 1: block v, of one element per number, tells whether the number is v.
template <RingWord W>
Shared<W> one_hot(Engine& engine, const std::vector<SharedBits>& planes);

// Blocks of n elements to rows: element v * n + i comes to i * blocks + v. Local.
template <RingWord W>
Shared<W> interleave(const Shared<W>& blocks, std::size_t n);

}  // namespace cohortium::oblivious
