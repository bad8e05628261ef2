// Polynomials with public coefficients, evaluated in few rounds and few products: the powers up to half the degree by
// doubling, a linear combination for either half, one product to join them.
//
// Domain     |t| <= 1 (a few units beyond do no harm) with f fraction bits, f <= 60 (Z_2^64: 28); coefficients with 62
//            fraction bits whose absolute values sum to less than 2
// Error      2 units in the last place, plus (k - 1) units per power k times its coefficient, plus what rounding the
//            coefficients to 61 - f bits does in Z_2^64; always
// Rounds     2 ceil(log2(degree / 2)) + 3
// Source     Paterson and Stockmeyer 1973, with two blocks
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "oblivious/names.h"

namespace cohortium::oblivious {

inline constexpr int coefficient_bits = 62;

template <RingWord W>
Shared<W> polynomial(Engine& engine, const Shared<W>& t, std::span<const std::int64_t> coefficients, int fraction_bits);

// A polynomial of lower degree (2 at least) that differs from the given one by at most 2^-precision on [-1, 1], by
// taking away multiples of Chebyshev polynomials from the top. In integers: every party gets the same coefficients.
std::vector<std::int64_t> economised(std::span<const std::int64_t> coefficients, int precision);

}  // namespace cohortium::oblivious
