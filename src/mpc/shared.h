// What a party holds of secret-shared vectors, and the operations that need no communication.
//
// A Shared<W> is this party's part of a vector over Z_2^k; a SharedBits of a bit vector, packed 64 to a word (element i
// is bit i % 64 of word i / 64; the bits behind the last element are unspecified and never leave the party unmasked).
// How many components a part has, and what they mean, is the protocol's: plaintext 1 (the value), replicated3 2
// (party i holds x_i and x_{i+1}), replicated4 3 (all but x_i), cost forecast 0. Operations that act alike on every component stand here; everything
// else is the Engine's.
//
// Shapes are public: all functions here check sizes with COHORTIUM_CHECK. Secrets are wiped when freed and never
// printed.
#pragma once

#include <array>
#include <cstddef>
#include <iosfwd>
#include <span>
#include <vector>

#include "base/buffer.h"
#include "mpc/ring.h"

namespace cohortium::mpc {

inline constexpr int max_components = 3;

template <RingWord W>
struct Shared {
  std::size_t size = 0;
  int components = 0;
  std::array<Buffer<W>, max_components> component;

  Shared() = default;
  Shared(std::size_t elements, int component_count);  // zeros
  // For kernels that overwrite every element of every component.
  static Shared uninitialised(std::size_t elements, int component_count);
};

struct SharedBits {
  std::size_t size = 0;
  int components = 0;
  std::array<Buffer<u64>, max_components> component;

  SharedBits() = default;
  SharedBits(std::size_t elements, int component_count);  // zeros
  // For kernels that overwrite every word of every component.
  static SharedBits uninitialised(std::size_t elements, int component_count);
  std::size_t words() const { return (size + 63) / 64; }
};

template <RingWord W>
std::ostream& operator<<(std::ostream& out, const Shared<W>&);  // "<secret>"
std::ostream& operator<<(std::ostream& out, const SharedBits&);

// Linear operations on shared vectors of equal size.
template <RingWord W>
Shared<W> add(const Shared<W>& a, const Shared<W>& b);
template <RingWord W>
Shared<W> subtract(const Shared<W>& a, const Shared<W>& b);
template <RingWord W>
Shared<W> negate(const Shared<W>& a);
template <RingWord W>
Shared<W> scale(const Shared<W>& a, W factor);  // the same public factor
template <RingWord W>
Shared<W> multiply_public(const Shared<W>& a, std::span<const W> factors);  // one public factor each

// Rearrangements; indices and sizes are public.
template <RingWord W>
Shared<W> slice(const Shared<W>& a, std::size_t from, std::size_t count);
template <RingWord W>
Shared<W> concatenate(std::span<const Shared<W>> parts);
template <RingWord W>
Shared<W> gather(const Shared<W>& a, std::span<const std::size_t> indices);
template <RingWord W>
Shared<W> repeat(const Shared<W>& a, std::size_t times);  // a b c -> a a b b c c (times = 2)
template <RingWord W>
Shared<W> tile(const Shared<W>& a, std::size_t times);  // a b c -> a b c a b c (times = 2)
template <RingWord W>
Shared<W> reverse(const Shared<W>& a);

// Sums: of consecutive blocks of `length` elements; running sums within each block.
template <RingWord W>
Shared<W> sum_blocks(const Shared<W>& a, std::size_t length);
template <RingWord W>
Shared<W> prefix_sum_blocks(const Shared<W>& a, std::size_t length);  // inclusive

// The residue modulo 2^64 of elements of Z_2^128: a local operation, exact for |value| < 2^63.
Shared<u64> narrow(const Shared<u128>& a);

SharedBits exclusive_or(const SharedBits& a, const SharedBits& b);
SharedBits slice(const SharedBits& a, std::size_t from, std::size_t count);
SharedBits concatenate(std::span<const SharedBits> parts);
SharedBits gather(const SharedBits& a, std::span<const std::size_t> indices);

}  // namespace cohortium::mpc
