// What the verifiers of bit_proof.cc draw.
#pragma once

#include <array>

#include "crypto/random_generator.h"
#include "mpc/replicated3_malicious/corner_sums.h"
#include "mpc/replicated3_malicious/cube_sums.h"

namespace cohortium::mpc {

// t_q, s_j and the weights of moved words. t_q is drawn for two neighbouring groups, and of the odd ones times one more
// element.
struct BitWeights {
  BitWeights(const crypto::Seed& seed, std::size_t groups, std::size_t moved)
      : of_pair((groups + 1) / 2), of_moved(moved), of_group(groups_abreast * blocks_of_groups(groups)) {
    crypto::RandomGenerator generator(seed);
    generator.fill(std::as_writable_bytes(std::span(in_group)));
    generator.fill(std::as_writable_bytes(std::span(&of_odd, 1)));
    generator.fill(writable_bytes_of(of_pair));
    generator.fill(writable_bytes_of(of_moved));
    in_group[0] = BinaryField(1);
    of_pair.resize(of_group.size() / 2);
    Buffer<BinaryField> odd(of_pair.size());
    BinaryField::combine(of_pair.data(), of_pair.size(), of_pair.size(), &of_odd, 1, odd.data());
    for (std::size_t group = 0; group < groups; ++group) of_group[group] = (group % 2 == 0 ? of_pair : odd)[group / 2];
  }
  std::array<BinaryField, corners> in_group;
  BinaryField of_odd;
  Buffer<BinaryField> of_pair, of_moved, of_group;  // of groups, zero up to the end of the last block
};

// A point of the cube, and the factors of the corners there.
struct CubePoint {
  explicit CubePoint(const crypto::Seed& seed) {
    crypto::RandomGenerator(seed).fill(std::as_writable_bytes(std::span(coordinate)));
    for (std::size_t corner = 0; corner < corners; ++corner) {
      BinaryField product(1);
      for (std::size_t d = 0; d < cube_dimensions; ++d) {
        product = product * ((corner >> d & 1) != 0 ? coordinate[d] : coordinate[d] + BinaryField(1));
      }
      factor[corner] = product;
    }
  }
  // Of a product, from all its values: h = h(0) (1 + r) + h(1) r + h(infinity)
  // (r^2 + r).
  BinaryField of_product(std::array<BinaryField, cube_values> sums) const {
    std::size_t size = cube_values;
    for (std::size_t d = 0; d < cube_dimensions; ++d) {
      const BinaryField r = coordinate[d], at_zero = r + BinaryField(1), at_infinity = r * at_zero;
      size /= 3;
      for (std::size_t i = 0; i < size; ++i) {
        sums[i] = sums[3 * i] * at_zero + sums[3 * i + 1] * r + sums[3 * i + 2] * at_infinity;
      }
    }
    return sums[0];
  }

  std::array<BinaryField, cube_dimensions> coordinate;
  CornerFactors factor;
};

}  // namespace cohortium::mpc
