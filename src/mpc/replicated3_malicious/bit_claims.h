// The inner product that a proof of bits comes to (bit_proof.cc): its vectors are words at a point, written out a block at a
// time where they are long.
#pragma once

#include <optional>

#include "mpc/replicated3/statements.h"
#include "mpc/replicated3_malicious/bit_challenges.h"
#include "mpc/replicated3_malicious/inner_product_proof.h"
#include "mpc/replicated3_malicious/piece_products.h"

namespace cohortium::mpc {

// One vector: for every block the words of x, then of y, at the point, under t_q x^bit where weights are given; behind them,
// elements of groups that fill no block, and of moves.
class EvaluatedVector {
 public:
  EvaluatedVector(const Buffer<u64>& x, const Buffer<u64>& y, const CubePoint& point, const BitWeights* weights);

  Buffer<BinaryField>& others() { return others_; }
  std::size_t size() const;
  Buffer<BinaryField> whole() const;

  std::size_t blocks() const { return blocks_; }
  // A block, but for the weights of pieces.
  void write(std::size_t block, BinaryField* out) const;
  // Of the eight pieces of a block, where there are weights.
  using PieceFactors = std::array<BinaryField, pieces_at_once>;
  const std::optional<PieceFactors>& of_pieces() const { return of_pieces_; }
  // A stretch of the others, as long as a block, zero behind the end.
  std::size_t stretches_of_others() const;
  void write_others(std::size_t number, BinaryField* out) const;

  const CornerFactors& factor() const { return factor_; }
  const BitWeights* weights() const { return weights_; }

 private:
  void write_weighted(std::size_t block, BinaryField* out) const;

  const Buffer<u64>&x_, &y_;
  CornerFactors factor_;
  const BitWeights* weights_;
  std::optional<PieceFactors> of_pieces_;
  CornerSums at_point_;
  std::size_t blocks_ = 0;
  Buffer<BinaryField> others_;
};

// As Claims. The left vectors are x0, y0 and x1, y1 of the statements, the right ones y1, x1 and y0, x0.
struct BitClaims {
  EvaluatedVector own_left, own_right, next_left, previous_right;
  BinaryField next_summand, previous_summand;
};

// The claims, in an eighth of their length where they were long.
Claims<BinaryField> cut_at_once(VerifierPair& parties, const Statements<u64>& statements, const BitClaims& given);

// Of cut_at_once and of what is left to prove.
Cost bit_claims_cost(std::size_t size);

}  // namespace cohortium::mpc
