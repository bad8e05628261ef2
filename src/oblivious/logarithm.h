// Natural logarithms of fixed-point numbers, in either ring.
//
// Domain     x = d / 2^input_fraction_bits with 1 <= d < 2^bits, 1 <= bits <= 54, 0 <= input_fraction_bits <= bits,
//            1 <= fraction_bits <= 54 (Z_2^64: 24); the result for d = 0 is unspecified
// Result     ln x, signed, with fraction_bits fraction bits
// Error      at most 2 units in the last place, always
// Rounds     those of normalise, plus 7 to 13, plus one composition
// Method     x = C 2^e, C in [1/2, 1): ln C by a Chebyshev interpolant of degree 22, economised to what fraction_bits
//            needs (degree 7 for 16), e ln 2 by the top bit's place
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

template <RingWord W>
Shared<W> natural_logarithm(Engine& engine, const Shared<W>& d, int bits, int input_fraction_bits, int fraction_bits);

}  // namespace cohortium::oblivious
