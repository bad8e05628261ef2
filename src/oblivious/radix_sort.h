// Stable sorting by narrow keys given as bits: digits of three bits, the lowest first. The destination of an element
// with digit v is the number of elements with lower digits plus the number of earlier ones with the same.
//
// Reveals    nothing: per digit a uniformly random permutation is opened
// Rounds     per digit 2 for the products of bits, those of Engine::from_bit, 1, and from_destinations; between digits
//            those of two calls to permute
// Sent       per digit of d bits: 2^d - 1 bits as elements, 1 product, 2 columns moved, 1 opened
// Source     Hamada et al., 2014/2022 (destinations from running counts); Asharov et al., CCS 2022
#pragma once

#include "oblivious/rearrangement.h"

namespace cohortium::oblivious {

// planes[j] holds bit j of the keys; at least one. Fewer than 2^32 rows.
Rearrangement radix_order(Engine& engine, std::vector<SharedBits> planes);

}  // namespace cohortium::oblivious
