// The normal distribution: its upper tail, and the error function, in either ring.
//
// normal_tail
//   Domain   x with f = fraction_bits fraction bits, |x| < 2^(k-3), 3 <= f <= 24 (Z_2^128: 32)
//   Result   Q(x) = P(Z > x) for a standard normal Z, f fraction bits
//   Error    at most 2 units in the last place, always, for every x: beyond 8 it is 0, below -8 it is 1
// error_function
//   Domain   as normal_tail, 3 <= f <= 22 (Z_2^128: 30)
//   Result   erf(x) = 1 - 2 Q(sqrt(2) x)
//   Error    at most 2 units in the last place, always
// Rounds     replicated3: 43 to 87: the seven coefficients are composed one after the other
// Method     |x| below 8, in 32 intervals of width 1/4, found by its bits; on each the interpolant of degree 6 at Chebyshev
//            nodes (off by less than 2^-36.7), whose coefficients are read from a public table
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

template <RingWord W>
Shared<W> normal_tail(Engine& engine, const Shared<W>& x, int fraction_bits);
template <RingWord W>
Shared<W> error_function(Engine& engine, const Shared<W>& x, int fraction_bits);

}  // namespace cohortium::oblivious
