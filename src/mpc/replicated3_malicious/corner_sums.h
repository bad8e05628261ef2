// Words as vectors of 64 bits, under factors: sums that bit_proof.cc needs of the words at the 64 corners of a cube.
#pragma once

#include <array>

#include "mpc/ring.h"

namespace cohortium::mpc {

inline constexpr std::size_t corners = 64;

// out[bit] = the exclusive-or of factor[corner] over the corners whose word has that bit. No addresses depend on words.
class CornerSums {
 public:
  explicit CornerSums(const std::array<u64, corners>& factor);
  void add_up(const u64* words, u64* out) const;           // by the quickest way of this machine
  void add_up_anywhere(const u64* words, u64* out) const;  // by the way that every machine has

 private:
  std::array<u64, corners> factor_;
  // Of eight corners and eight bits of the result: the matrix of bits, a row for each bit of the result, the lowest last.
  std::array<std::array<u64, 8>, 8> matrix_{};
};

}  // namespace cohortium::mpc
