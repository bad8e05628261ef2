// Inner products of all pairs of eight pieces of two vectors, as the first cut of a proof needs them (inner_product_proof.h).
#pragma once

#include <array>
#include <vector>

#include "mpc/replicated3_malicious/binary_field.h"
#include "mpc/replicated3_malicious/first_cut.h"

namespace cohortium::mpc {

class PieceProducts {
 public:
  // So many elements of every piece, those of a piece side by side.
  void add(const BinaryField* left, const BinaryField* right);           // by the quickest way of this machine
  void add_anywhere(const BinaryField* left, const BinaryField* right);  // by the way that every machine has
  std::vector<BinaryField> pairs() const;                                // row i: left piece i

 private:
  std::array<UnreducedSum, pieces_at_once * pieces_at_once> unreduced_{};
};

}  // namespace cohortium::mpc
