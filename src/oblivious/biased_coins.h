// Bits of public bias that nobody knows: bit i is 1 with probability probabilities[i] / 2^64, exactly.
//
// Each coin is the binary digit of its probability at a random position, 1 with 1/2, 2 with 1/4 and so on: where the
// first 1 of 64 uniform bits stands. (A row without a 1 gives 0.) The position is found once for all probabilities.
//
// Reveals    nothing
// Rounds     6
// Sent       about 192 conjunctions per coin
// Source     Champion, shelat, Ullman, CCS 2019 (arXiv:1912.12740), section 4: coins by lazily compared digits; here all
//            digits are looked at, so that no digit shows
#pragma once

#include <span>

#include "oblivious/names.h"

namespace cohortium::oblivious {

SharedBits biased_coins(Engine& engine, std::span<const u64> probabilities);

}  // namespace cohortium::oblivious
