// Proof of statements over Z_2^k, k = 64 or 128: each says that a sum of products of words, known to one verifier and to
// the other, equals the sum of a word known to one and a word known to the other, modulo 2^k.
//
// Statements modulo 2^k become one inner product modulo several primes. First 48 sums of them, each over a random half: with
// D_e = (products of statement e) - (summands of statement e) as integers and random bits b_ce, if some D_e is not a multiple
// of 2^k, each sum  S_c = sum over e of b_ce D_e  is one with a probability of at most 1/2, and all are with 2^-48
// (draw_halves). The prover knows the quotients
// q_c = S_c / 2^k and hands them out as bits, exclusive-or shared, k + 24 of them, so that their range needs no proof. Now
// S_c = 2^k q_c are equations between integers of which both sides are below 2^(2k + 24) + 2^(k + 34) in absolute value: less
// than a quarter of the product of the primes (residue_field.h: 3 or 6 of them, 2^155 or 2^311), so they hold exactly if they
// hold modulo each prime. With 46-bit random numbers r_c, the sum of r_c (S_c - 2^k q_c) is zero modulo each, by which every
// statement has the weight w_e = sum over c of r_c b_ce; and a bit shared as u xor v is u + v - 2 u v, one more product. That
// sum is the claim of inner_product_proof.h, modulo all primes at once.
//
// Security   one corruption of 3. A false statement passes with a probability below 2^-48 (the sums) + 2^-46 (r_c, modulo a
//            prime that shows a false equation) + 2^-43 (inner product modulo that prime): the bits b_ce are drawn when all
//            messages of the statements are sent, r_c when the quotients are. A cheating verifier sees quotients under masks
//            and what inner_product_proof.h lets it see
// Reveals    nothing
// Rounds     3, and those of inner_product_proof.h
// Sent       48 quotients of k + 24 bits, two challenges of 48 bytes, and the inner product's
// Requires   at most 2^22 products and 2^32 statements
// Source     Boneh et al., CRYPTO 2019 (inner_product_proof.h); the passage from the ring to the primes: derived above
#include "mpc/replicated3_malicious/ring_proof.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "mpc/replicated3_malicious/random_sums.h"
#include "mpc/replicated3_malicious/residue_field.h"
#include "mpc/replicated3_malicious/written_claims.h"

namespace cohortium::mpc {
namespace {

template <RingWord W>
using FieldFor = ResidueField<sizeof(W) == 8 ? 3 : 6>;

template <class W>
constexpr std::size_t quotient_products = sums * 8 * quotient_bytes<W>;

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
    COHORTIUM_CHECK(pending_.products() <= most_proved_products && statements_of(self_) <= most_statements);
    const Challenge halves = parties_.challenge();
    Buffer<u64> own = draw_halves(halves.own, statements_of(self_)),
                next = draw_halves(halves.of_next, statements_of(next_)),
                previous = draw_halves(halves.of_previous, statements_of(previous_));
    own_quotients_ = own_quotients(own);
    Quotients<W> masked = own_quotients_;
    const auto words = [](Quotients<W>& q) { return std::span(q[0].data(), sums * quotient_bytes<W>); };
    parties_.hand_out(words(masked), words(next_quotients_), words(previous_quotients_),
                      [](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(a ^ b); });
    own_masked_ = masked;
    const Challenge factors = parties_.challenge();

    const Weights of_own(factors.own), of_next(factors.of_next), of_previous(factors.of_previous);
    of_own.replace(own);
    of_next.replace(next);
    of_previous.replace(previous);
    Claims<Field> claims = first_cut(parties_, written(own, of_own, next, of_next, previous, of_previous));
    pending_.clear();
    prove(parties_, std::move(claims));
  }

 private:
  using Statement = Statements<W>;
  static constexpr std::size_t word_limbs = sizeof(W) / 8;
  using Vector = WrittenVector<Field>;

