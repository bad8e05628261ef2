// The logistic function 1 / (1 + e^-x), in either ring.
//
// logistic
//   Domain   x with f = fraction_bits fraction bits, |x| < 2^(k-2), 1 <= f <= 24 (Z_2^128: 49)
//   Error    at most 2 units in the last place, always, for every x: the function saturates by itself
//   Rounds   replicated3: 45 to 60
//   Method   t = -min(|x|, ln 2 (f + 2)), from three comparisons in one batch; 1 / (1 + e^t) by reciprocal_of_mantissa,
//            which needs no normalising, as 1 + e^t lies in [1, 2]; mirrored where x is negative
// logistic_approximate
//   Domain   x with f fraction bits, |x| < 2^(k-8), 4 <= f <= k - 16
//   Result   1/2 + sign(x) (7/32 min(|x|, 13/8) + 1/16 (min(|x|, 59/16) - 13/8)+): five straight pieces, for training,
//            where the model's error matters and the gradient's does not
//   Error    at most 0.0197 and 1 unit beside the logistic function; the pieces themselves to 1 unit
//   Rounds   those of Engine::bit and Engine::keep_where, plus 1: all four comparisons are one batch
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

template <RingWord W>
Shared<W> logistic(Engine& engine, const Shared<W>& x, int fraction_bits);
template <RingWord W>
Shared<W> logistic_approximate(Engine& engine, const Shared<W>& x, int fraction_bits);

}  // namespace cohortium::oblivious
