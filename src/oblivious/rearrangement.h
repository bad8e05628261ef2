// Rearrangements: permutations of rows that nobody knows, which can be applied to any number of columns, undone and
// composed.
//
// A rearrangement is a secret, uniformly random shuffle followed by a public order: what the public order tells is
// independent of the rearrangement, because the shuffle is. Undone, the public order comes first.
//
// Reveals    nothing; from_destinations, from_sources and compose open a uniformly random permutation
// Rounds     apply: 3 per kind of column (replicated3); from_destinations, from_sources: 4; compose: 7
// Sent       apply: those of Engine::permute (replicated3: 4k bits per element in all); from_destinations: 7 words
// Requires   fewer than 2^32 rows
// Source     Laur, Willemson, Zhang, ISC 2011; Asharov et al., CCS 2022, section 3 (shuffle, then open)
#pragma once

#include <cstdint>
#include <vector>

#include "oblivious/columns.h"

namespace cohortium::oblivious {

struct Rearrangement {
  mpc::SecretPermutation shuffle;
  std::vector<std::uint32_t> order;  // element i of the result is element order[i] of the shuffled column
  bool undone = false;               // the other way: back to where it came from
  std::size_t size() const { return shuffle.size; }
};

// Rows in a uniformly random order that nobody knows.
Rearrangement random_rearrangement(Engine& engine, std::size_t size);

// Element i comes to place destinations[i], or element i of the result is element sources[i]: elements are a
// permutation of 0 .. n-1. Fails with oblivious.not_a_permutation when they are none, which the parties then know.
Rearrangement from_destinations(Engine& engine, const Shared<u64>& destinations);
Rearrangement from_sources(Engine& engine, const Shared<u64>& sources);

Rearrangement inverse(Rearrangement rearrangement);  // local
// First `first`, then `second`.
Rearrangement compose(Engine& engine, const Rearrangement& first, const Rearrangement& second);

template <RingWord W>
Shared<W> apply(Engine& engine, const Rearrangement& rearrangement, const Shared<W>& column);
SharedBits apply(Engine& engine, const Rearrangement& rearrangement, const SharedBits& column);
Columns apply(Engine& engine, const Rearrangement& rearrangement, const Columns& columns);

}  // namespace cohortium::oblivious
