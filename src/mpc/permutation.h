// A secret permutation: every party knows parts of it, nobody all of it.
//
// The permutation is p = p_1 after p_2 after … (one part per group of parties that agreed on it); applied forwards it
// takes a vector a to the vector whose element i is a[p[i]], backwards it undoes that. A permutation is drawn once and
// may be applied to any number of columns, both ways.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/buffer.h"
#include "crypto/random_generator.h"
#include "mpc/ring.h"

namespace cohortium::mpc {

enum class Direction { kForwards, kBackwards };

struct SecretPermutation {
  std::size_t size = 0;
  // The parts this party knows. plaintext: the whole, in part 0. replicated3: part 0 is common with the next party,
  // part 1 with the previous one. replicated4: part k is unknown to the party k + 1 places on, known to the others.
  std::array<Buffer<std::uint32_t>, 3> part;
};

// A uniformly random permutation (exactly so: draws that would be biased are repeated, alike at all who hold the seed).
// Source  Fisher and Yates; Lemire, ACM TOMACS 2019 (bounded draws)
Buffer<std::uint32_t> draw_permutation(crypto::RandomGenerator& generator, std::size_t size);

// out[i] = in[p[i]], or backwards out[p[i]] = in[i], for each column of p.size() elements.
template <RingWord W>
void move_columns(std::span<const std::uint32_t> p, Direction direction, std::span<const W> in, std::span<W> out);
// The same for one column of packed bits.
void move_bits(std::span<const std::uint32_t> p, Direction direction, std::span<const u64> in, std::span<u64> out);

}  // namespace cohortium::mpc
