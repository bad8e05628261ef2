// Polynomials with public coefficients, evaluated in few rounds: all powers by doubling, one linear combination, one
// rounding.
//
// Domain     |t| <= 1 with f fraction bits, f <= 60; coefficients with 62 fraction bits whose absolute values sum to
//            less than 2
// Error      1 unit in the last place, plus (k - 1) units per power k times its coefficient; always
// Rounds     2 ceil(log2(degree)) + 1
#pragma once

#include <cstdint>
#include <span>

#include "oblivious/names.h"

namespace cohortium::oblivious {

inline constexpr int coefficient_bits = 62;

Shared<u128> polynomial(Engine& engine, const Shared<u128>& t, std::span<const std::int64_t> coefficients,
                        int fraction_bits);

}  // namespace cohortium::oblivious
