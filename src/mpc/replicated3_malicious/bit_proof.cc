// Proof of statements over Z_2, 64 to a word: (x and y') xor (y and x') = a xor
// b, with x, y, a known to one verifier and x', y', b to the other.
//
// A word is an element of the field of 2^64 elements: a statement word is false
// where it is not zero there, and so, but for a probability of 2^-63, is the
// sum of all of them under random weights t_q s_j, q numbering groups of 64
// words (group_block.h) and j the words of a group. The words of a group are values, at the
// corners of a cube of six dimensions, of polynomials of degree 1 in each of
// six variables, bit by bit. A product of two such has degree 2 in each and is
// known from its values where every variable is 0, 1 or infinity (the leading
// coefficient): 729 words, made by exclusive-ors and conjunctions of words
// alone. The prover hands out shares of the 729 sums over all groups under t_q;
// that at the origin follows from the claim. The verifiers draw a point of the
// cube in the large field, and the claim becomes an inner product of 64 pairs
// of field elements per group (inner_product_proof.h), since the bits of a word
// are as many elements there. Its vectors would be eight times as long as all
// operands: where they are long, they are cut into eight as they are made, a
// stretch at a time, and made once more where that needs them again.
//
// Security   one corruption of 3. A false statement passes with a probability
// below 2^-63 (weights) + 12 / 2^64 (the point)
//            + 2^-56 (inner product). A cheating verifier sees uniform shares
// Reveals    nothing
// Rounds     3, and those of inner_product_proof.h
// Sent       728 words, two challenges of 48 bytes, and the inner product's
// Source     Boneh et al., CRYPTO 2019 (inner_product_proof.h); values at
// infinity: Karatsuba and Ofman 1962
#include "mpc/replicated3_malicious/bit_proof.h"

#include <array>
#include <optional>

#include "mpc/replicated3_malicious/binary_field.h"
#include "mpc/replicated3_malicious/corner_sums.h"
#include "mpc/replicated3_malicious/cube_sums.h"
#include "mpc/replicated3_malicious/inner_product_proof.h"
#include "mpc/replicated3_malicious/piece_products.h"

