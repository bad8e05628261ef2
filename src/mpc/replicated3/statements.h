// What parties have sent each other and not yet proved: for every message of a product, what this party knows of it as
// its sender and as one of its two verifiers. replicated3 keeps none; replicated3-malicious proves all of them before
// anything is opened (replicated3_malicious/).
//
// In a product of x and y party i sends z_i = x_i y_i + x_i y_{i+1} + x_{i+1} y_i + n_i - n_{i-1} to its previous party,
// with n_i drawn with the next one (a difference is an exclusive-or where words hold bits). The previous party knows z_i,
// x_i, y_i and n_{i-1}, the next one x_{i+1}, y_{i+1} and n_i. So z_i is right where
//
//   x_i y_{i+1} + y_i x_{i+1} = (z_i - x_i y_i + n_{i-1}) + (- n_i),
//
// an inner product of what the previous party knows with what the next one knows; of the right side each knows a summand.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "mpc/engine.h"

namespace cohortium::mpc {

// Words of one group: Z_2^64, Z_2^128, or vectors over Z_2.
template <class Word>
struct Statements {
  // Operands of products: both components of x and y.
  Buffer<Word> x0, x1, y0, y1;
  // The statements: so many, each over `length` consecutive products.
  struct Group {
    std::size_t statements, length;
  };
  std::vector<Group> groups;
  // One per statement: n_i (of bits it is not kept) and n_{i-1}, and this party's summand as the verifier of the next
  // party's message.
  Buffer<Word> with_next, with_previous, of_next;

  // Values that `prover` moved: out[target[j]] = values[j] plus a mask. One of its verifiers knows the values, the other
  // one the targets and the mask.
  struct Move {
    PartyId prover;
    bool targets_known_to_previous;  // of the prover, else to the next
    std::size_t count;               // statements and products
    Buffer<Word> values;             // where known
    Buffer<std::uint32_t> targets;   // where known
    Buffer<Word> summand;            // a verifier's; the prover's copy of that of the verifier who knows the mask
  };
  std::vector<Move> moves;

  std::size_t products() const { return x0.size(); }
  bool empty() const { return x0.empty() && moves.empty(); }

  void drew(const Word* next, const Word* previous, std::size_t count) {
    for (const auto& [to, from] : {std::pair(&with_next, next), std::pair(&with_previous, previous)}) {
      to->resize(to->size() + count);
      std::copy_n(from, count, to->data() + to->size() - count);
    }
  }
  void clear() {  // memory stays for the next ones
    for (Buffer<Word>* words : {&x0, &x1, &y0, &y1, &with_next, &with_previous, &of_next}) words->clear();
    groups.clear();
    moves.clear();
  }
};

struct PendingStatements {
  Statements<u64> bits, words;
  Statements<u128> wide;

  template <RingWord W>
  Statements<W>& of() {
    if constexpr (std::is_same_v<W, u64>) {
      return words;
    } else {
      return wide;
    }
  }
};

}  // namespace cohortium::mpc
