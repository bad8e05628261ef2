#include "oblivious/biased_coins.h"

#include <vector>

#include "oblivious/boolean.h"

namespace cohortium::oblivious {
namespace {

constexpr int digits = 64;

// Digit j of every probability, packed like shared bits.
std::vector<u64> plane(std::span<const u64> probabilities, int j) {
  std::vector<u64> words((probabilities.size() + 63) / 64);
  for (std::size_t i = 0; i < probabilities.size(); ++i) words[i / 64] |= (probabilities[i] >> j & 1) << (i % 64);
  return words;
}

}  // namespace

SharedBits biased_coins(Engine& engine, std::span<const u64> probabilities) {
  const std::size_t count = probabilities.size();
  std::vector<SharedBits> uniform;
  for (int j = 0; j < digits; ++j) uniform.push_back(engine.random_bits(count));
  const std::vector<SharedBits> found = or_from_top(engine, std::move(uniform));
  SharedBits coins = and_public(found[digits - 1], plane(probabilities, digits - 1));
  for (int j = digits - 2; j >= 0; --j) {
    const SharedBits first_here = mpc::exclusive_or(found[j], found[j + 1]);
    coins = mpc::exclusive_or(coins, and_public(first_here, plane(probabilities, j)));
  }
  return coins;
}

}  // namespace cohortium::oblivious
