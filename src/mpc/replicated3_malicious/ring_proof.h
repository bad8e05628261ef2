// Proof of all pending statements over Z_2^k; see ring_proof.cc.
#pragma once

#include "mpc/replicated3/statements.h"
#include "mpc/replicated3_malicious/verifier_pair.h"

namespace cohortium::mpc {

// Empties `pending`. Fails with mpc.cheating_detected.
template <RingWord W>
void prove_products(VerifierPair& parties, Statements<W>& pending);

// Of `products` products in all, and values moved by every prover.
template <RingWord W>
Cost products_proof_cost(std::size_t products, std::size_t moved);

}  // namespace cohortium::mpc
