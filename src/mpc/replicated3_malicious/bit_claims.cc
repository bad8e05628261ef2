// The pieces of the first cut are the eight quarters of the blocks of x and y (corner_sums.h), so that a weight is that of a
// place in its piece times that of the piece, and that the pieces of one block are added up before anything is multiplied.
//
// Source     Boneh et al., CRYPTO 2019 (inner_product_proof.h)
#include "mpc/replicated3_malicious/bit_claims.h"

#include "mpc/replicated3_malicious/binary_arithmetic.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t stretch = 2 * block_elements;
static_assert(stretch == pieces_at_once * piece_stretch && quarter_elements == piece_stretch);
using Stretch = std::array<BinaryField, stretch>;
using Piece = std::array<BinaryField, piece_stretch>;
using PieceFactors = EvaluatedVector::PieceFactors;

constexpr std::size_t stretches_of(std::size_t size) { return (size + stretch - 1) / stretch; }

// The weight t_q x^bit of an element is one of its place in its piece, times one of its piece.
Piece weights_in_piece(const BitWeights& weights, std::size_t block) {
  static const Piece powers = [] {
    Piece result;
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = BinaryField(u64{1} << bit_of_element(i));
    return result;
  }();
  std::array<BinaryField, 8> of_eight;
  for (std::size_t i = 0; i < 8; ++i) {
    of_eight[i] = weights.of_pair[(block * groups_abreast + group_of_element(i)) / 2];
  }
  Piece result;
  for (std::size_t i = 0; i < result.size(); i += 8) std::copy_n(of_eight.data(), 8, &result[i]);
  BinaryField::multiply(result.data(), powers.data(), result.data(), result.size());
  return result;
}
PieceFactors weights_of_pieces(const BitWeights& weights) {
  PieceFactors result;
  for (std::size_t piece = 0; piece < result.size(); ++piece) {
    const std::size_t first = piece * piece_stretch % block_elements;
    const BinaryField power(u64{1} << bit_of_element(first));
    result[piece] = group_of_element(first) == 0 ? power : power * weights.of_odd;
  }
  return result;
}

// The pieces of every stretch, added up under factors.
class Folded {
 public:
  Folded(const EvaluatedVector& vector, const std::vector<BinaryField>& factors)
      : vector_(vector), factors_(factors), sums_(vector.factor(), with_weights(vector, factors)) {
    folded_.reserve((vector.blocks() + vector.stretches_of_others()) * piece_stretch);
  }
  void add(std::size_t block, const TurnedBlock& x, const TurnedBlock& y) {
    Piece sum;
    sums_.add_up(x, y, sum.data());
    if (vector_.weights() != nullptr) {
      BinaryField::multiply(sum.data(), weights_in_piece(*vector_.weights(), block).data(), sum.data(), sum.size());
    }
    folded_.insert(folded_.end(), sum.begin(), sum.end());
  }
  Buffer<BinaryField> with_others() && {
    Stretch pieces;
    Piece sum;
    for (std::size_t i = 0; i < vector_.stretches_of_others(); ++i) {
      vector_.write_others(i, pieces.data());
      BinaryField::combine(pieces.data(), stretch, piece_stretch, factors_.data(), pieces_at_once, sum.data());
      folded_.insert(folded_.end(), sum.begin(), sum.end());
    }
    return std::move(folded_);
  }

 private:
  static PieceFactors with_weights(const EvaluatedVector& vector, const std::vector<BinaryField>& factors) {
    PieceFactors result;
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = vector.of_pieces() ? factors[i] * (*vector.of_pieces())[i] : factors[i];
    }
    return result;
  }

  const EvaluatedVector& vector_;
  std::vector<BinaryField> factors_;
  QuarterSums sums_;
  Buffer<BinaryField> folded_;
};

// Of pieces: of every stretch of the vectors, an eighth.
std::vector<BinaryField> pairs_of(const EvaluatedVector& left, const EvaluatedVector& right) {
  PieceProducts of_blocks, of_others;
  Stretch lefts, rights;
  for (std::size_t block = 0; block < left.blocks(); ++block) {
    left.write(block, lefts.data());
    right.write(block, rights.data());
    of_blocks.add(lefts.data(), rights.data());
  }
  for (std::size_t i = 0; i < left.stretches_of_others(); ++i) {
    left.write_others(i, lefts.data());
    right.write_others(i, rights.data());
    of_others.add(lefts.data(), rights.data());
  }
  std::vector<BinaryField> pairs = of_blocks.pairs();
  const std::vector<BinaryField> others = of_others.pairs();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = pairs[i] * left.of_pieces()->at(i / pieces_at_once) + others[i];
  }
  return pairs;
}

}  // namespace

