// Proof of statements over Z_2, 64 to a word: (x and y') xor (y and x') = a xor
// b, with x, y, a known to one verifier and x', y', b to the other.
//
// A word is an element of the field of 2^64 elements: a statement word is false
// where it is not zero there, and so, but for a probability of 2^-63, is the
// sum of all of them under random weights t_q s_j, q numbering groups of 64
// words and j the words of a group. The words of a group are values, at the
// corners of a cube of six dimensions, of polynomials of degree 1 in each of
// six variables, bit by bit. A product of two such has degree 2 in each and is
// known from its values where every variable is 0, 1 or infinity (the leading
// coefficient): 729 words, made by exclusive-ors and conjunctions of words
// alone. The prover hands out shares of the 729 sums over all groups under t_q;
// that at the origin follows from the claim. The verifiers draw a point of the
// cube in the large field, and the claim becomes an inner product of 64 pairs
// of field elements per group (inner_product_proof.h), since the bits of a word
// are as many elements there.
//
// Security   one corruption of 3. A false statement passes with a probability
// below 2^-63 (weights) + 12 / 2^64 (the point)
//            + 2^-57 (inner product). A cheating verifier sees uniform shares
// Reveals    nothing
// Rounds     3, and those of inner_product_proof.h
// Sent       728 words, two challenges of 48 bytes, and the inner product's
// Source     Boneh et al., CRYPTO 2019 (inner_product_proof.h); values at
// infinity: Karatsuba and Ofman 1962
#include "mpc/replicated3_malicious/bit_proof.h"

#include <array>

#include "base/dispatch.h"
#include "mpc/replicated3_malicious/binary_arithmetic.h"
#include "mpc/replicated3_malicious/corner_sums.h"
#include "mpc/replicated3_malicious/inner_product_proof.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t dimensions = 6, values = 729;
constexpr std::size_t groups_of(std::size_t words) { return (words + corners - 1) / corners; }

using Corners = std::array<u64, corners>;
using Values = std::array<u64, values>;

// Where the corner with these coordinates (bits) stands among the values
// (digits 0, 1, 2 for infinity).
constexpr std::size_t value_of_corner(std::size_t corner) {
  std::size_t index = 0, power = 1;
  for (std::size_t d = 0; d < dimensions; ++d, power *= 3) index += (corner >> d & 1) * power;
  return index;
}

// From the corners to all values, one dimension after the other: those done
// have three digits.
COHORTIUM_DISPATCHED void extend(const u64* words, u64* out) {
  u64 other[values];
  u64 *from = out, *to = other;
  for (std::size_t i = 0; i < corners; ++i) from[i] = words[i];
  std::size_t done = 1, left = corners;  // `left` blocks of `done` values
  while (left > 1) {
    for (std::size_t block = 0; block < left / 2; ++block) {
      const u64 *zero = from + 2 * block * done, *one = zero + done;
      u64* const three = to + 3 * block * done;
      for (std::size_t i = 0; i < done; ++i) {
        three[i] = zero[i];
        three[done + i] = one[i];
        three[2 * done + i] = zero[i] ^ one[i];
      }
    }
    done *= 3;
    left /= 2;
    std::swap(from, to);
  }
  if (from != out) std::copy_n(from, values, out);
}

// t_q, s_j and the weights of moved words.
struct Weights {
  Weights(const crypto::Seed& seed, std::size_t groups, std::size_t moved) : of_group(groups), of_moved(moved) {
    crypto::RandomGenerator generator(seed);
    generator.fill(std::as_writable_bytes(std::span(in_group)));
    generator.fill(writable_bytes_of(of_group));
    generator.fill(writable_bytes_of(of_moved));
    in_group[0] = BinaryField(1);
  }
  std::array<BinaryField, corners> in_group;
  Buffer<BinaryField> of_group, of_moved;
};

// The words of a group, zero behind the end.
Corners group_at(const Buffer<u64>& words, std::size_t group) {
  Corners result{};
  const std::size_t from = group * corners, count = std::min(corners, words.size() - from);
  std::copy_n(words.begin() + static_cast<std::ptrdiff_t>(from), count, result.begin());
  return result;
}

using Sums = std::array<BinaryField, values>;

// The 729 sums over all groups.
Sums sums_of_products(const Statements<u64>& pending, const Weights& weights) {
  Values low{}, high{};
  for (std::size_t group = 0; group < weights.of_group.size(); ++group) {
    const auto extended = [&](const Buffer<u64>& words) {
      Values result;
      extend(group_at(words, group).data(), result.data());
      return result;
    };
    const Values x0 = extended(pending.x0), y1 = extended(pending.y1), y0 = extended(pending.y0),
                 x1 = extended(pending.x1);
    Values products;
    for (std::size_t i = 0; i < values; ++i) products[i] = (x0[i] & y1[i]) ^ (y0[i] & x1[i]);
    BinaryField::add_scaled(weights.of_group[group], products.data(), low.data(), high.data(), values);
  }
  Sums sums;
  for (std::size_t i = 0; i < values; ++i) sums[i] = BinaryField::reduced(low[i], high[i]);
  return sums;
}

