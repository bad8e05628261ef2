// Claims that are cut before they are held anywhere: their vectors are written out a stretch at a time, which stays in the
// first-level cache, from what they are made of. What a cut into eight leaves is an eighth.
#pragma once

#include <functional>

#include "mpc/replicated3_malicious/inner_product_proof.h"
#include "mpc/replicated3_malicious/prime_field.h"

namespace cohortium::mpc {

// As Claims. Every vector has two elements for each of so many products, and one for each of so many moved words.
struct WrittenClaims {
  struct Vector {
    // Writes those of products or words [first, first + count).
    std::function<void(std::size_t first, std::size_t count, Residue* x, Residue* y)> products;
    std::function<void(std::size_t first, std::size_t count, Residue* out)> moved;
  };
  std::size_t products = 0, moved = 0;
  Vector own_left, own_right, next_left, previous_right;
  Residue next_summand{}, previous_summand{};
};

// The claims, in an eighth of their length where they were long.
Claims<Residue> first_cut(VerifierPair& parties, const PrimeField& field, const WrittenClaims& given);

// Of first_cut and of what is left to prove.
Cost written_proof_cost(std::size_t products, std::size_t moved);

}  // namespace cohortium::mpc
