// Sums of products of polynomials on the cube of bit_proof.cc, of eight groups at a time.
#pragma once

#include <array>

#include "mpc/replicated3_malicious/binary_field.h"
#include "mpc/replicated3_malicious/group_block.h"

namespace cohortium::mpc {

inline constexpr std::size_t cube_dimensions = 6, cube_values = 729;

// Where the corner with these coordinates (bits) stands among the values (digits 0, 1, 2 for infinity).
constexpr std::size_t value_of_corner(std::size_t corner) {
  std::size_t index = 0, power = 1;
  for (std::size_t d = 0; d < cube_dimensions; ++d, power *= 3) index += (corner >> d & 1) * power;
  return index;
}

// Operands of a block (group_block.h).
struct CubeOperands {
  const u64 *x, *y, *other_y, *other_x;  // products: (x and y) xor (other_y and other_x)
};

// At every value of the cube, the sum over all groups added of the group's weight times the value of its product. No
// addresses depend on words.
class CubeSums {
 public:
  void add(const CubeOperands& block, const BinaryField* weights);           // by the quickest way of this machine
  void add_anywhere(const CubeOperands& block, const BinaryField* weights);  // by the way that every machine has
  std::array<BinaryField, cube_values> sums() const;

 private:
  std::array<UnreducedSum, cube_values> unreduced_{};
};

// At every corner, the sum over all groups added of the group's weight times its word.
class WordSums {
 public:
  void add(const u64* block, const BinaryField* weights);
  void add_anywhere(const u64* block, const BinaryField* weights);
  std::array<BinaryField, corners> sums() const;

 private:
  std::array<UnreducedSum, corners> unreduced_{};
};

}  // namespace cohortium::mpc
