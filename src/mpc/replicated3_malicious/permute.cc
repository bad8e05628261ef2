// Moving columns by a secret permutation p = p_01, then p_12, then p_20, in
// three passes, each by the part that two parties know. Parties t and t+1 know
// the part; they move what they hold, add masks that they draw in common and
// that add up to zero, and send the third party the two components that it
// holds afterwards. Bits travel 64 columns to a word.
//
// Security   each of a pass's two messages is proved: one verifier knows the
// values moved, the other one the permutation and
//            the mask (statements.h, Move), and the sum of all words under
//            random weights is an inner product of the two
// Reveals    nothing
// Rounds     3
// Sent       2 k bits per element and party; bits: 128 bits per row and 64
// columns Source     Laur, Willemson, Zhang, ISC 2011; Asharov et al., CCS
// 2022; the proof: ring_proof.cc, bit_proof.cc
#include <algorithm>
#include <limits>

#include "base/error.h"
#include "mpc/replicated3_malicious/cost.h"
#include "mpc/replicated3_malicious/replicated3_malicious.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t columns_per_word = 64;

// Where each element goes.
Buffer<std::uint32_t> targets_of(std::span<const std::uint32_t> p, Direction direction, std::size_t columns) {
  COHORTIUM_CHECK(p.size() * columns <= std::numeric_limits<std::uint32_t>::max());
  Buffer<std::uint32_t> targets(p.size() * columns);
  for (std::size_t from = 0; from < targets.size(); from += p.size()) {
    const auto offset = static_cast<std::uint32_t>(from);
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (direction == Direction::kForwards) {
        targets[from + p[i]] = offset + static_cast<std::uint32_t>(i);
      } else {
        targets[from + i] = offset + p[i];
      }
    }
  }
  return targets;
}

template <class Word>
Buffer<Word> moved(const Buffer<Word>& values, const Buffer<std::uint32_t>& targets) {
  Buffer<Word> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result[targets[i]] = values[i];
  return result;
}

}  // namespace

template <class Word, class Add, class Subtract>
void Replicated3Malicious::move(PartyId first, std::span<const std::uint32_t> p, Direction direction,
                                std::size_t columns, Components<Word>& a, Statements<Word>& statements, Add add,
                                Subtract subtract) {
  const PartyId second = (first + 1) % 3;
  const std::size_t n = a[0].size();
  // Of the message of `first`, and of that of `second`.
  using Move = typename Statements<Word>::Move;
  Move by_first{
      .prover = first, .targets_known_to_previous = false, .count = n, .values = {}, .targets = {}, .summand = {}};
  Move by_second{
      .prover = second, .targets_known_to_previous = true, .count = n, .values = {}, .targets = {}, .summand = {}};
  Buffer<Word> sent, received_first(n), received_second(n);
  Components<Word> result;
  std::vector<OutgoingStream> sends;
  std::vector<IncomingStream> receipts;
  if (self() == first || self() == second) {
    by_first.targets = targets_of(p, direction, columns);
    by_second.targets = by_first.targets;
    const bool is_first = self() == first;
    Buffer<Word> own(n), others(n), zeros(n, 0);  // the masks of the two messages
    for (Buffer<Word>* mask : {&own, &others}) {
      (is_first ? with_next_ : with_previous_).fill(writable_bytes_of(*mask));
    }
    // `own` masks the message of `first`, `others` that of `second`.
    Buffer<Word>& common = result[is_first ? 1 : 0];
    common = moved(a[is_first ? 1 : 0], by_first.targets);
    subtract(common.data(), own.data(), common.data(), n);
    subtract(common.data(), others.data(), common.data(), n);
    Buffer<Word>& handed = result[is_first ? 0 : 1];
    handed = moved(a[is_first ? 0 : 1], by_first.targets);
    add(handed.data(), (is_first ? own : others).data(), handed.data(), n);
    (is_first ? by_first : by_second).values = std::move(a[is_first ? 0 : 1]);
    subtract(zeros.data(), own.data(), own.data(), n);
    subtract(zeros.data(), others.data(), others.data(), n);
    by_first.summand = std::move(own);
    by_second.summand = std::move(others);
    sends.push_back({is_first ? channels_.previous() : channels_.next(), n * sizeof(Word), sizeof(Word),
                     [&handed](std::size_t from, std::size_t count) { return bytes_of(handed).subspan(from, count); }});
  } else {
    const auto into = [](Buffer<Word>& to) {
      return [&to](std::size_t from, std::size_t count) { return writable_bytes_of(to).subspan(from, count); };
    };
    receipts.push_back({first, n * sizeof(Word), sizeof(Word), into(received_first)});
    receipts.push_back({second, n * sizeof(Word), sizeof(Word), into(received_second)});
    by_first.values = std::move(a[1]);
    by_second.values = std::move(a[0]);
  }
  channels_.stream(sends, receipts);
  if (self() != first && self() != second) {
    result[1] = received_first;
    result[0] = received_second;
    by_first.summand = std::move(received_first);
    by_second.summand = std::move(received_second);
  }
  if (n > 0) {
    statements.moves.push_back(std::move(by_first));
    statements.moves.push_back(std::move(by_second));
  }
  a = std::move(result);
}

