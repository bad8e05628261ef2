// Inputs of workloads, and comparisons of results. Inputs are the same in every run: party 0 knows and shares them.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "mpc/engine.h"

namespace cohortium::bench {

using mpc::Engine;
using mpc::RingWord;
using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

// Elements uniform below 2^bits.
template <RingWord W>
std::vector<W> random_words(std::size_t count, unsigned seed, int bits = mpc::bits_of<W>) {
  std::mt19937_64 random(seed);
  const W mask = bits == mpc::bits_of<W> ? static_cast<W>(-1) : static_cast<W>((W{1} << bits) - 1);
  std::vector<W> words(count);
  for (W& word : words) {
    word = random();
    if constexpr (sizeof(W) > sizeof(u64)) word = word << 64 | random();
    word &= mask;
  }
  return words;
}

// Fixed-point numbers uniform in [low, high], as ring elements.
template <RingWord W>
std::vector<W> random_numbers(std::size_t count, unsigned seed, double low, double high, int fraction_bits) {
  std::mt19937_64 random(seed);
  std::vector<W> words(count);
  for (W& word : words) {
    const double unit = static_cast<double>(random() >> 11) * 0x1p-53;
    word = mpc::encode_fixed<W>(low + unit * (high - low), fraction_bits);
  }
  return words;
}

// Shares what party 0 makes; the others make nothing.
template <RingWord W>
Shared<W> share_from_first(Engine& engine, std::size_t count, const std::function<std::vector<W>()>& make) {
  const std::vector<W> values = engine.self() == 0 ? make() : std::vector<W>();
  return engine.share(0, std::span<const W>(values), count);
}

inline SharedBits share_bits_from_first(Engine& engine, std::size_t count,
                                        const std::function<std::vector<u64>()>& make) {
  const std::vector<u64> words = engine.self() == 0 ? make() : std::vector<u64>();
  return engine.share_bits(0, words, count);
}

// At party 0: compares every element with what expected(i) says.
template <RingWord W, class Expected>
std::string compare_exactly(Engine& engine, const Shared<W>& result, Expected expected) {
  const auto opened = engine.open_to(0, result);
  if (!opened) return "";
  for (std::size_t i = 0; i < opened->size(); ++i) {
    if ((*opened)[i] != expected(i)) return fmt::format("element {} of {} is wrong", i, opened->size());
  }
  return "";
}

// The same for packed bits: expected(i) is a bool.
template <class Expected>
std::string compare_bits(Engine& engine, const SharedBits& result, Expected expected) {
  const std::vector<u64> opened = engine.open_bits(result);
  if (engine.self() != 0) return "";
  for (std::size_t i = 0; i < result.size; ++i) {
    if (((opened[i / 64] >> (i % 64) & 1) != 0) != expected(i)) {
      return fmt::format("bit {} of {} is wrong", i, result.size);
    }
  }
  return "";
}

// At party 0: compares fixed-point results with expected(i); the bound is in units of the last place.
template <RingWord W, class Expected>
std::string compare_numbers(Engine& engine, const Shared<W>& result, int fraction_bits, double units,
                            Expected expected) {
  const auto opened = engine.open_to(0, result);
  if (!opened) return "";
  for (std::size_t i = 0; i < opened->size(); ++i) {
    const double actual = mpc::decode_fixed((*opened)[i], fraction_bits), wanted = expected(i);
    // Half a unit more: the expectation itself is rounded.
    if (!(std::abs(actual - wanted) <= std::ldexp(units + 0.5, -fraction_bits))) {
      return fmt::format("element {} of {} is {}, not {}", i, opened->size(), actual, wanted);
    }
  }
  return "";
}

}  // namespace cohortium::bench
