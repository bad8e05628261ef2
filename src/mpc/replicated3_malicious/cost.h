// What replicated3-malicious costs a party, by public sizes: its messages, and
// the proofs of what has been sent when it has become much or something is
// opened. The member names are those of the operations; every party sends
// alike.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "mpc/engine.h"
#include "mpc/replicated3/adder.h"

namespace cohortium::mpc {

// More statements than these are proved at once: batches that fill some 50 MB at a party, so that the memory of one serves the
// next.
inline constexpr std::size_t most_products = std::size_t{1} << 16;        // in one call of the products' kernel
inline constexpr std::size_t many_field_elements = std::size_t{1} << 19;  // of the inner product, as a prover
inline constexpr std::size_t many_words = std::size_t{1} << 18;           // of conjunctions
inline constexpr std::size_t elements_at_once = std::size_t{1} << 16;     // in kernels on bits

// Runs body(from, count) for every such stretch, once for an empty vector.
template <class Body>
void in_stretches(std::size_t count, Body body) {
  for (std::size_t from = 0; from == 0 || from < count; from += elements_at_once) {
    body(from, std::min(elements_at_once, count - from));
  }
}

// Calls body(first result, results, first factor, factors) for the calls of the
// products' kernel.
template <class Body>
void in_kernel_calls(std::size_t results, std::size_t length, Body body) {
  if (length <= most_products) {
    const std::size_t at_once = most_products / std::max<std::size_t>(length, 1);
    for (std::size_t from = 0; from == 0 || from < results; from += at_once) {
      body(from, std::min(at_once, results - from), std::size_t{0}, length);
    }
    return;
  }
  for (std::size_t i = 0; i < results; ++i) {
    for (std::size_t from = 0; from < length; from += most_products) {
      body(i, std::size_t{1}, from, std::min(most_products, length - from));
    }
  }
}

// How much waits for its proof.
struct PendingCounts {
  std::size_t words = 0, bits_moved = 0;        // of bits
  std::size_t products[2] = {}, moved[2] = {};  // over Z_2^64, Z_2^128

  bool many() const;
  Cost proofs() const;  // in the order in which they are made
};

class Replicated3MaliciousCost {
 public:
  explicit Replicated3MaliciousCost(PartyId party, Link link = {}, int /*lanes*/ = 1) : party_(party), link_(link) {}

  template <RingWord W>
  Cost share(PartyId owner, std::size_t count) const {
    return {1, party_ == owner ? count * sizeof(W) : 0};
  }
  template <RingWord W>
  Cost open(std::size_t count) {
    return open_bytes(count * sizeof(W), {true, true, true});
  }
  template <RingWord W>
  Cost open_to(PartyId receiver, std::size_t count) {
    return open_bytes(count * sizeof(W), {receiver == 0, receiver == 1, receiver == 2});
  }
  template <RingWord W>
  Cost multiply(std::size_t results, std::size_t length);
  template <RingWord W>
  Cost truncate(std::size_t count, int bits);
  template <RingWord W>
  Cost multiply_truncate(std::size_t results, std::size_t length, int bits) {
    Cost cost = multiply<W>(results, length);
    return cost += truncate<W>(results, bits);
  }
  template <RingWord W>
  Cost from_bit(std::size_t count) {
    return from_bits<W>(count, 1);
  }
  template <RingWord W>
  Cost from_bits(std::size_t count, int planes);
  template <RingWord W>
  Cost keep_where(std::size_t count) {
    Cost cost = from_bit<W>(count);
    return cost += multiply<W>(count, 1);
  }
  template <RingWord W>
  Cost to_bits(std::size_t count, int bits);
  template <RingWord W>
  Cost bit(std::size_t count, int position);
  template <RingWord W>
  Cost is_zero(std::size_t count, int bits);
  template <RingWord W>
  Cost permute(std::size_t elements) {
    pending_.moved[sizeof(W) / 16] += 2 * elements;
    return with_proofs({3, 2 * elements * sizeof(W)});
  }
  Cost permute_bits(std::size_t size, std::size_t columns);
  Cost share_bits(PartyId owner, std::size_t count) const { return share<u64>(owner, (count + 63) / 64); }
  Cost open_bits(std::size_t count) { return open<u64>((count + 63) / 64); }
  Cost and_bits(std::size_t count);
  Cost adopt(std::size_t count) const;

 private:
  Cost open_bytes(std::size_t bytes, std::array<bool, 3> receives);
  Cost conjoin(std::size_t planes, std::size_t words);  // one round
  Cost add(const Adder& adder, std::size_t words);
  Cost find_last_carry(int positions, std::size_t words);
  Cost prove_all();
  Cost with_proofs(Cost cost);  // where much waits
  template <RingWord W>
  Cost weighted_sum(std::size_t count, std::size_t planes);
  template <RingWord W>
  Cost masked_sum(std::size_t count);

  PartyId party_;
  Link link_;
  PendingCounts pending_;
};

// The last carry of two operands, from blocks of two positions: for each, in one round what the lower position
// generates and whether both propagate, and in the next what both generate.
struct LastCarry {
  explicit LastCarry(int positions);
  Adder adder;                // of blocks
  std::size_t first, second;  // ANDs per element of the two rounds before it
};
// Of all carries an adder one position at a time, of which each combination is
// one AND, in the form that is quicker on the link.
Adder all_carries_of(int positions, std::size_t words, const Link& link);

// Whether from_bits adds its planes up one by one.
bool sums_planes(std::size_t count, std::size_t planes);

}  // namespace cohortium::mpc
