// Ranks of rows by a secret key, with ties; and pairs of rows that two orders put the other way round.
//
// Everything is a whole number and exact. The midrank of a row, counted from 1, is before + (ties + 1) / 2.
//
// Security   that of the protocol
// Reveals    nothing (uniformly random permutations are opened)
// Rounds     tied_ranks: those of sort_order and Engine::is_zero, 4 log2(n) choices and 2 moves; inversions: about 10 per
//            doubling of n; discordant: those of two tied_ranks without the choices of one, and inversions
// Sent       tied_ranks: those of sort_order, about 2 bytes per bit of the key and 100 per row besides; inversions: about
//            80 bytes per row and doubling of n
// Requires   fewer than 2^32 rows; keys in [0, 2^bits), bits <= 63; places a permutation of 0 .. n-1
// Source     Laur, Willemson, Zhang, ISC 2011 (ranks after sorting); Knight, JASA 1966 (Kendall's tau by inversions);
//            inversions as in a wavelet tree: Grossi, Gupta, Vitter, SODA 2003
#pragma once

#include "oblivious/rearrangement.h"

namespace cohortium::oblivious {

struct TiedRanks {
  Shared<u64> before;   // rows with a smaller key, in the order of the input
  Shared<u64> ties;     // rows with the same key, the row itself among them
  Rearrangement order;  // into ascending order
};

TiedRanks tied_ranks(Engine& engine, const Shared<u64>& keys, int bits);

// The number of pairs i < j with places[i] > places[j]: one element.
Shared<u64> inversions(Engine& engine, const Shared<u64>& places);

struct Discordance {
  Shared<u64>
      pairs;  // pairs of rows of which one is before the other by both keys, but the other way round: one element
  Shared<u64> ties;  // rows with the same two keys, the row itself among them, in the order of the input
};

// Of rows whose keys have been ranked: `first` and `second` are their `before`.
Discordance discordant(Engine& engine, const Shared<u64>& first, const Shared<u64>& second);

}  // namespace cohortium::oblivious
