// The first cut of long claims whose elements are short: products of numbers of
// few limbs are several times cheaper than those of field elements, and what a
// cut into eight pieces leaves is an eighth.
#pragma once

#include <algorithm>
#include <array>

#include "mpc/replicated3_malicious/inner_product_proof.h"
#include "mpc/replicated3_malicious/prime_field.h"

namespace cohortium::mpc {

template <std::size_t A>
using ShortVector = Buffer<std::array<u64, A>>;

// As Claims, with left elements of A limbs, of the field in a tail, and right
// elements of B limbs.
template <int L, std::size_t A, std::size_t B>
struct ShortClaims {
  using Field = PrimeField<L>;
  ShortVector<A> own_left, next_left;
  Buffer<Field> own_tail, next_tail;
  ShortVector<B> own_right, previous_right;
  Field next_summand{}, previous_summand{};
};

inline constexpr std::size_t short_pieces = 8;

// Whether the tail lies in the last piece, of which the claim is long enough.
inline bool is_cut_short(std::size_t size, std::size_t tail) {
  return size - tail >= (short_pieces - 1) * ((size + short_pieces - 1) / short_pieces);
}

template <class Field, std::size_t A>
void lengthen(const ShortVector<A>& from, Buffer<Field>& to) {
  to.reserve(from.size());
  for (const auto& limbs : from) {
    Field element;
    std::copy(limbs.begin(), limbs.end(), element.limb.begin());
    to.push_back(element);
  }
}

// The inner products of all pairs of pieces, a stretch that stays in the
// first-level cache at a time.
template <int L, std::size_t A, std::size_t B>
std::vector<PrimeField<L>> short_pairs(const ShortVector<A>& left, const Buffer<PrimeField<L>>& tail,
                                       const ShortVector<B>& right, std::size_t stride) {
  constexpr std::size_t k = short_pieces, stretch = 128;
  std::array<std::array<u64, A + B + 1>, k * k> totals{};
  for (std::size_t from = 0; from < stride; from += stretch) {
    const std::size_t until = std::min(stride, from + stretch);
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j) {
        auto sum = totals[i * k + j];
        const std::size_t end = std::min({until, left.size() - i * stride, right.size() - j * stride});
        for (std::size_t m = from; m < end; ++m) add_limb_product(sum, left[i * stride + m], right[j * stride + m]);
        totals[i * k + j] = sum;
      }
    }
  }
  std::vector<PrimeField<L>> pairs;
  for (const auto& sum : totals) pairs.push_back(PrimeField<L>::of_limbs(sum));
  const std::size_t first = left.size() - (k - 1) * stride;  // of the tail, in the last piece
  for (std::size_t j = 0; j < k; ++j) {
    typename PrimeField<L>::Sum sum;
    for (std::size_t t = 0; t < tail.size() && j * stride + first + t < right.size(); ++t) {
      sum.add_product(tail[t].limb, right[j * stride + first + t]);
    }
    pairs[(k - 1) * k + j] = pairs[(k - 1) * k + j] + sum.value();
  }
  return pairs;
}

template <int L, std::size_t A>
void fold_short(const ShortVector<A>& in, const Buffer<PrimeField<L>>& tail, std::size_t stride,
                const std::vector<PrimeField<L>>& factors, Buffer<PrimeField<L>>& out) {
  out.resize(stride);
  const std::size_t first = in.size() - std::min(in.size(), (short_pieces - 1) * stride);
  for (std::size_t m = 0; m < stride; ++m) {
    typename PrimeField<L>::Sum sum;
    for (std::size_t j = 0; j < short_pieces && j * stride + m < in.size(); ++j) {
      sum.add_product(factors[j].limb, in[j * stride + m]);
    }
    if (m >= first && m - first < tail.size()) sum.add_product(factors.back().limb, tail[m - first].limb);
    out[m] = sum.value();
  }
}

template <int L, std::size_t A, std::size_t B>
void prove_short(VerifierPair& parties, ShortClaims<L, A, B> given) {
  using Field = PrimeField<L>;
  Claims<Field> claims;
  claims.next_summand = given.next_summand;
  claims.previous_summand = given.previous_summand;
  const std::size_t size = given.own_right.size();
  if (is_cut_short(size, given.own_tail.size())) {
    claims.size = (size + short_pieces - 1) / short_pieces;
    const auto pairs = short_pairs<L, A, B>(given.own_left, given.own_tail, given.own_right, claims.size);
    const Factors<Field> factors = cut(parties, std::span<const Field>(pairs), short_pieces, claims);
    fold_short<L>(given.own_left, given.own_tail, claims.size, factors.own, claims.own_left);
    fold_short<L>(given.own_right, {}, claims.size, factors.own, claims.own_right);
    fold_short<L>(given.next_left, given.next_tail, claims.size, factors.next, claims.next_left);
    fold_short<L>(given.previous_right, {}, claims.size, factors.previous, claims.previous_right);
  } else {
    claims.size = size;
    lengthen(given.own_left, claims.own_left);
    lengthen(given.own_right, claims.own_right);
    lengthen(given.next_left, claims.next_left);
    lengthen(given.previous_right, claims.previous_right);
    claims.own_left.insert(claims.own_left.end(), given.own_tail.begin(), given.own_tail.end());
    claims.next_left.insert(claims.next_left.end(), given.next_tail.begin(), given.next_tail.end());
  }
  given = {};
  prove(parties, std::move(claims));
}

template <class Field>
Cost short_proof_cost(std::size_t size, std::size_t tail) {
  if (!is_cut_short(size, tail)) return proof_cost<Field>(size);
  Cost cost = cut_cost<Field>(short_pieces);
  return cost += proof_cost<Field>((size + short_pieces - 1) / short_pieces);
}

}  // namespace cohortium::mpc
