#include "mpc/replicated3_malicious/written_claims.h"

#include <algorithm>

namespace cohortium::mpc {
namespace {

// Of every eight pieces of a stretch, the first belongs to the first piece of the vector, and so on. So all pieces of a stretch
// lie side by side. A stretch has x and y of half as many products, or as many moved words.
constexpr std::size_t pieces = pieces_at_once, piece = piece_stretch, stretch = pieces * piece;

std::size_t stretches_of(std::size_t products, std::size_t moved) {
  return (2 * products + stretch - 1) / stretch + (moved + stretch - 1) / stretch;
}

// Zero behind the end.
void write_stretch(const WrittenClaims& claims, const WrittenClaims::Vector& vector, std::size_t number, Residue* out) {
  constexpr std::size_t half = stretch / 2;
  const std::size_t of_products = stretches_of(claims.products, 0);
  const auto fill = [](Residue* from, Residue* to) { std::fill(from, to, Residue{}); };
  if (number < of_products) {
    const std::size_t first = number * half, count = std::min(half, claims.products - first);
    vector.products(first, count, out, out + half);
    fill(out + count, out + half);
    fill(out + half + count, out + stretch);
    return;
  }
  const std::size_t first = (number - of_products) * stretch, count = std::min(stretch, claims.moved - first);
  vector.moved(first, count, out);
  fill(out + count, out + stretch);
}

Buffer<Residue> whole(const WrittenClaims& claims, const WrittenClaims::Vector& vector) {
  Buffer<Residue> elements(2 * claims.products + claims.moved);
  Residue* const moved = elements.data() + 2 * claims.products;
  if (claims.products > 0) vector.products(0, claims.products, elements.data(), elements.data() + claims.products);
  if (claims.moved > 0) vector.moved(0, claims.moved, moved);
  return elements;
}

// The inner products of all pairs of pieces.
std::vector<Residue> pairs_of(const PrimeField& field, const WrittenClaims& claims) {
  constexpr std::size_t unsettled = 128;  // stretches, of 2^14 elements of a piece
  Buffer<Residue> left(stretch), right(stretch);
  Buffer<PrimeField::Sum> sums(pieces * pieces, PrimeField::Sum{});
  for (std::size_t number = 0; number < stretches_of(claims.products, claims.moved); ++number) {
    write_stretch(claims, claims.own_left, number, left.data());
    write_stretch(claims, claims.own_right, number, right.data());
    PrimeField::add_pairs(left.data(), right.data(), piece, sums.data());
    if (number % unsettled == unsettled - 1) {
      for (PrimeField::Sum& sum : sums) field.settle(sum);
    }
  }
  std::vector<Residue> pairs;
  for (const PrimeField::Sum& sum : sums) pairs.push_back(field.value(sum));
  return pairs;
}

}  // namespace

Claims<Residue> first_cut(VerifierPair& parties, const PrimeField& field, const WrittenClaims& given) {
  Claims<Residue> claims;
  claims.next_summand = given.next_summand;
  claims.previous_summand = given.previous_summand;
  const std::size_t size = 2 * given.products + given.moved;
  if (size <= worth_a_first_cut) {
    claims.size = size;
    claims.own_left = whole(given, given.own_left);
    claims.own_right = whole(given, given.own_right);
    claims.next_left = whole(given, given.next_left);
    claims.previous_right = whole(given, given.previous_right);
    return claims;
  }
  const std::vector<Residue> pairs = pairs_of(field, given);
  const Factors<Residue> factors = cut(parties, field, std::span<const Residue>(pairs), pieces, claims);
  const std::size_t stretches = stretches_of(given.products, given.moved);
  claims.size = piece * stretches;
  for (Buffer<Residue>* vector : {&claims.own_left, &claims.own_right, &claims.next_left, &claims.previous_right}) {
    vector->resize(claims.size);
  }
  Buffer<Residue> written(stretch);
  for (std::size_t number = 0; number < stretches; ++number) {  // all four, which are made of the same words
    const auto fold = [&](const WrittenClaims::Vector& vector, const std::vector<Residue>& of, Buffer<Residue>& to) {
      write_stretch(given, vector, number, written.data());
      field.combine(written.data(), stretch, piece, of.data(), pieces, to.data() + number * piece);
    };
    fold(given.own_left, factors.own, claims.own_left);
    fold(given.own_right, factors.own, claims.own_right);
    fold(given.next_left, factors.next, claims.next_left);
    fold(given.previous_right, factors.previous, claims.previous_right);
  }
  return claims;
}

Cost written_proof_cost(std::size_t products, std::size_t moved) {
  const std::size_t size = 2 * products + moved;
  if (size <= worth_a_first_cut) return proof_cost<PrimeField>(size);
  Cost cost = cut_cost<PrimeField>(pieces);
  return cost += proof_cost<PrimeField>(piece * stretches_of(products, moved));
}

}  // namespace cohortium::mpc
