// Products of fixed-point numbers with f fraction bits.
//
// Domain     the exact product, with 2f fraction bits, stays below 2^(k-2) in absolute value
// Error      at most 1 unit in the last place (2^-f) per result, always
// Rounds     2
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

template <RingWord W>
Shared<W> multiply_fixed(Engine& engine, const Shared<W>& a, const Shared<W>& b, int fraction_bits);

// Sums of products over consecutive blocks of `length`, rounded once.
template <RingWord W>
Shared<W> dot_fixed(Engine& engine, const Shared<W>& a, const Shared<W>& b, std::size_t length, int fraction_bits);

// A public vector of `count` equal elements.
template <RingWord W>
Shared<W> constant_fill(Engine& engine, std::size_t count, W value);

// The same signed values in Z_2^128. |value| < 2^bits, 1 <= bits <= 62.
// Rounds     those of Engine::to_bits and Engine::from_bits
Shared<u128> widen(Engine& engine, const Shared<u64>& a, int bits);

}  // namespace cohortium::oblivious