EvaluatedVector::EvaluatedVector(const Buffer<u64>& x, const Buffer<u64>& y, const CubePoint& point,
                                 const BitWeights* weights)
    : x_(x), y_(y), factor_(point.factor), weights_(weights), at_point_(point.factor) {
  if (weights_ != nullptr) of_pieces_ = weights_of_pieces(*weights_);
  const std::size_t groups = groups_of(x.size());
  blocks_ = groups / groups_abreast;
  if (groups % groups_abreast == 0) return;
  Stretch last;
  write_weighted(blocks_, last.data());
  for (std::size_t i = 0; i < last.size(); ++i) {  // of groups that there are
    if (group_of_element(i % block_elements) < groups % groups_abreast) others_.push_back(last[i]);
  }
}

std::size_t EvaluatedVector::size() const { return blocks_ * stretch + others_.size(); }

Buffer<BinaryField> EvaluatedVector::whole() const {
  Buffer<BinaryField> elements(blocks_ * stretch);
  for (std::size_t block = 0; block < blocks_; ++block) write_weighted(block, &elements[block * stretch]);
  elements.insert(elements.end(), others_.begin(), others_.end());
  return elements;
}

void EvaluatedVector::write(std::size_t block, BinaryField* out) const {
  BlockWords held;
  at_point_.add_up(words_of_block(x_, block, held), out);
  at_point_.add_up(words_of_block(y_, block, held), out + block_elements);
  if (weights_ == nullptr) return;
  const Piece weights = weights_in_piece(*weights_, block);
  for (std::size_t i = 0; i < stretch; i += piece_stretch) {
    BinaryField::multiply(out + i, weights.data(), out + i, piece_stretch);
  }
}

void EvaluatedVector::write_weighted(std::size_t block, BinaryField* out) const {
  write(block, out);
  for (std::size_t i = 0; of_pieces_ && i < stretch; ++i) out[i] = out[i] * (*of_pieces_)[i / piece_stretch];
}

std::size_t EvaluatedVector::stretches_of_others() const { return stretches_of(others_.size()); }

void EvaluatedVector::write_others(std::size_t number, BinaryField* out) const {
  const std::size_t from = number * stretch, count = std::min(stretch, others_.size() - from);
  std::copy_n(&others_[from], count, out);
  std::fill(out + count, out + stretch, BinaryField());
}

Claims<BinaryField> cut_at_once(VerifierPair& parties, const Statements<u64>& statements, const BitClaims& given) {
  Claims<BinaryField> claims;
  claims.next_summand = given.next_summand;
  claims.previous_summand = given.previous_summand;
  claims.size = given.own_left.size();
  if (claims.size <= worth_a_first_cut) {
    claims.own_left = given.own_left.whole();
    claims.own_right = given.own_right.whole();
    claims.next_left = given.next_left.whole();
    claims.previous_right = given.previous_right.whole();
    return claims;
  }
  claims.size = piece_stretch * stretches_of(claims.size);
  const std::vector<BinaryField> pairs = pairs_of(given.own_left, given.own_right);
  const Factors<BinaryField> factors =
      cut(parties, BinaryArithmetic{}, std::span<const BinaryField>(pairs), pieces_at_once, claims);
  Folded own_left(given.own_left, factors.own), own_right(given.own_right, factors.own),
      next_left(given.next_left, factors.next), previous_right(given.previous_right, factors.previous);
  BlockWords held;
  for (std::size_t block = 0; block < given.own_left.blocks(); ++block) {  // reads every word once
    const TurnedBlock x0(words_of_block(statements.x0, block, held)), y0(words_of_block(statements.y0, block, held)),
        x1(words_of_block(statements.x1, block, held)), y1(words_of_block(statements.y1, block, held));
    own_left.add(block, x0, y0);
    own_right.add(block, y1, x1);
    next_left.add(block, x1, y1);
    previous_right.add(block, y0, x0);
  }
  claims.own_left = std::move(own_left).with_others();
  claims.own_right = std::move(own_right).with_others();
  claims.next_left = std::move(next_left).with_others();
  claims.previous_right = std::move(previous_right).with_others();
  return claims;
}

Cost bit_claims_cost(std::size_t size) {
  if (size <= worth_a_first_cut) return proof_cost<BinaryArithmetic>(size);
  Cost cost = cut_cost<BinaryArithmetic>(pieces_at_once);
  return cost += proof_cost<BinaryArithmetic>(piece_stretch * stretches_of(size));
}

}  // namespace cohortium::mpc
