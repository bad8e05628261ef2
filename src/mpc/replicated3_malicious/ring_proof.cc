// Proof of statements over Z_2^k, k = 64 or 128: each says that a sum of products of words, known to one verifier and to
// the other, equals the sum of a word known to one and a word known to the other, modulo 2^k.
//
// Statements modulo 2^k become one inner product modulo a prime. First 48 sums of them, each over a random half: with
// D_e = (products of statement e) - (summands of statement e) as integers and random bits b_ce, if some D_e is not a multiple
// of 2^k, each sum  S_c = sum over e of b_ce D_e  is one with a probability of at most 1/2, and all are with 2^-48
// (draw_halves). The prover knows the quotients q_c = S_c / 2^k and deals them to the verifiers as integers
// (integer_share.h). So every  E_c = S_c - 2^k q_c  is fixed, and zero unless the prover cheats, when the verifiers
// draw a prime p of 52 bits and 46-bit numbers r_c: an E_c that is not zero has few divisors of that size, and if p is
// none of them, the sum of r_c E_c is zero modulo p for at most one r_c. By that sum every statement has the weight
// w_e = sum over c of r_c b_ce, and what is left to prove is the inner product of  w_e x  and y  modulo p
// (inner_product_proof.h).
//
// The prime is the same for all three provers: it is made of the seeds of all their challenges, of which each prover
// learns its own only when its quotients are dealt. Words stand in the inner product divided by powers of 2^52, which
// saves reductions (prime_field.h); r_c means what its 46 bits are, divided likewise.
//
// Security   one corruption of 3. A false statement passes with a probability below 2^-48 (the sums) + 2^-46 (r_c)
//            + 2^-43.2 (the prime: |E_c| is below 2^218 or 2^346, so at most 6 of 2^45.8 primes divide it)
//            + 2^-43.4 (inner product: at most 190 / p), in sum below 2^-42. A cheating verifier sees quotients under masks and
//            what inner_product_proof.h lets it see
// Reveals    nothing
// Rounds     3, and those of inner_product_proof.h
// Sent       48 quotients of k + 88 bits, two challenges of 48 bytes, and the inner product's
// Requires   at most 2^22 products and 2^32 statements
// Source     Boneh et al., CRYPTO 2019 (inner_product_proof.h); the passage from the ring to the prime: derived above
#include "mpc/replicated3_malicious/ring_proof.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "crypto/hash.h"
#include "mpc/replicated3_malicious/prime_field.h"
#include "mpc/replicated3_malicious/random_sums.h"
#include "mpc/replicated3_malicious/written_claims.h"

namespace cohortium::mpc {
namespace {

// By which power of 2^52 the loops divide a word.
template <RingWord W>
constexpr int divisions = sizeof(W) == 8 ? 1 : 2;

constexpr std::size_t at_once = 512;  // words that are written at a time where they are not stored

template <RingWord W>
class Proof {
 public:
  Proof(VerifierPair& parties, Statements<W>& pending)
      : parties_(parties),
        pending_(pending),
        groups_(groups_of(pending)),
        self_(parties.channels().self()),
        next_(parties.channels().next()),
        previous_(parties.channels().previous()) {}

  void run() {
    COHORTIUM_CHECK(pending_.products() <= most_proved_products && statements_of(self_) <= most_statements);
    const Challenge first = parties_.challenge();
    const Halves own(first.own, statements_of(self_));
    Quotients<W> sent = own_quotients(own), next_quotients, previous_quotients;
    using Shares = std::span<QuotientShare<W>>;
    parties_.hand_out(Shares(sent), Shares(next_quotients), Shares(previous_quotients));

    const Challenge second = parties_.challenge();
    const PrimeField field = PrimeField::drawn(common_seed(second));
    const Weighted of_self(*this, self_, {second.own, own}),
        of_next(*this, next_, {second.of_next, Halves(first.of_next, statements_of(next_))}),
        of_previous(*this, previous_, {second.of_previous, Halves(first.of_previous, statements_of(previous_))});
    WrittenClaims claims = written(field, of_self, of_next, of_previous);
    claims.next_summand =
        field.add(summands(field, of_next), quotient_summand(field, next_quotients, of_next.weights, true));
    claims.previous_summand = field.add(summands(field, of_previous),
                                        quotient_summand(field, previous_quotients, of_previous.weights, false));
    Claims<Residue> left = first_cut(parties_, field, claims);
    pending_.clear();
    prove(parties_, field, std::move(left));
  }

 private:
  using Move = typename Statements<W>::Move;