template <class Word, class Add, class Subtract>
void Replicated3Malicious::shuffle(const SecretPermutation& p, Direction direction, std::size_t columns,
                                   Components<Word>& a, Statements<Word>& statements, Add add, Subtract subtract) {
  for (int pass = 0; pass < 3; ++pass) {
    const PartyId first = direction == Direction::kForwards ? pass : 2 - pass;
    move(first, p.part[self() == first ? 0 : 1], direction, columns, a, statements, add, subtract);
  }
  prove_if_many();
}

template <RingWord W>
Shared<W> Replicated3Malicious::permute(const SecretPermutation& p, const Shared<W>& columns, Direction direction) {
  COHORTIUM_CHECK(columns.components == 2 && (p.size == 0 ? columns.size == 0 : columns.size % p.size == 0));
  Shared<W> result = columns;
  shuffle(
      p, direction, p.size == 0 ? 0 : columns.size / p.size, result.component, pending_.of<W>(),
      [](const W* a, const W* b, W* out, std::size_t n) { add_words(a, b, out, n); },
      [](const W* a, const W* b, W* out, std::size_t n) { subtract_words(a, b, out, n); });
  return result;
}

std::vector<SharedBits> Replicated3Malicious::permute_bits(const SecretPermutation& p,
                                                           std::span<const SharedBits> columns, Direction direction) {
  const std::size_t words = words_for_bits(p.size), groups = (columns.size() + columns_per_word - 1) / columns_per_word;
  Components<u64> rows{Buffer<u64>(groups * p.size), Buffer<u64>(groups * p.size)};
  std::vector<SharedBits> result;
  for (const SharedBits& column : columns) {
    COHORTIUM_CHECK(column.size == p.size && column.components == 2);
    result.push_back(SharedBits::uninitialised(p.size, 2));
  }
  const auto in_group = [&](std::size_t group) {
    return std::min(columns_per_word, columns.size() - group * columns_per_word);
  };
  Buffer<u64> planes(columns_per_word * words);
  for (int c = 0; c < 2; ++c) {
    for (std::size_t group = 0; group < groups; ++group) {
      for (std::size_t j = 0; j < in_group(group); ++j) {
        std::copy_n(columns[group * columns_per_word + j].component[c].data(), words, planes.data() + j * words);
      }
      join_planes(planes.data(), words, static_cast<int>(in_group(group)), rows[c].data() + group * p.size, p.size);
    }
  }
  const auto exclusive = [](const u64* a, const u64* b, u64* out, std::size_t n) { xor_words(a, b, out, n); };
  shuffle(p, direction, groups, rows, pending_.bits, exclusive, exclusive);
  for (int c = 0; c < 2; ++c) {
    for (std::size_t group = 0; group < groups; ++group) {
      split_planes(rows[c].data() + group * p.size, p.size, static_cast<int>(in_group(group)), planes.data(), words);
      for (std::size_t j = 0; j < in_group(group); ++j) {
        std::copy_n(planes.data() + j * words, words, result[group * columns_per_word + j].component[c].data());
      }
    }
  }
  return result;
}

Cost Replicated3MaliciousCost::permute_bits(std::size_t size, std::size_t columns) {
  const std::size_t rows = (columns + columns_per_word - 1) / columns_per_word * size;
  pending_.bits_moved += 2 * rows;
  return with_proofs({3, 2 * rows * sizeof(u64)});
}

template Shared<u64> Replicated3Malicious::permute(const SecretPermutation&, const Shared<u64>&, Direction);
template Shared<u128> Replicated3Malicious::permute(const SecretPermutation&, const Shared<u128>&, Direction);

}  // namespace cohortium::mpc
