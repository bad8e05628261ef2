// Public functions of secret indices that are given one-hot (oblivious/one_hot.h): any public table, in either ring.
//
// Because exactly one plane of a one-hot index is 1, bit j of the table's entry is the exclusive-or of the planes whose
// entries have bit j set: local work. Only the composition of the bits into an element costs traffic.
//
// Security   that of Engine::from_bits
// Reveals    nothing
// Rounds     those of Engine::from_bits
// Sent       one composition of `bits` planes
#pragma once

#include <span>

#include "oblivious/names.h"

namespace cohortium::oblivious {

// table[index], given one plane per entry of which at most one is 1; 0 where none is. Entries are below 2^bits.
template <RingWord W>
Shared<W> read_table(Engine& engine, std::span<const SharedBits> one_hot, std::span<const W> table, int bits);

// The element of Z_2^k whose value is the number of the plane that is 1 (0 where none is).
template <RingWord W>
Shared<W> index_of(Engine& engine, std::span<const SharedBits> one_hot);

}  // namespace cohortium::oblivious
