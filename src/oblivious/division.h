// Quotients of integers as fixed-point numbers.
//
// Domain     0 <= numerator <= denominator < 2^denominator_bits, 1 <= denominator_bits <= 54, 1 <= fraction_bits <= 57
// Result     numerator / denominator with fraction_bits fraction bits; a zero denominator (and numerator) gives zero
// Error      at most 2 units in the last place, always: so 0 may come out as -2 … 2 units and 1 as 1 ± 2 units
// Rounds     those of normalise, plus 4 per Newton step (3 steps up to 32 working bits, else 4), plus 2
// Method     normalise the denominator to C in [1/2, 1); w = 1/C by Newton's w <- w (2 - C w) from w = 2.819 - 1.875 C,
//            whose relative error 0.0596 each step squares; then numerator * scale * w
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

Shared<u128> divide(Engine& engine, const Shared<u128>& numerator, const Shared<u128>& denominator,
                    int denominator_bits, int fraction_bits);

}  // namespace cohortium::oblivious