  std::size_t statements_of(PartyId prover) const {
    std::size_t count = pending_.with_next.size();
    for (const auto& move : pending_.moves) count += move.prover == prover ? move.count : 0;
    return count;
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
    QuotientSums<W> quotients;
    const W *const x0 = pending_.x0.data(), *const x1 = pending_.x1.data(), *const y0 = pending_.y0.data(),
                   *const y1 = pending_.y1.data();
    for_statements([&](std::size_t statement, std::size_t product, std::size_t length) {
      WideSum<W> sum;
      sum.add_product(x0[product], y1[product]);
      sum.add_product(y0[product], x1[product]);
      for (std::size_t i = product + 1; i < product + length; ++i) {
        sum.add_product(x0[i], y1[i]);
        sum.add_product(y0[i], x1[i]);
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
    return quotients.shifted();
  }

  // The weight of every product: that of its statement, each of which has one product or more.
  Buffer<u64> by_product(const Buffer<u64>& weights) const {
    if (pending_.products() == pending_.with_next.size()) {
      return {weights.begin(), weights.begin() + static_cast<std::ptrdiff_t>(pending_.products())};
    }
    Buffer<u64> result(pending_.products());
    for_statements([&](std::size_t statement, std::size_t product, std::size_t length) {
      std::fill_n(result.data() + product, length, weights[statement]);
    });
    return result;
  }
  // x, then y, of all products, under their weights or as they are.
  void add_weighted(Vector& to, const Buffer<W>& x, const Buffer<W>& y, const Buffer<u64>& weights) const {
    for (const Buffer<W>* operand : {&x, &y}) {
      to.append(operand->size(), [operand, &weights](std::size_t from, std::size_t n, Field* out) {
        Field::expand_weighted(operand->data() + from, weights.data() + from, n, out);
      });
    }
  }
  static void add_plain(Vector& to, const Buffer<W>& x, const Buffer<W>& y) {
    for (const Buffer<W>* operand : {&x, &y}) add_words(to, *operand);
  }
  static void add_words(Vector& to, const Buffer<W>& words) {
    to.append(words.size(),
              [&words](std::size_t from, std::size_t n, Field* out) { Field::expand(words.data() + from, n, out); });
  }

  // What the verifier of one side knows of moves: the values, or the weights of where they go.
  void add_moves(Vector& to, PartyId prover, bool side_of_previous, const Buffer<u64>& weights) const {
    for_moves(prover, [&](const auto& move, std::size_t first) {
      if (move.targets_known_to_previous != side_of_previous) return add_words(to, move.values);
      to.append(move.count, [&move, first, &weights](std::size_t from, std::size_t n, Field* out) {
        for (std::size_t j = 0; j < n; ++j) out[j] = Field(weights[first + move.targets[from + j]]);
      });
    });
  }

  // Products of the quotients' bits, which the prover handed out as u xor v: u under their factors in the claim, and v.
  template <class Add>
  static void for_quotient_bits(const Quotients<W>& shares, Add add) {
    for (int c = 0; c < sums; ++c) {
      for (std::size_t t = 0; t < 8 * quotient_bytes<W>; ++t) add(c, u64{shares[c][t / 8]} >> (t % 8) & 1);
    }
  }
  static void add_quotients(Vector& to, const Quotients<W>& shares, const Weights& weights) {
    int sum = -1;
    Field factor;
    Buffer<Field> elements;
    for_quotient_bits(shares, [&](int c, u64 bit) {
      factor = c == sum ? factor + factor : Field(weights.factor(c)) * power(bits_of<W> + 1);
      sum = c;
      elements.push_back(factor);
      for (u64& limb : elements.back().limb) limb &= u64{0} - bit;
    });
    to.append(std::move(elements));
  }
  static void add_quotients(Vector& to, const Quotients<W>& shares) {
    Buffer<Field> elements;
    for_quotient_bits(shares, [&](int, u64 bit) { elements.push_back(Field(bit)); });
    to.append(std::move(elements));
  }
  static Field power(int of_two) {
    std::array<u64, 3> words{};
    words[of_two / 64] = u64{1} << (of_two % 64);
    return Field::of_limbs(words);
  }
  // The sum of r_c 2^k times a verifier's share of q_c; one of the verifiers takes off the shift.
  static Field quotient_summand(const Quotients<W>& shares, const Weights& weights, bool takes_off_shift) {
    Field sum;
    for (int c = 0; c < sums; ++c) {
      std::array<u64, 3> words{};
      std::memcpy(words.data(), shares[c].data(), sizeof(shares[c]));
      Field share = Field::of_limbs(words);
      if (takes_off_shift) share = share - Field(u64{most_statements});
      sum = sum + Field(weights.factor(c)) * share;
    }
    return sum * power(bits_of<W>);
  }

  // The sum of a verifier's summands under their weights: summand(e) of products, those of moves in the order of targets.
  template <class Summand>
  Field summands(PartyId prover, const Buffer<u64>& weights, Summand summand) const {
    WeightedSum<W> sum;
    for (std::size_t e = 0; e < pending_.with_next.size(); ++e) sum.add(weights[e], summand(e));
    for_moves(prover, [&](const auto& move, std::size_t first) {
      for (std::size_t e = 0; e < move.count; ++e) sum.add(weights[first + e], move.summand[e]);
    });
    return sum.template value<Field>();
  }

  // The weights must outlive what this returns, and `pending_` be left as it is.
  WrittenClaims<Field> written(const Buffer<u64>& own, const Weights& of_own, const Buffer<u64>& next,
                               const Weights& of_next, const Buffer<u64>& previous, const Weights& of_previous) {
    WrittenClaims<Field> claims;
    own_by_product_ = by_product(own);
    next_by_product_ = by_product(next);
    add_weighted(claims.own_left, pending_.x0, pending_.y0, own_by_product_);
    add_plain(claims.own_right, pending_.y1, pending_.x1);
    add_weighted(claims.next_left, pending_.x1, pending_.y1, next_by_product_);
    add_plain(claims.previous_right, pending_.y0, pending_.x0);
    add_moves(claims.own_left, self_, true, own);
    add_moves(claims.own_right, self_, false, own);
    add_moves(claims.next_left, next_, true, next);
    add_moves(claims.previous_right, previous_, false, previous);

    add_quotients(claims.own_left, own_masked_, of_own);
    Quotients<W> masks = own_quotients_;
    for (int c = 0; c < sums; ++c) {
      for (std::size_t i = 0; i < quotient_bytes<W>; ++i) masks[c][i] ^= own_masked_[c][i];
    }
    add_quotients(claims.own_right, masks);
    add_quotients(claims.next_left, next_quotients_, of_next);
    add_quotients(claims.previous_right, previous_quotients_);

    claims.next_summand = summands(next_, next, [&](std::size_t e) { return pending_.of_next[e]; }) +
                          quotient_summand(next_quotients_, of_next, true);
    claims.previous_summand =
        summands(previous_, previous, [&](std::size_t e) { return W{0} - pending_.with_previous[e]; }) +
        quotient_summand(previous_quotients_, of_previous, false);
    return claims;
  }

  VerifierPair& parties_;
  Statement& pending_;
  PartyId self_, next_, previous_;
  Quotients<W> own_quotients_, own_masked_, next_quotients_, previous_quotients_;
  Buffer<u64> own_by_product_, next_by_product_;
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
  return cost += written_proof_cost<FieldFor<W>>(2 * products + moved + quotient_products<W>);
}

template void prove_products(VerifierPair&, Statements<u64>&);
template void prove_products(VerifierPair&, Statements<u128>&);
template Cost products_proof_cost<u64>(std::size_t, std::size_t);
template Cost products_proof_cost<u128>(std::size_t, std::size_t);

}  // namespace cohortium::mpc
