// The loops of residue_field.h over vectors of words below 2^52, L to an element, each for one way to multiply. All ways have
// the same results.
#pragma once

#include <cstddef>
#include <type_traits>

#include "mpc/ring.h"

namespace cohortium::mpc {

inline constexpr std::size_t most_factors = 32;

template <int L>
using WordOf = std::conditional_t<L == 3, u64, u128>;

template <int L>
struct ResidueLoops {
  // Adds a[t] b[t] to words low + 2^52 high, of which there are 24, or to what is the same modulo the primes. Neither word
  // gets more than n / 24 + 1 times 2^52 larger.
  void (*add_products)(const u64* a, const u64* b, std::size_t n, u64* low, u64* high);
  // As ResidueField::combine, sizes in words.
  void (*combine)(const u64* in, std::size_t size, std::size_t stride, const u64* factor, std::size_t factors,
                  u64* out);
  // Residues of n words, under weights below 2^52 where given.
  void (*expand)(const WordOf<L>* words, const u64* weights, std::size_t n, u64* out);
};

template <int L>
const ResidueLoops<L>& portable_loops();
// Of this machine.
template <int L>
const ResidueLoops<L>& quickest_loops();

}  // namespace cohortium::mpc