// A point of the cube, and the factors of the corners there.
struct Point {
  explicit Point(const crypto::Seed& seed) {
    crypto::RandomGenerator(seed).fill(std::as_writable_bytes(std::span(coordinate)));
    for (std::size_t corner = 0; corner < corners; ++corner) {
      BinaryField product(1);
      for (std::size_t d = 0; d < dimensions; ++d) {
        product = product * ((corner >> d & 1) != 0 ? coordinate[d] : coordinate[d] + BinaryField(1));
      }
      factor[corner] = product.bits;
    }
  }
  // Of a product, from all its values: h = h(0) (1 + r) + h(1) r + h(infinity)
  // (r^2 + r).
  BinaryField of_product(Sums sums) const {
    std::size_t size = values;
    for (std::size_t d = 0; d < dimensions; ++d) {
      const BinaryField r = coordinate[d], at_zero = r + BinaryField(1), at_infinity = r * at_zero;
      size /= 3;
      for (std::size_t i = 0; i < size; ++i) {
        sums[i] = sums[3 * i] * at_zero + sums[3 * i + 1] * r + sums[3 * i + 2] * at_infinity;
      }
    }
    return sums[0];
  }

  std::array<BinaryField, dimensions> coordinate;
  Corners factor;
};

BinaryField times_x(BinaryField a) { return BinaryField(a.bits << 1 ^ ((u64{0} - (a.bits >> 63)) & 27)); }

// x, then y, of all groups at the point, 64 elements per group; under the
// groups' weights where given.
void add_evaluated(Buffer<BinaryField>& to, const Buffer<u64>& x, const Buffer<u64>& y, const Point& point,
                   const Weights* weights) {
  const CornerSums at_point(point.factor);
  for (const Buffer<u64>* words : {&x, &y}) {
    const std::size_t groups = groups_of(words->size());
    to.resize(to.size() + 64 * groups);
    for (std::size_t group = 0; group < groups; ++group) {
      BinaryField* const out = &to[to.size() - 64 * (groups - group)];
      std::array<BinaryField, 64> bits;
      at_point.add_up(group_at(*words, group).data(), &bits[0].bits);
      if (weights == nullptr) {
        std::copy(bits.begin(), bits.end(), out);
        continue;
      }
      std::array<BinaryField, 64> factors;  // t_q x^bit
      for (std::size_t bit = 0; bit < 64; ++bit) {
        factors[bit] = bit == 0 ? weights->of_group[group] : times_x(factors[bit - 1]);
      }
      BinaryField::multiply(bits.data(), factors.data(), out, 64);
    }
  }
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
    parties_.hand_out(std::span(sums).subspan(1), std::span(next_sums).subspan(1), std::span(previous_sums).subspan(1));
    const Challenge second = parties_.challenge();
    const Point own_point(second.own), next_point(second.of_next), previous_point(second.of_previous);

    Claims<BinaryField> claims;
    claims.size = 128 * groups + moved_by(self_);
    add_evaluated(claims.own_left, pending_.x0, pending_.y0, own_point, &own);
    add_evaluated(claims.own_right, pending_.y1, pending_.x1, own_point, nullptr);
    add_evaluated(claims.next_left, pending_.x1, pending_.y1, next_point, &of_next);
    add_evaluated(claims.previous_right, pending_.y0, pending_.x0, previous_point, nullptr);
    add_moves(claims.own_left, self_, true, own);
    add_moves(claims.own_right, self_, false, own);
    add_moves(claims.next_left, next_, true, of_next);
    add_moves(claims.previous_right, previous_, false, of_previous);

    next_sums[0] = at_origin(next_sums, pending_.of_next, of_next);
    previous_sums[0] = at_origin(previous_sums, pending_.with_previous, of_previous);
    claims.next_summand = next_point.of_product(next_sums) + moved_summand(next_, of_next);
    claims.previous_summand = previous_point.of_product(previous_sums) + moved_summand(previous_, of_previous);
    pending_.clear();
    prove(parties_, BinaryArithmetic{}, std::move(claims));
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
    BinaryField sum;
    for (std::size_t group = 0; group < weights.of_group.size(); ++group) {
      std::array<BinaryField, corners> words;
      const Corners all = group_at(summands, group);
      for (std::size_t j = 0; j < corners; ++j) words[j] = BinaryField(all[j]);
      sum = sum + weights.of_group[group] * BinaryField::inner_product(words.data(), weights.in_group.data(), corners);
    }
    for (std::size_t corner = 1; corner < corners; ++corner) {
      sum = sum - weights.in_group[corner] * sums[value_of_corner(corner)];
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
  cost += {1, (values - 1) * sizeof(u64)};
  cost += challenge_cost;
  return cost += proof_cost<BinaryArithmetic>(128 * groups_of(words) + moved);
}

}  // namespace cohortium::mpc
