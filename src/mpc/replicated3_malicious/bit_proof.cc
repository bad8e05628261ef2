// Proof of statements over Z_2, 64 to a word: (x and y') xor (y and x') = a xor
// b, with x, y, a known to one verifier and x', y', b to the other.
//
// A word is an element of the field of 2^64 elements: a statement word is false
// where it is not zero there, and so, but for a probability of 3 / 2^64, is the
// sum of all of them under random weights t_q s_j, q numbering groups of 64
// words (group_block.h) and j the words of a group; t_q is that of a pair of
// groups, in one of the two times one more element, so that the sum has degree 3
// in what is random. The words of a group are values, at the
// corners of a cube of six dimensions, of polynomials of degree 1 in each of
// six variables, bit by bit. A product of two such has degree 2 in each and is
// known from its values where every variable is 0, 1 or infinity (the leading
// coefficient): 729 words, made by exclusive-ors and conjunctions of words
// alone. The prover hands out shares of the 729 sums over all groups under t_q;
// that at the origin follows from the claim. The verifiers draw a point of the
// cube in the large field, and the claim becomes an inner product of 64 pairs
// of field elements per group (inner_product_proof.h), since the bits of a word
// are as many elements there. Its vectors would take twice the memory of all
// operands: where they are long, they are cut into eight as they are made, a
// block at a time, and made once more where that needs them again.
//
// Security   one corruption of 3. A false statement passes with a probability
// below 2^-62 (weights) + 12 / 2^64 (the point)
//            + 2^-56 (inner product). A cheating verifier sees uniform shares
// Reveals    nothing
// Rounds     3, and those of inner_product_proof.h
// Sent       728 words, two challenges of 48 bytes, and the inner product's
// Source     Boneh et al., CRYPTO 2019 (inner_product_proof.h); values at
// infinity: Karatsuba and Ofman 1962
#include "mpc/replicated3_malicious/bit_proof.h"

#include <array>

#include "mpc/replicated3_malicious/binary_arithmetic.h"
#include "mpc/replicated3_malicious/bit_challenges.h"
#include "mpc/replicated3_malicious/bit_claims.h"

namespace cohortium::mpc {
namespace {

using Sums = std::array<BinaryField, cube_values>;

// The 729 sums over all groups.
Sums sums_of_products(const Statements<u64>& pending, const BitWeights& weights) {
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
    const BitWeights own(first.own, groups, moved_by(self_)), of_next(first.of_next, groups, moved_by(next_)),
        of_previous(first.of_previous, groups, moved_by(previous_));
    Sums sums = sums_of_products(pending_, own), next_sums{}, previous_sums{};
    parties_.hand_out(std::span(sums).subspan(1), std::span(next_sums).subspan(1), std::span(previous_sums).subspan(1));
    const Challenge second = parties_.challenge();
    const CubePoint own_point(second.own), next_point(second.of_next), previous_point(second.of_previous);

    BitClaims claims{.own_left = {pending_.x0, pending_.y0, own_point, &own},
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
    Claims<BinaryField> left = cut_at_once(parties_, pending_, claims);
    pending_.clear();
    prove(parties_, BinaryArithmetic{}, std::move(left));
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
  void add_moves(Buffer<BinaryField>& to, PartyId prover, bool side_of_previous, const BitWeights& weights) const {
    for_moves(prover, [&](const auto& move, std::size_t first) {
      for (std::size_t j = 0; j < move.count; ++j) {
        to.push_back(move.targets_known_to_previous == side_of_previous ? weights.of_moved[first + move.targets[j]]
                                                                        : BinaryField(move.values[j]));
      }
    });
  }
  BinaryField moved_summand(PartyId prover, const BitWeights& weights) const {
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
  static BinaryField at_origin(const Sums& sums, const Buffer<u64>& summands, const BitWeights& weights) {
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
  return cost += bit_claims_cost(128 * groups_of(words) + moved);
}

}  // namespace cohortium::mpc
