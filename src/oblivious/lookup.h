// Elements of a table by secret index: out[i] = table[index[i]].
//
// Reveals    nothing
// Rounds     public table: those of to_bits, one_hot and from_bits; secret table: those of to_bits, one_hot and 1, or of
//            a join for long tables
// Sent       public table: 2^bits conjunctions and value_bits composed bits per index; secret table: 2^bits - 1 bits as
//            elements per index, or a join's
// Requires   indices in [0, 2^bits); an index behind the end of the table gives 0. Public tables: bits <= 16
#pragma once

#include <span>

#include "oblivious/names.h"

namespace cohortium::oblivious {

// Values of the table below 2^value_bits.
Shared<u64> lookup_public(Engine& engine, std::span<const u64> table, const Shared<u64>& index, int bits,
                          int value_bits = 64);
Shared<u64> lookup_secret(Engine& engine, const Shared<u64>& table, const Shared<u64>& index, int bits);

}  // namespace cohortium::oblivious
