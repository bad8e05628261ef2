// The hazard of the normal distribution h(x) = phi(x) / Q(x), with Q(x) = P(Z > x), and ln Q(x): what a probit model's score
// and likelihood are made of.
//
// Security   that of the engine's kernels
// Reveals    nothing
// Domain     x with f = fraction_bits fraction bits, |x| < 2^(k-3), 8 <= f <= 44, in Z_2^128; x is cut at -8 and 8
// Error      at most 4 units in the last place
// Rounds     those of bit, to_bits and eight of from_bits, plus 12
// Method     64 intervals of width 1/4, found by their bits; on each the interpolant of degree 7 at Chebyshev nodes, whose
//            coefficients are read from a public table
// Source     as oblivious/normal.h
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

Shared<u128> normal_hazard(Engine& engine, const Shared<u128>& x, int fraction_bits);
Shared<u128> log_normal_tail(Engine& engine, const Shared<u128>& x, int fraction_bits);

}  // namespace cohortium::oblivious