  // A prover's statements under their weights.
  struct Weighted {
    Weighted(const Proof& proof, PartyId of, Weights drawn) : prover(of), weights(std::move(drawn)) {
      std::size_t moved = 0;
      for (const Move& move : proof.pending_.moves) {
        if (move.prover != prover) continue;
        moves.push_back({&move, moved});
        moved += move.count;
      }
      of_moves.resize(moved);
      weights.write(proof.pending_.with_next.size(), moved, of_moves.data());
    }
    PartyId prover;
    Weights weights;
    struct Place {
      const Move* move;
      std::size_t first;  // word of all moved
    };
    std::vector<Place> moves;
    Buffer<u64> of_moves;  // in the order of targets
  };

  crypto::Seed common_seed(const Challenge& challenge) const {
    std::array<crypto::Seed, 3> seeds;
    seeds[self_] = challenge.own;
    seeds[next_] = challenge.of_next;
    seeds[previous_] = challenge.of_previous;
    return crypto::derive_seed(bytes_of(seeds), "prime of a proof of products");
  }

  std::size_t statements_of(PartyId prover) const {
    std::size_t count = pending_.with_next.size();
    for (const Move& move : pending_.moves) count += move.prover == prover ? move.count : 0;
    return count;
  }

  Quotients<W> own_quotients(const Halves& halves) const {
    QuotientSums<W> quotients;
    const W *const x0 = pending_.x0.data(), *const x1 = pending_.x1.data(), *const y0 = pending_.y0.data(),
                   *const y1 = pending_.y1.data();
    std::size_t statement = 0, product = 0;
    for (const auto& [statements, length] : pending_.groups) {
      if (length == 1) {
        quotients.add_of_products({x0 + product, x1 + product, y0 + product, y1 + product},
                                  pending_.with_next.data() + statement, halves, statement, statements);
        statement += statements, product += statements;
        continue;
      }
      for (std::size_t i = 0; i < statements; ++i, ++statement, product += length) {
        WideSum<W> sum;
        for (std::size_t j = product; j < product + length; ++j) {
          sum.add_product(x0[j], y1[j]);
          sum.add_product(y0[j], x1[j]);
        }
        quotients.add(sum.quotient(W{0} - pending_.with_next[statement]), halves.at(statement));
      }
    }
    for (const Move& move : pending_.moves) {
      if (move.prover != self_) continue;
      for (std::size_t j = 0; j < move.count; ++j) {
        WideSum<W> sum;
        sum.add_product(move.values[j], W{1});
        quotients.add(sum.quotient(move.summand[move.targets[j]]), halves.at(statement + move.targets[j]));
      }
      statement += move.count;
    }
    return quotients.shifted();
  }

  // The weights of products [first, first + count), those of their statements.
  void write_weights(const Weights& weights, std::size_t first, std::size_t count, u64* out) const {
    auto group = std::upper_bound(groups_.begin(), groups_.end(), first,
                                  [](std::size_t at, const Group& g) { return at < g.product; });
    for (--group; count > 0; ++group) {
      const std::size_t end = group + 1 == groups_.end() ? pending_.products() : (group + 1)->product;
      const std::size_t some = std::min(count, end - first), at = first - group->product;
      if (group->length == 1) {
        weights.write(group->statement + at, some, out);
      } else {
        for (std::size_t i = 0, same; i < some; i += same) {
          same = std::min(some - i, group->length - (at + i) % group->length);
          u64 weight;
          weights.write(group->statement + (at + i) / group->length, 1, &weight);
          std::fill_n(out + i, same, weight);
        }
      }
      first += some, out += some, count -= some;
    }
  }

  // x and y of products, as they are or under the weights given.
  auto products(const PrimeField& field, const Buffer<W>& x, const Buffer<W>& y, const Weights* weights) const {
    return [this, &field, &x, &y, weights](std::size_t first, std::size_t count, Residue* to_x, Residue* to_y) {
      std::array<u64, at_once> of_some;
      for (std::size_t from = first; from < first + count; from += at_once, to_x += at_once, to_y += at_once) {
        const std::size_t some = std::min(at_once, first + count - from);
        if (weights != nullptr) write_weights(*weights, from, some, of_some.data());
        const u64* const under = weights == nullptr ? nullptr : of_some.data();
        field.expand_weighted(x.data() + from, under, some, to_x);
        field.expand_weighted(y.data() + from, under, some, to_y);
      }
    };
  }
  // What the verifier of one side knows of moved words: themselves, or the weights of where they go, as those of ones.
  auto moved(const PrimeField& field, const Weighted& of, bool side_of_previous) const {
    return [&field, &of, side_of_previous](std::size_t first, std::size_t count, Residue* out) {
      std::array<W, at_once> ones;
      ones.fill(1);
      std::array<u64, at_once> of_targets;
      auto place = std::upper_bound(of.moves.begin(), of.moves.end(), first,
                                    [](std::size_t at, const auto& p) { return at < p.first; });
      --place;
      for (std::size_t some; count > 0; first += some, out += some, count -= some) {
        while (first == place->first + place->move->count) ++place;
        const Move& move = *place->move;
        const std::size_t from = first - place->first;
        some = std::min({count, at_once, move.count - from});
        if (move.targets_known_to_previous != side_of_previous) {
          field.expand(move.values.data() + from, some, out);
          continue;
        }
        for (std::size_t j = 0; j < some; ++j) of_targets[j] = of.of_moves[place->first + move.targets[from + j]];
        field.expand_weighted(ones.data(), of_targets.data(), some, out);
      }
    };
  }

