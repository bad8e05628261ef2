// Proof of statements over Z_2^k, k = 64 or 128: each says that a sum of products of words, known to one verifier and to
// the other, equals the sum of a word known to one and a word known to the other, modulo 2^k.
//
// Statements modulo 2^k become one inner product in a prime field. First 48 sums of them, each over a random half: with
// D_e = (products of statement e) - (summands of statement e) as integers and random bits b_ce, if some D_e is not a multiple
// of 2^k, each sum  S_c = sum over e of b_ce D_e  is one with a probability of at most 1/2. The prover knows the quotients
// q_c = S_c / 2^k and hands them out as bits, exclusive-or shared, in a field of k + 32 bits, so that their range needs
// no proof. Now S_c = 2^k q_c are equations between integers below the prime in absolute value, p > 2^(2k + 33): they hold
// exactly if they hold modulo p. With 57-bit random numbers r_c, the sum of r_c (S_c - 2^k q_c) is zero modulo p, by
// which every statement has the weight w_e = sum over c of r_c b_ce; and a bit shared as u xor v is u + v - 2 u v, one more
// product. That sum is the claim of inner_product_proof.h.
//
// Security   one corruption of 3. A false statement passes with a probability below 2^-48 (the sums) + 2^-56 (r_c) +
//            2^-150 (inner product): the bits b_ce are drawn when all messages of the statements are sent, r_c when the
//            quotients are. A cheating verifier sees quotients under masks and what inner_product_proof.h lets it see
// Reveals    nothing
// Rounds     3, and those of inner_product_proof.h
// Sent       48 quotients of k + 32 bits, two challenges of 48 bytes, and the inner product's
// Requires   at most 2^23 products and 2^23 statements
// Source     Boneh et al., CRYPTO 2019 (inner_product_proof.h); the passage from the ring to the prime field: derived above
#include "mpc/replicated3_malicious/ring_proof.h"

#include <cstring>

#include "mpc/replicated3_malicious/random_sums.h"
#include "mpc/replicated3_malicious/short_cut.h"

namespace cohortium::mpc {
namespace {

template <RingWord W>
using FieldFor = PrimeField<sizeof(W) == 8 ? 3 : 5>;

template <class W>
constexpr std::size_t quotient_products = sums * 32 * quotient_words<W>;

template <RingWord W>
class Proof {
 public:
  using Field = FieldFor<W>;
  Proof(VerifierPair& parties, Statements<W>& pending)
      : parties_(parties),
        pending_(pending),
        self_(parties.channels().self()),
        next_(parties.channels().next()),
        previous_(parties.channels().previous()) {}

  void run() {
    const Challenge halves = parties_.challenge();
    Buffer<u64> own = draw_halves(halves.own, statements_of(self_)),
                next = draw_halves(halves.of_next, statements_of(next_)),
                previous = draw_halves(halves.of_previous, statements_of(previous_));
    own_quotients_ = own_quotients(own);
    Quotients<W> masked = own_quotients_;
    const auto words = [](Quotients<W>& q) { return std::span(q[0].data(), sums * quotient_words<W>); };
    parties_.hand_out(words(masked), words(next_quotients_), words(previous_quotients_),
                      [](std::uint32_t a, std::uint32_t b) { return a ^ b; });
    own_masked_ = masked;
    const Challenge factors = parties_.challenge();

    Short claims;
    const Weights of_own(factors.own), of_next(factors.of_next), of_previous(factors.of_previous);
    of_own.replace(own);
    of_next.replace(next);
    of_previous.replace(previous);
    add_own(claims, own, of_own);
    add_next(claims, next, of_next);
    add_previous(claims, previous, of_previous);
    pending_.clear();
    prove_short(parties_, std::move(claims));
  }

 private:
  using Statement = Statements<W>;
  static constexpr std::size_t word_limbs = sizeof(W) / 8;
  using Short = ShortClaims<Field::limbs, word_limbs + 1, word_limbs>;
  using Left = ShortVector<word_limbs + 1>;
  using Right = ShortVector<word_limbs>;

  std::size_t statements_of(PartyId prover) const {
    std::size_t count = pending_.with_next.size();
    for (const auto& move : pending_.moves) count += move.prover == prover ? move.count : 0;
    return count;
  }

