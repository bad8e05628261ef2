// For tests of algorithms on tables: vectors shared by party 0, what was opened at all parties, and the inputs that
// sorting is known to stumble over.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "mpc/simulate.h"
#include "oblivious/names.h"

namespace cohortium::oblivious {

inline constexpr std::size_t table_sizes[] = {0, 1, 2, 63, 64, 65, 1000};

template <class W>
Shared<W> input(Engine& engine, const std::vector<W>& values) {
  const bool mine = engine.self() == 0;
  return engine.share(0, mine ? std::span<const W>(values) : std::span<const W>(), values.size());
}

inline SharedBits input_bits(Engine& engine, const std::vector<int>& bits) {
  std::vector<u64> words((bits.size() + 63) / 64);
  for (std::size_t i = 0; i < bits.size(); ++i) words[i / 64] |= static_cast<u64>(bits[i]) << (i % 64);
  const bool mine = engine.self() == 0;
  return engine.share_bits(0, mine ? std::span<const u64>(words) : std::span<const u64>(), bits.size());
}

// Opened bits, one to an element, to stand beside opened words.
inline std::vector<u64> open_bits(Engine& engine, const SharedBits& bits) {
  const std::vector<u64> words = engine.open_bits(bits);
  std::vector<u64> result(bits.size);
  for (std::size_t i = 0; i < bits.size; ++i) result[i] = words[i / 64] >> (i % 64) & 1;
  return result;
}

// What body opened, the same at all parties.
template <class Body>
auto run_alike(const char* protocol, Body body) {
  auto results = mpc::simulate(protocol, body);
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
  return results[0];
}

struct NamedKeys {
  std::string name;
  std::vector<u64> keys;
};

// Keys of `bits` bits in the orders that break sorting elsewhere.
inline std::vector<NamedKeys> keys_of_all_kinds(std::size_t n, int bits, unsigned seed) {
  std::mt19937_64 random(seed);
  const u64 mask = bits == 64 ? ~u64{0} : (u64{1} << bits) - 1;
  std::vector<u64> any(n), few(n), edges(n);
  for (std::size_t i = 0; i < n; ++i) {
    any[i] = random() & mask;
    few[i] = random() % 3 & mask;
    const u64 of_edges[] = {0, mask, mask / 2, mask / 2 + 1, 1 & mask, mask - (1 & mask)};
    edges[i] = of_edges[random() % 6];
  }
  std::vector<u64> ascending = any, organ_pipe = any;
  std::sort(ascending.begin(), ascending.end());
  const std::vector<u64> descending(ascending.rbegin(), ascending.rend());
  for (std::size_t i = 0; i < n; ++i) organ_pipe[i] = (i < n / 2 ? i : n - i) & mask;
  return {{"random", any},
          {"sorted", ascending},
          {"descending", descending},
          {"all equal", std::vector<u64>(n, mask)},
          {"few values", few},
          {"edges of the range", edges},
          {"organ pipe", organ_pipe}};
}

}  // namespace cohortium::oblivious
