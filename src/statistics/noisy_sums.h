// How sums of numbers become sums of small integers, to which noise can be added (release/noise.h): a row is rounded to a
// unit, a power of two, of which the largest number is 2^11 to 2^12. So one row adds at most 2^12, and rounding changes a
// number by at most a 4096th of the largest: less than the noise on a sum over 10^6 people.
#pragma once

#include <cmath>

namespace cohortium::statistics {

inline constexpr int noisy_sum_bits = 12;

// The largest number times 2^bits lies in [2^11, 2^12). The unit may be larger than 1. `largest` is above 0.
inline int noisy_fraction_bits(double largest) {
  int exponent = 0;
  std::frexp(largest, &exponent);
  return noisy_sum_bits - exponent;
}

}  // namespace cohortium::statistics