  std::size_t size_of(PartyId prover) const {
    return 2 * pending_.products() + statements_of(prover) - pending_.with_next.size() + quotient_products<W>;
  }

  // Calls body(statement, first product, products) for every group's statements.
  template <class Body>
  void for_statements(Body body) const {
    std::size_t statement = 0, product = 0;
    for (const auto& [statements, length] : pending_.groups) {
      for (std::size_t i = 0; i < statements; ++i, product += length) body(statement++, product, length);
    }
  }
  // Calls body(move, number of its first statement) for the moves of a prover.
  template <class Body>
  void for_moves(PartyId prover, Body body) const {
    std::size_t statement = pending_.with_next.size();
    for (const auto& move : pending_.moves) {
      if (move.prover != prover) continue;
      body(move, statement);
      statement += move.count;
    }
  }

  Quotients<W> own_quotients(const Buffer<u64>& halves) const {
    QuotientSums quotients;
    for_statements([&](std::size_t statement, std::size_t product, std::size_t length) {
      WideSum<W> sum;
      for (std::size_t i = product; i < product + length; ++i) {
        sum.add_product(pending_.x0[i], pending_.y1[i]);
        sum.add_product(pending_.y0[i], pending_.x1[i]);
      }
      quotients.add(sum.quotient(W{0} - pending_.with_next[statement]), halves[statement]);
    });
    for_moves(self_, [&](const auto& move, std::size_t first) {
      for (std::size_t j = 0; j < move.count; ++j) {
        WideSum<W> sum;
        sum.add_product(move.values[j], W{1});
        quotients.add(sum.quotient(move.summand[move.targets[j]]), halves[first + move.targets[j]]);
      }
    });
    return quotients.template shifted<W>();
  }

  // x, then y, of all products, under the statements' weights or as they are.
  void add_weighted(Left& to, const Buffer<W>& x, const Buffer<W>& y, const Buffer<u64>& weights) const {
    to.resize(2 * pending_.products());
    auto* at = to.data();
    for (const Buffer<W>* operand : {&x, &y}) {
      for_statements([&](std::size_t statement, std::size_t product, std::size_t length) {
        for (std::size_t i = product; i < product + length; ++i, ++at) {
          *at = {};
          add_limb_product(*at, limbs(weights[statement]), limbs((*operand)[i]));
        }
      });
    }
  }
  static void add_plain(Right& to, const Buffer<W>& x, const Buffer<W>& y) {
    for (const Buffer<W>* operand : {&x, &y}) {
      for (const W& word : *operand) to.push_back(limbs(word));
    }
  }

  // What the verifier of one side knows of moves: the values, or the weights of where they go.
  template <class Vector>
  void add_moves(Vector& to, PartyId prover, bool side_of_previous, const Buffer<u64>& weights) const {
    for_moves(prover, [&](const auto& move, std::size_t first) {
      for (std::size_t j = 0; j < move.count; ++j) {
        const auto known = limbs(
            move.targets_known_to_previous == side_of_previous ? W{weights[first + move.targets[j]]} : move.values[j]);
        to.emplace_back();
        to.back() = {};
        std::copy(known.begin(), known.end(), to.back().begin());
      }
    });
  }

  // Products of the quotients' bits, which the prover handed out as u xor v: u under their factors in the claim, and v.
  template <class Add>
  static void for_quotient_bits(const Quotients<W>& shares, Add add) {
    for (int c = 0; c < sums; ++c) {
      for (int t = 0; t < 32 * static_cast<int>(quotient_words<W>); ++t) add(c, shares[c][t / 32] >> (t % 32) & 1);
    }
  }
  static void add_quotients(Buffer<Field>& to, const Quotients<W>& shares, const Weights& weights) {
    int sum = -1;
    Field factor;
    for_quotient_bits(shares, [&](int c, u64 bit) {
      factor = c == sum ? factor + factor : Field(weights.factor(c)) * power(bits_of<W> + 1);
      sum = c;
      to.push_back(factor * Field(bit));
    });
  }
  static void add_quotients(Right& to, const Quotients<W>& shares) {
    for_quotient_bits(shares, [&](int, u64 bit) { to.push_back(limbs(W{bit})); });
  }
  static Field power(int of_two) {
    Field result;
    result.limb[of_two / 64] = u64{1} << (of_two % 64);
    return result;
  }
  // The sum of r_c 2^k times a verifier's share of q_c; one of the verifiers takes off the shift.
  static Field quotient_summand(const Quotients<W>& shares, const Weights& weights, bool takes_off_shift) {
    Field sum;
    for (int c = 0; c < sums; ++c) {
      Field share;
      std::memcpy(share.limb.data(), shares[c].data(), sizeof(shares[c]));
      if (takes_off_shift) share = share - Field(u64{most_statements});
      sum = sum + Field(weights.factor(c)) * share;
    }
    return sum * power(bits_of<W>);
  }

