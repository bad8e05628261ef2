// Three proofs at once, one by each party: that an inner product of a vector
// known to the previous party with one known to the next one, both of which the
// prover knows, is the sum of two numbers of which either verifier knows one.
//
// A vector of n elements is cut into k pieces, which are values of polynomials
// of degree k - 1 at the points 0 .. k-1: f_m and g_m for element m of a piece.
// The prover gives the verifiers additive shares of the values of h = sum of
// f_m g_m at 0 .. 2k-2; that at 0 follows, since the first k values add up to
// the claim. Then the verifiers choose a point r, and the claim becomes one of
// n / k elements: the sum of f_m(r) g_m(r) is h(r). Where sixteen are left, a
// random pair that belongs to no claim is put beside them, and the verifiers
// compare f(r) g(r) with h(r) in the open.
//
// Security   one corruption of 3. A cheating prover: a wrong claim stays wrong
// unless r is a zero of a polynomial of degree
//            2k-2, each time with a probability of at most (2k-2) / |field|
//            The point is drawn from the generator that the two verifiers
//            share, and told to the prover once its shares have arrived
//            (verifier_pair.h). A cheating verifier sees shares that are
//            uniform and f(r), g(r), which the random pair hides; h(r) follows
//            from them
// Reveals    nothing; or that the claim is false, to the verifiers
// Rounds     2 per cut, and 2
// Sent       per cut 2k-2 shares and 48 bytes; in the end 16 bytes and 4 elements
// Source     Boneh, Boyle, Corrigan-Gibbs, Gilboa, Ishai, CRYPTO 2019,
// section 5.2 (recursion); Boyle, Gilboa, Ishai, Nof,
//            CCS 2019, section 4 (provers and verifiers are the three parties)
#pragma once

#include <span>
#include <vector>

#include "mpc/engine.h"
#include "mpc/replicated3_malicious/verifier_pair.h"

namespace cohortium::mpc {

// This party's part in the proofs.
template <class Element>
struct Claims {
  std::size_t size = 0;  // elements of every vector
  Buffer<Element> own_left,
      own_right;  // as the prover: known to the previous and to the next party
  Buffer<Element> next_left,
      previous_right;  // as a verifier of the next and of the previous party
  Element next_summand{}, previous_summand{};
};

// The factors of the pieces in what a cut leaves.
template <class Element>
struct Factors {
  std::vector<Element> own, next, previous;
};

// The field is a PrimeField or BinaryArithmetic.

// One cut: hands out h, made of the inner products of all pairs of pieces (row
// i: left piece i), and moves the summands of the claims to the chosen points.
template <class Field>
Factors<typename Field::Element> cut(VerifierPair& parties, const Field& field,
                                     std::span<const typename Field::Element> pairs, std::size_t pieces,
                                     Claims<typename Field::Element>& claims);
template <class Field>
Cost cut_cost(std::size_t pieces);

// Fails with mpc.cheating_detected, the two suspects named, where a claim is
// false.
template <class Field>
void prove(VerifierPair& parties, const Field& field, Claims<typename Field::Element> claims);

template <class Field>
Cost proof_cost(std::size_t size);

}  // namespace cohortium::mpc
