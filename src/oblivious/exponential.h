// e^x of fixed-point numbers.
//
// Domain     x with f = fraction_bits fraction bits, -ln 2 * 2^(range-1) <= x <= ln 2 * (2^(range-1) - 1), 1 <= range
// <= 5,
//            f + 2^(range-1) <= 55 (range 5: |x| <= 10.39, f <= 39). The caller clamps
// Result     e^x with f fraction bits
// Error      at most 2 units in the last place, always
// Rounds     replicated3: 23 at most (1 to scale, bits of x, 2 ceil(log2(range)), 9 for the polynomial, 2)
// Method     e^x = 2^m 2^r, m integer, |r| <= 1/2; 2^r by a Chebyshev interpolant of degree 12, 2^m bit by bit
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

Shared<u128> exponential(Engine& engine, const Shared<u128>& x, int range, int fraction_bits);

}  // namespace cohortium::oblivious
