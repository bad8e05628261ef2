// Quotients and reciprocals as fixed-point numbers, in either ring.
//
// divide (four arguments): integers with 0 <= numerator <= denominator
//   Domain   denominator < 2^denominator_bits, 1 <= denominator_bits <= 54, 1 <= fraction_bits <= 57; a denominator of
//            zero (and numerator) gives 0, off by at most 1 unit
// divide (with a domain): any numerator of either sign
//   Domain   0 < denominator < 2^denominator_bits, |numerator / denominator| < 2^quotient_bits, |numerator| <
//            2^(k-2-fraction_bits); a denominator of zero gives 0, off by at most 16 units, whatever the numerator.
//            A numerator and denominator with the same number of fraction bits may be given as they are.
//            Z_2^64:  denominator_bits <= 31, quotient_bits + fraction_bits <= 32, denominator_bits + quotient_bits <=
//            60
//            Z_2^128: denominator_bits <= 54, quotient_bits + fraction_bits <= 57 (56 where denominator_bits +
//            quotient_bits > 60)
// reciprocal
//   Domain   x = d / 2^input_fraction_bits, with the same bounds for 1/x < 2^quotient_bits as above
// Result     numerator / denominator with fraction_bits fraction bits
// Error      at most 2 units in the last place, always: so 0 may come out as -2 … 2 units and 1 as 1 ± 2 units
// Rounds     those of normalise, plus 9 to 15, plus 5 where Z_2^64 needs the correction (above 24 bits of result)
// Method     normalise the denominator to C in [1/2, 1); w = (19 C^2 - 44 C + 33) / 8 has C w = 1 - e, |e| <= 1/64, and
//            1/C = w (1 + e + e^2 + …), the series cut where the precision allows, as products of short factors. Then
//            numerator * scale * w. In Z_2^64 a long quotient is corrected once by its exact remainder
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

struct DivisionDomain {
  int denominator_bits = 0;
  int quotient_bits = 0;
  int fraction_bits = 0;
};

template <RingWord W>
Shared<W> divide(Engine& engine, const Shared<W>& numerator, const Shared<W>& denominator,
                 const DivisionDomain& domain);
Shared<u128> divide(Engine& engine, const Shared<u128>& numerator, const Shared<u128>& denominator,
                    int denominator_bits, int fraction_bits);

template <RingWord W>
Shared<W> reciprocal(Engine& engine, const Shared<W>& x, int input_fraction_bits, const DivisionDomain& domain);

// 1/C for C in [1/2, 1] with f fraction bits (a unit beyond does no harm), f + 3 fraction bits in the result.
// Error      `precision` bits: 2^(1 - precision), plus 9 units of 2^-f, plus 4 for every unit by which C is off
// Domain     2 f + 4 <= k - 2
// Rounds     8 to 12
template <RingWord W>
Shared<W> reciprocal_of_mantissa(Engine& engine, const Shared<W>& mantissa, int f, int precision);

}  // namespace cohortium::oblivious
