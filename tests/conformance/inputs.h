// Inputs for the conformance tests: random words and the edges of the ring.
#pragma once

#include <algorithm>
#include <random>
#include <vector>

#include "mpc/ring.h"

namespace cohortium::conformance {

using mpc::u128;
using mpc::u64;

inline constexpr std::size_t sizes[] = {0, 1, 2, 63, 64, 65, 1000};

template <mpc::RingWord W>
W random_word(std::mt19937_64& random) {
  return static_cast<W>(u128{random()} << 64 | random());
}

// Random ring elements, the first ones edges.
template <mpc::RingWord W>
std::vector<W> ring_elements(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<W> values;
  for (W edge : {W{0}, W{1}, static_cast<W>(-1), static_cast<W>(W{1} << (mpc::bits_of<W> - 1)),
                 static_cast<W>((W{1} << (mpc::bits_of<W> - 1)) - 1)}) {
    if (values.size() < count) values.push_back(edge);
  }
  while (values.size() < count) values.push_back(random_word<W>(random));
  return values;
}

// Signed values with |value| < 2^bits as ring elements: edges, powers of two, and random ones of every magnitude.
template <mpc::RingWord W>
std::vector<W> signed_elements(std::size_t count, int bits, unsigned seed) {
  std::mt19937_64 random(seed);
  const W largest = (W{1} << bits) - 1;
  std::vector<W> values;
  for (W edge : {W{0}, W{1}, static_cast<W>(-1), largest, static_cast<W>(-largest)}) {
    if (values.size() < count) values.push_back(edge);
  }
  while (values.size() < count) {
    const W magnitude = random_word<W>(random) & (largest >> (random() % bits));
    values.push_back(random() % 2 == 0 ? magnitude : static_cast<W>(-magnitude));
  }
  return values;
}

inline std::vector<u64> bit_words(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<u64> words((count + 63) / 64);
  for (u64& word : words) word = random();
  if (count % 64 != 0) words.back() &= (u64{1} << (count % 64)) - 1;
  return words;
}

}  // namespace cohortium::conformance
