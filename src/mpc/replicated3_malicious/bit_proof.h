// Proof of all pending statements over Z_2; see bit_proof.cc.
#pragma once

#include "mpc/replicated3/statements.h"
#include "mpc/replicated3_malicious/verifier_pair.h"

namespace cohortium::mpc {

// Empties `pending`. Fails with mpc.cheating_detected.
void prove_conjunctions(VerifierPair& parties, Statements<u64>& pending);

// Of words of conjunctions, and words moved by every prover.
Cost conjunctions_proof_cost(std::size_t words, std::size_t moved);

}  // namespace cohortium::mpc
