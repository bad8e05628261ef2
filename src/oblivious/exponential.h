// e^x of fixed-point numbers, in either ring.
//
// exponential
//   Domain   x with f = fraction_bits fraction bits, -ln 2 * lowest <= x <= ln 2 * highest, 0 <= lowest, highest and lowest
//            + highest <= 63 (Z_2^64: 31); result bits highest + f <= 54 (Z_2^64: 31)
//   Result   e^x with f fraction bits
//   Error    at most 2 units in the last place, always
// exponential with a range
//   The domain -ln 2 * 2^(range-1) <= x <= ln 2 * (2^(range-1) - 1), 1 <= range <= 5, f + 2^(range-1) <= 55
//   (Z_2^64: 32). Range 5: |x| <= 10.39
// exponential_saturated
//   Domain   |x| < 2^(k-2); x is clamped to [-ln 2 (f + 2), ln 2 * highest] first, bounds as above
//   Error    as above, of e^min(x, ln 2 * highest)
//
// Rounds     replicated3: 28 to 42; exponential_saturated: those of Engine::bit and
//            Engine::keep_where more
// Method     e^x = 2^m 2^(j/64) e^z: the nearest multiple of ln 2 / 64 is split off; 2^m is the one-hot m read as an
//            element, 2^(j/64) a public table, e^z - 1 Taylor's polynomial of degree 2, 4 or 6, as |z| <= ln 2 / 64. In
//            Z_2^64 a wide range multiplies by 2^m in two steps
#pragma once

#include "oblivious/names.h"

namespace cohortium::oblivious {

struct ExponentialDomain {
  int lowest = 0;   // e^x >= 2^-lowest
  int highest = 0;  // e^x <= 2^highest
  int fraction_bits = 0;
};

template <RingWord W>
Shared<W> exponential(Engine& engine, const Shared<W>& x, const ExponentialDomain& domain);
template <RingWord W>
Shared<W> exponential(Engine& engine, const Shared<W>& x, int range, int fraction_bits);
template <RingWord W>
Shared<W> exponential_saturated(Engine& engine, const Shared<W>& x, int highest, int fraction_bits);

// ln 2 * count >= 0, rounded down, with f <= 90 fraction bits: a domain's bounds.
u128 multiple_of_ln2(int count, int fraction_bits);

}  // namespace cohortium::oblivious
