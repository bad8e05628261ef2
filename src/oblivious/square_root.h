// Square roots and their inverses of integers, as fixed-point numbers, in either ring. For a fixed-point argument with
// an even number of fraction bits, scale the result by the corresponding power of two.
//
// inverse_square_root
//   Domain   1 <= d < 2^bits, 1 <= bits <= 54, 1 <= fraction_bits <= 56 (Z_2^64: 24); d = 0 gives zero
//   Result   1 / sqrt(d)
//   Error    at most 2 units in the last place, always
// square_root
//   Domain   0 <= d < 2^bits, 1 <= bits <= 54, 1 <= fraction_bits, bits / 2 + fraction_bits <= 55 (Z_2^64: 24)
//   Result   sqrt(d)
//   Error    at most 2 units in the last place, always
// Rounds     those of normalise, plus 4, plus 6 per Newton step (1 step up to 14 bits, 2 up to 28, 3 up to 55, else 4),
//            plus 2 (square_root: 4), plus one composition
// Method     normalise d = C 2^e, C in [1/2, 1); y = 1/sqrt(C) by Newton's y <- y + y (1 - C y^2) / 2 from
//            y = (12 C^2 - 31 C + 35) / 16, for which |1 - C y^2| < 0.01124, which each step takes to 3/4 of its square;
//            powers 2^(e/2) by the top bit's place
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

template <RingWord W>
Shared<W> inverse_square_root(Engine& engine, const Shared<W>& d, int bits, int fraction_bits);
template <RingWord W>
Shared<W> square_root(Engine& engine, const Shared<W>& d, int bits, int fraction_bits);

// 1/sqrt(C) for C in [1/2, 1] with f fraction bits, f + 4 fraction bits in the result.
// Error      `precision` bits: 2^-precision, plus 1.8 units of 2^-f, plus 1.42 for every unit by which C is off
// Domain     2 f + 5 <= k - 1
// Rounds     2 and 6 per Newton step
template <RingWord W>
Shared<W> inverse_root_of_mantissa(Engine& engine, const Shared<W>& mantissa, int f, int precision);

}  // namespace cohortium::oblivious
