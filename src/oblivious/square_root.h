// Square roots and their inverses of integers, as fixed-point numbers. For a fixed-point argument with an even number
// of fraction bits, scale the result by the corresponding power of two.
//
// inverse_square_root
//   Domain   1 <= d < 2^bits, 1 <= bits <= 54, 1 <= fraction_bits <= 56; d = 0 gives zero
//   Result   1 / sqrt(d)
//   Error    at most 2 units in the last place, always
// square_root
//   Domain   0 <= d < 2^bits, 1 <= bits <= 54, 1 <= fraction_bits, bits / 2 + fraction_bits <= 55
//   Result   sqrt(d)
//   Error    at most 2 units in the last place, always
// Rounds     those of normalise, plus 6 per Newton step (3 steps up to 36 working bits, else 4), plus 2 (square_root: 4)
// Method     normalise d = C 2^e, C in [1/2, 1); y = 1/sqrt(C) by Newton's y <- y (3 - C y^2) / 2 from
//            y = 1.79 - 0.8125 C, whose relative error 0.0227 goes to 1.5 times its square each step; powers 2^(e/2) by the top bit's place
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

Shared<u128> inverse_square_root(Engine& engine, const Shared<u128>& d, int bits, int fraction_bits);
Shared<u128> square_root(Engine& engine, const Shared<u128>& d, int bits, int fraction_bits);

}  // namespace cohortium::oblivious
