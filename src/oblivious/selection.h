// Values at secret places of an order, without sorting: bit by bit from the top, counting how many of the rows that still
// agree with the value sought lie below it.
//
// Exact. Of 10^6 rows it sends 56 bytes per row for one place and 40 for each further one, where a sort sends 753
// (docs/costs.md): less until some 17 places are sought. It takes 775 rounds, however many places, a sort 327.
//
// Security   that of the protocol
// Reveals    nothing
// Rounds     per two bits of the values: those of counting (about 12 conjunctions one after the other, and from_bit), of a
//            33-bit comparison, and 4
// Sent       per row, place sought and two bits of the values: about 10 bits
// Requires   planes and members of equal size, below 2^31 rows
// Source     Blum, Floyd, Pratt, Rivest, Tarjan 1973 for the task; bitwise descent as in radix selection
#pragma once

#include <span>
#include <vector>

#include "oblivious/names.h"

namespace cohortium::oblivious {

// The number of ones in each of several vectors of equal size, one element each: full adders bring many bits of one
// weight to few of several weights, which then become elements.
Shared<u64> count_ones(Engine& engine, std::span<const SharedBits> vectors);

// planes[j] holds bit j of the rows' values. Element w of the result is, of the rows that members[w] marks, the value at
// place floor(scaled_places[w] / scale), from 0, in ascending order. A place behind the last gives all ones, a negative one
// the smallest value (with nobody: zeros). |scaled_places| below 2^50; scale below 2^16.
Shared<u64> select_places(Engine& engine, std::span<const SharedBits> planes, std::vector<SharedBits> members,
                          Shared<u64> scaled_places, u64 scale);

}  // namespace cohortium::oblivious
