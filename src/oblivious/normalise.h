// Bringing integers of unknown magnitude into [1/2, 1): where the top bit stands, and the element shifted so that it
// stands first.
//
// Domain     0 <= d < 2^bits, 1 <= bits <= 62
// Error      none
// Rounds     those of Engine::to_bits, plus ceil(log2(bits)) + 2 (replicated3: about 2 log2(bits) + 4)
#pragma once

#include <functional>
#include <span>

#include "oblivious/names.h"

namespace cohortium::oblivious {

struct Normalised {
  int bits = 0;
  // Element i of block j (blocks of n elements, bits of them): 1 if bit j is the top bit of d_i, else 0. All 0 for d =
  // 0.
  Shared<u128> top_bit;
  Shared<u128> scale;     // 2^(bits - 1 - top), or 0 for d = 0
  Shared<u128> mantissa;  // d * scale, in [2^(bits-1), 2^bits), or 0 for d = 0
};

// `also_scaled` elements (the same count) are multiplied by the scale in the same round, into `scaled`.
Normalised normalise(Engine& engine, const Shared<u128>& d, int bits);
Normalised normalise(Engine& engine, const Shared<u128>& d, int bits, const Shared<u128>& also_scaled,
                     Shared<u128>& scaled);

// Any public function of the top bit's place, 0 for d = 0. Local: a linear combination.
Shared<u128> by_top_bit(const Normalised& normalised, const std::function<u128(int top)>& value);

}  // namespace cohortium::oblivious
