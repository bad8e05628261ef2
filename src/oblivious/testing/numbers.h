// What the tests of numeric functions share: inputs at every edge, and one call from plain values to opened results.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <type_traits>
#include <vector>

#include "mpc/simulate.h"
#include "oblivious/names.h"

namespace cohortium::oblivious {

template <class W>
Shared<W> input(Engine& engine, const std::vector<W>& values) {
  const bool mine = engine.self() == 0;
  return engine.share(0, mine ? std::span<const W>(values) : std::span<const W>(), values.size());
}

template <class W>
mpc::i128 signed_value(W word) {
  return static_cast<std::conditional_t<sizeof(W) == 8, std::int64_t, mpc::i128>>(word);
}

// What body(engine) returns, opened: the same at all parties.
template <class W, class Body>
std::vector<mpc::i128> opened_signed(const char* protocol, const Body& body) {
  const auto results = mpc::simulate(protocol, [&](Engine& engine) { return engine.open(body(engine)); });
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
  std::vector<mpc::i128> values;
  for (W word : results[0]) values.push_back(signed_value(word));
  return values;
}

// Below 2^bits: 0, all powers of two and their neighbours, the largest, and random ones of every magnitude.
inline std::vector<u128> integers_below(int bits, std::size_t random_count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<u128> values{0};
  for (int j = 0; j < bits; ++j) {
    for (int neighbour : {-1, 0, 1}) {
      const u128 value = (u128{1} << j) + neighbour;
      if (value < u128{1} << bits) values.push_back(value);
    }
  }
  values.push_back((u128{1} << bits) - 1);
  for (std::size_t i = 0; i < random_count; ++i) values.push_back(random() >> (64 - bits) >> (random() % bits));
  return values;
}

}  // namespace cohortium::oblivious