  // What is given must outlive what this returns, and `pending_` be left as it is.
  WrittenClaims written(const PrimeField& field, const Weighted& own, const Weighted& next,
                        const Weighted& previous) const {
    WrittenClaims claims;
    claims.products = pending_.products();
    claims.moved = own.of_moves.size();
    claims.own_left = {products(field, pending_.x0, pending_.y0, &own.weights), moved(field, own, true)};
    claims.own_right = {products(field, pending_.y1, pending_.x1, nullptr), moved(field, own, false)};
    claims.next_left = {products(field, pending_.x1, pending_.y1, &next.weights), moved(field, next, true)};
    claims.previous_right = {products(field, pending_.y0, pending_.x0, nullptr), moved(field, previous, false)};
    return claims;
  }

  // The sum of a verifier's summands of a prover's statements under their weights, divided as the products are.
  Residue summands(const PrimeField& field, const Weighted& of) const {
    Residue sum{0};
    const bool of_next = of.prover == next_;
    const W* const words = of_next ? pending_.of_next.data() : pending_.with_previous.data();
    std::array<W, at_once> some_words;
    std::array<u64, at_once> some_weights;
    const std::size_t statements = pending_.with_next.size();
    for (std::size_t from = 0; from < statements; from += at_once) {
      const std::size_t some = std::min(at_once, statements - from);
      for (std::size_t e = 0; e < some; ++e) some_words[e] = of_next ? words[from + e] : W{0} - words[from + e];
      of.weights.write(from, some, some_weights.data());
      sum = field.add(sum, weighted_sum(field, some_words.data(), some_weights.data(), some));
    }
    for (const auto& [move, first] : of.moves) {
      for (std::size_t from = 0; from < move->count; from += at_once) {
        sum = field.add(sum, weighted_sum(field, move->summand.data() + from, of.of_moves.data() + first + from,
                                          std::min(at_once, move->count - from)));
      }
    }
    return field.multiply(sum, field.power_of_two(-52 * divisions<W>));
  }
  static Residue weighted_sum(const PrimeField& field, const W* words, const u64* weights, std::size_t count) {
    std::array<Residue, at_once> weighted;
    field.expand_weighted(words, weights, count, weighted.data());
    u64 total = 0;  // below 2^61
    for (std::size_t e = 0; e < count; ++e) total += weighted[e].value;
    return field.of(total);
  }

  // The sum of r_c 2^k times a verifier's share of q_c, divided as the products are. The share that was sent stands for the
  // shift, too.
  static Residue quotient_summand(const PrimeField& field, const Quotients<W>& shares, const Weights& weights,
                                  bool sent) {
    const Residue beyond = field.add(field.power_of_two(8 * sizeof(QuotientShare<W>)), field.of(most_statements));
    Residue sum{0};
    for (int c = 0; c < sums; ++c) {
      Residue share = field.of_limbs(shares[c].words());
      if (sent) share = field.subtract(share, beyond);
      sum = field.add(sum, field.multiply(field.of(weights.factor(c)), share));
    }
    return field.multiply(sum, field.power_of_two(bits_of<W> - 52 * (2 * divisions<W> + 1)));
  }

  // Where the groups of statements begin; those of one product that follow each other are one.
  struct Group {
    std::size_t product, statement, length;
  };
  static std::vector<Group> groups_of(const Statements<W>& pending) {
    std::vector<Group> groups;
    std::size_t product = 0, statement = 0;
    for (const auto& [statements, length] : pending.groups) {
      if (statements > 0 && (groups.empty() || length != 1 || groups.back().length != 1)) {
        groups.push_back({product, statement, length});
      }
      product += statements * length, statement += statements;
    }
    return groups;
  }

  VerifierPair& parties_;
  Statements<W>& pending_;
  std::vector<Group> groups_;
  PartyId self_, next_, previous_;
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
  return cost += written_proof_cost(products, moved);
}

template void prove_products(VerifierPair&, Statements<u64>&);
template void prove_products(VerifierPair&, Statements<u128>&);
template Cost products_proof_cost<u64>(std::size_t, std::size_t);
template Cost products_proof_cost<u128>(std::size_t, std::size_t);

}  // namespace cohortium::mpc
