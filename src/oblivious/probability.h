// Probabilities as 64-bit binary fractions, computed in integers: every party, whatever its processor and library of
// elementary functions, gets the same one, as it must where the result decides how shares are combined.
//
// Domain     0 <= x, finite
// Error      at most 1 unit of 2^-64
#pragma once

#include <cstdint>

namespace cohortium::oblivious {

// exp(-x); 1 is given as 1 - 2^-64.
std::uint64_t exponential_probability(double x);
// 1 - exp(-x); 1 is given as 1 - 2^-64.
std::uint64_t complement_probability(double x);
// 1 / (1 + exp(x)).
std::uint64_t logistic_probability(double x);

}  // namespace cohortium::oblivious
