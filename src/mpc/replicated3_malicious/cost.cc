#include "mpc/replicated3_malicious/cost.h"

#include "crypto/hash.h"
#include "mpc/replicated3_malicious/bit_proof.h"
#include "mpc/replicated3_malicious/ring_proof.h"
#include "mpc/replicated3_malicious/verifier_pair.h"

namespace cohortium::mpc {

bool PendingCounts::many() const {
  return words >= many_words || bits_moved >= many_field_elements ||
         2 * products[0] + moved[0] >= many_field_elements || 2 * products[1] + moved[1] >= many_field_elements / 2;
}

Cost PendingCounts::proofs() const {
  if (words + bits_moved + products[0] + moved[0] + products[1] + moved[1] == 0) return {};
  Cost cost = meeting_cost;
  if (words + bits_moved > 0) cost += conjunctions_proof_cost(words, bits_moved);
  if (products[0] + moved[0] > 0) cost += products_proof_cost<u64>(products[0], moved[0]);
  if (products[1] + moved[1] > 0) cost += products_proof_cost<u128>(products[1], moved[1]);
  return cost;
}

Cost Replicated3MaliciousCost::prove_all() {
  const Cost cost = pending_.proofs();
  pending_ = {};
  return cost;
}

Cost Replicated3MaliciousCost::with_proofs(Cost cost) { return pending_.many() ? cost += prove_all() : cost; }

template <RingWord W>
Cost Replicated3MaliciousCost::multiply(std::size_t results, std::size_t length) {
  Cost cost;
  if (length == 0) return cost;
  in_kernel_calls(results, length, [&](std::size_t, std::size_t n, std::size_t, std::size_t factors) {
    pending_.products[sizeof(W) / 16] += n * factors;
    cost += with_proofs({1, n * sizeof(W)});
  });
  return cost;
}

Cost Replicated3MaliciousCost::open_bytes(std::size_t bytes, std::array<bool, 3> receives) {
  Cost cost = prove_all();
  const bool for_next = receives[(party_ + 1) % 3], for_previous = receives[(party_ + 2) % 3];
  return cost += {1, (for_next ? bytes : 0) + (for_previous ? sizeof(crypto::Digest) : 0)};
}

Cost Replicated3MaliciousCost::adopt(std::size_t) const { return {1, 2 * sizeof(crypto::Digest)}; }

template Cost Replicated3MaliciousCost::multiply<u64>(std::size_t, std::size_t);
template Cost Replicated3MaliciousCost::multiply<u128>(std::size_t, std::size_t);

}  // namespace cohortium::mpc