namespace cohortium::mpc {
namespace {

using Sums = std::array<BinaryField, cube_values>;

// t_q, s_j and the weights of moved words. t_q is drawn for two neighbouring groups, and of the odd ones times one more
// element.
struct Weights {
  Weights(const crypto::Seed& seed, std::size_t groups, std::size_t moved)
      : of_pair((groups + 1) / 2), of_moved(moved), of_group(groups_abreast * blocks_of_groups(groups)) {
    crypto::RandomGenerator generator(seed);
    generator.fill(std::as_writable_bytes(std::span(in_group)));
    generator.fill(std::as_writable_bytes(std::span(&of_odd, 1)));
    generator.fill(writable_bytes_of(of_pair));
    generator.fill(writable_bytes_of(of_moved));
    in_group[0] = BinaryField(1);
    of_pair.resize(of_group.size() / 2);
    const BinaryField parities[2] = {BinaryField(1), of_odd};
    for (std::size_t group = 0; group < groups; ++group) of_group[group] = of_pair[group / 2] * parities[group % 2];
  }
  std::array<BinaryField, corners> in_group;
  BinaryField of_odd;
  Buffer<BinaryField> of_pair, of_moved, of_group;  // of groups, zero up to the end of the last block
};

// The 729 sums over all groups.
Sums sums_of_products(const Statements<u64>& pending, const Weights& weights) {
  CubeSums sums;
  BlockWords x0, y1, y0, x1;
  for (std::size_t block = 0; block * block_words < pending.products(); ++block) {
    sums.add({.x = words_of_block(pending.x0, block, x0),
              .y = words_of_block(pending.y1, block, y1),
              .other_y = words_of_block(pending.y0, block, y0),
              .other_x = words_of_block(pending.x1, block, x1)},
             &weights.of_group[block * groups_abreast]);
  }
  return sums.sums();
}

// A point of the cube, and the factors of the corners there.
struct Point {
  explicit Point(const crypto::Seed& seed) {
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
  BinaryField of_product(Sums sums) const {
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

// A block of x, then of y.
constexpr std::size_t stretch = 2 * block_elements;
static_assert(stretch == pieces_at_once * piece_stretch && quarter_elements == piece_stretch);
using Stretch = std::array<BinaryField, stretch>;
using Piece = std::array<BinaryField, piece_stretch>;
using PieceFactors = std::array<BinaryField, pieces_at_once>;

constexpr std::size_t stretches_of(std::size_t size) { return (size + stretch - 1) / stretch; }

// The weight t_q x^bit of an element is one of its place in its piece, times one of its piece.
Piece weights_in_piece(const Weights& weights, std::size_t block) {
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
PieceFactors weights_of_pieces(const Weights& weights) {
  PieceFactors result;
  for (std::size_t piece = 0; piece < result.size(); ++piece) {
    const std::size_t first = piece * piece_stretch % block_elements;
    const BinaryField power(u64{1} << bit_of_element(first));
    result[piece] = group_of_element(first) == 0 ? power : power * weights.of_odd;
  }
  return result;
}

// One vector of the inner product: for every block the words of x, then of y, at the point, under t_q x^bit where weights
// are given; behind them, elements of groups that fill no block, and of moves.
class EvaluatedVector {
 public:
  EvaluatedVector(const Buffer<u64>& x, const Buffer<u64>& y, const Point& point, const Weights* weights)
      : x_(x), y_(y), factor_(point.factor), weights_(weights), at_point_(point.factor) {
    if (weights_ != nullptr) of_pieces_ = weights_of_pieces(*weights_);
    const std::size_t groups = groups_of(x.size());
    whole_blocks_ = groups / groups_abreast;
    if (groups % groups_abreast == 0) return;
    Stretch last;
    write_weighted(whole_blocks_, last.data());
    for (std::size_t i = 0; i < last.size(); ++i) {  // of groups that there are
      if (group_of_element(i % block_elements) < groups % groups_abreast) others_.push_back(last[i]);
    }
  }
  Buffer<BinaryField>& others() { return others_; }
  std::size_t size() const { return whole_blocks_ * stretch + others_.size(); }
  std::size_t whole_blocks() const { return whole_blocks_; }

  Buffer<BinaryField> whole() const {
    Buffer<BinaryField> elements(whole_blocks_ * stretch);
    for (std::size_t block = 0; block < whole_blocks_; ++block) write_weighted(block, &elements[block * stretch]);
    elements.insert(elements.end(), others_.begin(), others_.end());
    return elements;
  }

  // A block, but for the weights of pieces.
  void write(std::size_t block, BinaryField* out) const {
    BlockWords held;
    at_point_.add_up(words_of_block(x_, block, held), out);
    at_point_.add_up(words_of_block(y_, block, held), out + block_elements);
    if (weights_ == nullptr) return;
    const Piece weights = weights_in_piece(*weights_, block);
    for (std::size_t i = 0; i < stretch; i += piece_stretch) {
      BinaryField::multiply(out + i, weights.data(), out + i, piece_stretch);
    }
  }
  const std::optional<PieceFactors>& of_pieces() const { return of_pieces_; }
  // A stretch of the others, zero behind the end.
  std::size_t stretches_of_others() const { return stretches_of(others_.size()); }
  void write_others(std::size_t number, BinaryField* out) const {
    const std::size_t from = number * stretch, count = std::min(stretch, others_.size() - from);
    std::copy_n(&others_[from], count, out);
    std::fill(out + count, out + stretch, BinaryField());
  }

  // The pieces of every stretch, added up under factors.
  class Folded {
   public:
    Folded(const EvaluatedVector& vector, const std::vector<BinaryField>& factors)
        : vector_(vector), factors_(factors), sums_(vector.factor_, with_weights(vector, factors)) {
      folded_.reserve((vector.whole_blocks_ + vector.stretches_of_others()) * piece_stretch);
    }
    void add(std::size_t block) {
      BlockWords held;
      Piece sum;
      sums_.add_up(words_of_block(vector_.x_, block, held), words_of_block(vector_.y_, block, held), sum.data());
      if (vector_.weights_ != nullptr) {
        BinaryField::multiply(sum.data(), weights_in_piece(*vector_.weights_, block).data(), sum.data(), sum.size());
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
        result[i] = vector.of_pieces_ ? factors[i] * (*vector.of_pieces_)[i] : factors[i];
      }
      return result;
    }

    const EvaluatedVector& vector_;
    std::vector<BinaryField> factors_;
    QuarterSums sums_;
    Buffer<BinaryField> folded_;
  };

 private:
  void write_weighted(std::size_t block, BinaryField* out) const {
    write(block, out);
    for (std::size_t i = 0; of_pieces_ && i < stretch; ++i) out[i] = out[i] * (*of_pieces_)[i / piece_stretch];
  }

  const Buffer<u64>&x_, &y_;
  CornerFactors factor_;
  const Weights* weights_;
  std::optional<PieceFactors> of_pieces_;
  CornerSums at_point_;
  std::size_t whole_blocks_ = 0;
  Buffer<BinaryField> others_;
};

// As Claims.
struct EvaluatedClaims {
  EvaluatedVector own_left, own_right, next_left, previous_right;
  BinaryField next_summand, previous_summand;
};

constexpr std::size_t cut_at_once_above = 8192;  // elements

// Of pieces: of every stretch of the vectors, an eighth.
std::vector<BinaryField> pairs_of(const EvaluatedVector& left, const EvaluatedVector& right) {
  PieceProducts of_blocks, of_others;
  Stretch lefts, rights;
  for (std::size_t block = 0; block < left.whole_blocks(); ++block) {
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

// The claims, in an eighth of their length where they were long.
Claims<BinaryField> cut_at_once(VerifierPair& parties, const EvaluatedClaims& given) {
  Claims<BinaryField> claims;
  claims.next_summand = given.next_summand;
  claims.previous_summand = given.previous_summand;
  claims.size = given.own_left.size();
  if (claims.size <= cut_at_once_above) {
    claims.own_left = given.own_left.whole();
    claims.own_right = given.own_right.whole();
    claims.next_left = given.next_left.whole();
    claims.previous_right = given.previous_right.whole();
    return claims;
  }
  claims.size = piece_stretch * stretches_of(claims.size);
  const std::vector<BinaryField> pairs = pairs_of(given.own_left, given.own_right);
  const Factors<BinaryField> factors = cut(parties, std::span<const BinaryField>(pairs), pieces_at_once, claims);
  EvaluatedVector::Folded own_left(given.own_left, factors.own), own_right(given.own_right, factors.own),
      next_left(given.next_left, factors.next), previous_right(given.previous_right, factors.previous);
  for (std::size_t block = 0; block < given.own_left.whole_blocks(); ++block) {  // reads every word once
    own_left.add(block);
    own_right.add(block);
    next_left.add(block);
    previous_right.add(block);
  }
  claims.own_left = std::move(own_left).with_others();
  claims.own_right = std::move(own_right).with_others();
  claims.next_left = std::move(next_left).with_others();
  claims.previous_right = std::move(previous_right).with_others();
  return claims;
}

class Proof {
 public:
  Proof(VerifierPair& parties, Statements<u64>& pending)
      : parties_(parties),
        pending_(pending),
        self_(parties.channels().self()),
        next_(parties.channels().next()),
        previous_(parties.channels().previous()) {}

  void run() {
    const std::size_t groups = groups_of(pending_.products());
    const Challenge first = parties_.challenge();
    const Weights own(first.own, groups, moved_by(self_)), of_next(first.of_next, groups, moved_by(next_)),
        of_previous(first.of_previous, groups, moved_by(previous_));
    Sums sums = sums_of_products(pending_, own), next_sums{}, previous_sums{};
    parties_.hand_out(std::span(sums).subspan(1), std::span(next_sums).subspan(1), std::span(previous_sums).subspan(1),
                      [](BinaryField a, BinaryField b) { return a - b; });
    const Challenge second = parties_.challenge();
    const Point own_point(second.own), next_point(second.of_next), previous_point(second.of_previous);

    EvaluatedClaims claims{.own_left = {pending_.x0, pending_.y0, own_point, &own},
                           .own_right = {pending_.y1, pending_.x1, own_point, nullptr},
                           .next_left = {pending_.x1, pending_.y1, next_point, &of_next},
                           .previous_right = {pending_.y0, pending_.x0, previous_point, nullptr},
                           .next_summand = {},
                           .previous_summand = {}};
    add_moves(claims.own_left.others(), self_, true, own);
    add_moves(claims.own_right.others(), self_, false, own);
    add_moves(claims.next_left.others(), next_, true, of_next);
    add_moves(claims.previous_right.others(), previous_, false, of_previous);

    next_sums[0] = at_origin(next_sums, pending_.of_next, of_next);
    previous_sums[0] = at_origin(previous_sums, pending_.with_previous, of_previous);
    claims.next_summand = next_point.of_product(next_sums) + moved_summand(next_, of_next);
    claims.previous_summand = previous_point.of_product(previous_sums) + moved_summand(previous_, of_previous);
    Claims<BinaryField> left = cut_at_once(parties_, claims);
    pending_.clear();
    prove(parties_, std::move(left));
  }

 private:
  std::size_t moved_by(PartyId prover) const {
    std::size_t count = 0;
    for (const auto& move : pending_.moves) count += move.prover == prover ? move.count : 0;
    return count;
  }
  template <class Body>
  void for_moves(PartyId prover, Body body) const {
    std::size_t first = 0;
    for (const auto& move : pending_.moves) {
      if (move.prover != prover) continue;
      body(move, first);
      first += move.count;
    }
  }
  void add_moves(Buffer<BinaryField>& to, PartyId prover, bool side_of_previous, const Weights& weights) const {
    for_moves(prover, [&](const auto& move, std::size_t first) {
      for (std::size_t j = 0; j < move.count; ++j) {
        to.push_back(move.targets_known_to_previous == side_of_previous ? weights.of_moved[first + move.targets[j]]
                                                                        : BinaryField(move.values[j]));
      }
    });
  }
  BinaryField moved_summand(PartyId prover, const Weights& weights) const {
    BinaryField sum;
    for_moves(prover, [&](const auto& move, std::size_t first) {
      for (std::size_t e = 0; e < move.count; ++e) {
        sum = sum + weights.of_moved[first + e] * BinaryField(move.summand[e]);
      }
    });
    return sum;
  }
  // A verifier's share of the sum at the origin: all corners under s_j add up
  // to the claim.
  static BinaryField at_origin(const Sums& sums, const Buffer<u64>& summands, const Weights& weights) {
    WordSums words;
    BlockWords held;
    for (std::size_t block = 0; block * block_words < summands.size(); ++block) {
      words.add(words_of_block(summands, block, held), &weights.of_group[block * groups_abreast]);
    }
    const std::array<BinaryField, corners> claimed = words.sums();
    BinaryField sum = claimed[0];
    for (std::size_t corner = 1; corner < corners; ++corner) {
      sum = sum + weights.in_group[corner] * (claimed[corner] - sums[value_of_corner(corner)]);
    }
    return sum;
  }

  VerifierPair& parties_;
  Statements<u64>& pending_;
  PartyId self_, next_, previous_;
};

}  // namespace

void prove_conjunctions(VerifierPair& parties, Statements<u64>& pending) { Proof(parties, pending).run(); }

Cost conjunctions_proof_cost(std::size_t words, std::size_t moved) {
  Cost cost = challenge_cost;
  cost += {1, (cube_values - 1) * sizeof(u64)};
  cost += challenge_cost;
  const std::size_t size = 128 * groups_of(words) + moved;
  if (size <= cut_at_once_above) return cost += proof_cost<BinaryField>(size);
  cost += cut_cost<BinaryField>(pieces_at_once);
  return cost += proof_cost<BinaryField>(piece_stretch * stretches_of(size));
}

}  // namespace cohortium::mpc
