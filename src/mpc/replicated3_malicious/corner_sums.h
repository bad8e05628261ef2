// Words as vectors of 64 bits, under factors: sums that bit_proof.cc needs of the words at the 64 corners of a cube, of
// eight groups at a time.
#pragma once

#include <array>

#include "mpc/replicated3_malicious/group_block.h"

namespace cohortium::mpc {

// The elements of a block's sums: one for every group and bit, in the order that vectors make them in.
inline constexpr std::size_t block_elements = 64 * groups_abreast;
constexpr std::size_t group_of_element(std::size_t i) { return 2 * (i >> 1 & 3) + (i >> 8); }
constexpr std::size_t bit_of_element(std::size_t i) {
  return 16 * (i >> 6 & 3) + 8 * (i >> 5 & 1) + 2 * (i >> 3 & 3) + (i & 1);
}

// out[element] = the exclusive-or of factor[corner] over the corners at which the group's word has that bit. No addresses
// depend on words.
class CornerSums {
 public:
  explicit CornerSums(const std::array<u64, corners>& factor);
  void add_up(const u64* block, u64* out) const;           // by the quickest way of this machine
  void add_up_anywhere(const u64* block, u64* out) const;  // by the way that every machine has

 private:
  std::array<u64, corners> factor_;
  // Of eight corners and eight bits of the result: the matrix of bits, a row for each bit of the result, the lowest last.
  std::array<std::array<u64, 8>, 8> matrix_{};
};

}  // namespace cohortium::mpc
