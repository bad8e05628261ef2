// Numbers of people as multiples of a public number: rounded to the nearest on shares, so that the exact number is never
// opened, to anyone.
//
// rounded    (x + floor(to / 2)) / to, the quotient's floor, times to: the nearest multiple, the larger of two
// Security   the engine's
// Reveals    nothing
// Rounds     a truncation, a comparison of 9 bits, and two bits as elements
// Requires   counts below 2^count_bits; 2 <= to <= largest_rounding
#pragma once

#include "mpc/engine.h"

namespace cohortium::release {

inline constexpr mpc::u64 largest_rounding = 100;

mpc::Shared<mpc::u128> rounded(mpc::Engine& engine, const mpc::Shared<mpc::u128>& counts, mpc::u64 to);

// By how much a rounded number may be off.
constexpr mpc::u64 most_off(mpc::u64 to) { return to / 2; }

// The least number that may show where `minimum` is asked for: the first from which on all numbers that round alike may
// show, so that a number beside the threshold is not told by it. (7 with multiples of 5 would be the only one of at
// least 7 that rounds to 5; so it is 8.)
constexpr mpc::u64 least_shown(mpc::u64 minimum, mpc::u64 to) {
  return to < 2 ? minimum : (minimum + most_off(to) + to - 1) / to * to - most_off(to);
}

}  // namespace cohortium::release
