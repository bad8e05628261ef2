// Circuits over planes of bits: vectors of SharedBits of one size, where plane j belongs to position j. A level of a
// circuit is one batch.
//
// Rounds     and_all, or_all: ceil(log2(planes)); or_from_top: ceil(log2(planes))
// Sent       and_all, or_all: planes - 1 conjunctions per element; or_from_top: about planes/2 * log2(planes)
#pragma once

#include <span>
#include <vector>

#include "oblivious/names.h"

namespace cohortium::oblivious {

// Pairwise conjunctions left[j] and right[j], all in one round.
std::vector<SharedBits> and_each(Engine& engine, const std::vector<SharedBits>& left,
                                 const std::vector<SharedBits>& right);

// At least one plane.
SharedBits and_all(Engine& engine, std::vector<SharedBits> planes);
SharedBits or_all(Engine& engine, std::vector<SharedBits> planes);

// Keeps the bits where the public mask, packed like shared bits, holds 1. Local.
SharedBits and_public(SharedBits bits, std::span<const u64> mask);

// Plane j of the result: whether any of planes j, j+1, …, last holds 1.
std::vector<SharedBits> or_from_top(Engine& engine, std::vector<SharedBits> planes);

}  // namespace cohortium::oblivious