  // The sum of a verifier's summands under their weights: summand(e) of products, those of moves in the order of targets.
  template <class Summand>
  Field summands(PartyId prover, const Buffer<u64>& weights, Summand summand) const {
    std::array<u64, word_limbs + 2> sum{};
    for (std::size_t e = 0; e < pending_.with_next.size(); ++e) {
      add_limb_product(sum, limbs(weights[e]), limbs(summand(e)));
    }
    for_moves(prover, [&](const auto& move, std::size_t first) {
      for (std::size_t e = 0; e < move.count; ++e) {
        add_limb_product(sum, limbs(weights[first + e]), limbs(move.summand[e]));
      }
    });
    return Field::of_limbs(sum);
  }

  void add_own(Short& claims, const Buffer<u64>& weights, const Weights& factors) const {
    claims.own_right.reserve(size_of(self_));
    add_weighted(claims.own_left, pending_.x0, pending_.y0, weights);
    add_plain(claims.own_right, pending_.y1, pending_.x1);
    add_moves(claims.own_left, self_, true, weights);
    add_moves(claims.own_right, self_, false, weights);
    add_quotients(claims.own_tail, own_masked_, factors);
    Quotients<W> masks = own_quotients_;
    for (int c = 0; c < sums; ++c) {
      for (std::size_t i = 0; i < quotient_words<W>; ++i) masks[c][i] ^= own_masked_[c][i];
    }
    add_quotients(claims.own_right, masks);
  }
  void add_next(Short& claims, const Buffer<u64>& weights, const Weights& factors) const {
    add_weighted(claims.next_left, pending_.x1, pending_.y1, weights);
    add_moves(claims.next_left, next_, true, weights);
    add_quotients(claims.next_tail, next_quotients_, factors);
    claims.next_summand = summands(next_, weights, [&](std::size_t e) { return pending_.of_next[e]; }) +
                          quotient_summand(next_quotients_, factors, true);
  }
  void add_previous(Short& claims, const Buffer<u64>& weights, const Weights& factors) const {
    claims.previous_right.reserve(size_of(previous_));
    add_plain(claims.previous_right, pending_.y0, pending_.x0);
    add_moves(claims.previous_right, previous_, false, weights);
    add_quotients(claims.previous_right, previous_quotients_);
    claims.previous_summand =
        summands(previous_, weights, [&](std::size_t e) { return W{0} - pending_.with_previous[e]; }) +
        quotient_summand(previous_quotients_, factors, false);
  }

  VerifierPair& parties_;
  Statement& pending_;
  PartyId self_, next_, previous_;
  Quotients<W> own_quotients_, own_masked_, next_quotients_, previous_quotients_;
};

}  // namespace

template <RingWord W>
void prove_products(VerifierPair& parties, Statements<W>& pending) {
  Proof<W>(parties, pending).run();
}

template <RingWord W>
Cost products_proof_cost(std::size_t products, std::size_t moved) {
  Cost cost = challenge_cost;
  cost += {1, sizeof(Quotients<W>)};
  cost += challenge_cost;
  return cost += short_proof_cost<FieldFor<W>>(2 * products + moved + quotient_products<W>, quotient_products<W>);
}

template void prove_products(VerifierPair&, Statements<u64>&);
template void prove_products(VerifierPair&, Statements<u128>&);
template Cost products_proof_cost<u64>(std::size_t, std::size_t);
template Cost products_proof_cost<u128>(std::size_t, std::size_t);

}  // namespace cohortium::mpc
