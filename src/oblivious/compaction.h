// Marked rows to the front, in their order; the others behind them, in theirs. How many are marked stays secret.
//
// Reveals    nothing; open_count the number of marked rows
// Rounds     compaction: those of radix_order by one bit (replicated3: 6); open_count: 1 after Engine::from_bit
// Sent       compaction: 1 bit as an element, 1 product, 1 column moved, 1 opened
#pragma once

#include "oblivious/rearrangement.h"

namespace cohortium::oblivious {

Rearrangement compaction(Engine& engine, const SharedBits& marked);
// The same where the marks are elements 0 and 1: saves the conversion.
Rearrangement compaction(Engine& engine, const Shared<u64>& marked);

Shared<u64> count(Engine& engine, const SharedBits& marked);  // one element
std::size_t open_count(Engine& engine, const SharedBits& marked);

}  // namespace cohortium::oblivious
