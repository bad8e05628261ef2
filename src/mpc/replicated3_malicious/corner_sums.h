// Words as vectors of 64 bits, under factors: sums that bit_proof.cc needs of the words at the 64 corners of a cube, of
// eight groups at a time.
#pragma once

#include <array>

#include "mpc/replicated3_malicious/binary_field.h"
#include "mpc/replicated3_malicious/group_block.h"

namespace cohortium::mpc {

// The elements of a block's sums: one for every group and bit, in the order that vectors make them in. Of a quarter of
// them, all groups are even or all odd, and all bits in the lower or all in the upper half of a word; within a quarter,
// two groups and bits that differ by that alone stand at the same place.
inline constexpr std::size_t block_elements = 64 * groups_abreast, quarter_elements = block_elements / 4;
constexpr std::size_t group_of_element(std::size_t i) { return 2 * (i >> 1 & 3) + (i >> 8); }
constexpr std::size_t bit_of_element(std::size_t i) {
  return 16 * (i >> 6 & 3) + 8 * (i >> 5 & 1) + 2 * (i >> 3 & 3) + (i & 1);
}

using CornerFactors = std::array<BinaryField, corners>;
// Of eight corners and eight bits of the result: the matrix of bits, a row for each bit of the result, the lowest last.
using CornerMatrices = std::array<std::array<u64, 8>, 8>;

// out[element] = the sum of factor[corner] over the corners at which the group's word has that bit. No addresses depend on
// words.
class CornerSums {
 public:
  explicit CornerSums(const CornerFactors& factor);
  void add_up(const u64* block, BinaryField* out) const;           // by the quickest way of this machine
  void add_up_anywhere(const u64* block, BinaryField* out) const;  // by the way that every machine has

 private:
  CornerFactors factor_;
  CornerMatrices matrices_;
};

// A block as matrices of bits are multiplied, for sums at several points.
class TurnedBlock {
 public:
  explicit TurnedBlock(const u64* block);

 private:
  friend class QuarterSums;
  alignas(64) std::array<u64, block_words> bits_;  // the words as they are where that way is not this machine's
  const u64* next_;                                // where the next block might be
};

// The eight quarters of two blocks' corner sums under factors of their own, added up: 128 elements.
class QuarterSums {
 public:
  using Factors = std::array<BinaryField, 8>;  // first block, second block
  QuarterSums(const CornerFactors& factor, const Factors& of_quarter);
  void add_up(const TurnedBlock& first, const TurnedBlock& second, BinaryField* out) const;
  void add_up_anywhere(const u64* first, const u64* second, BinaryField* out) const;

 private:
  CornerSums sums_;
  Factors of_quarter_;
  std::array<CornerMatrices, 8> matrices_;  // of the products of both factors
};

}  // namespace cohortium::mpc
