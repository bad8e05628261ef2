#include "oblivious/histogram.h"

#include <array>

#include "base/error.h"
#include "oblivious/one_hot.h"

namespace cohortium::oblivious {
namespace {

constexpr std::size_t longest_one_hot = 24;  // about where sorting sends less
constexpr int most_one_hot_bits = 12;

Shared<u64> two_parts(const Shared<u64>& upper, const Shared<u64>& lower) {
  const std::array both{upper, lower};
  return mpc::concatenate(std::span<const Shared<u64>>(both));
}

Shared<u64> by_one_hot(Engine& engine, const Shared<u64>& numbers, const Shared<u64>* weights, int bits,
                       std::size_t range) {
  const std::size_t n = numbers.size;
  const Shared<u64> exactly = mpc::slice(one_hot<u64>(engine, engine.to_bits(numbers, bits)), 0, n * range);
  if (weights == nullptr) return mpc::sum_blocks(exactly, n);
  return engine.dot(exactly, mpc::tile(*weights, range), n);
}

// Markers 0 .. range-1 are sorted together with the numbers, each behind all numbers like it. What stands before a
// marker, less what stands before the marker before it, belongs to it.
Shared<u64> by_sorting(Engine& engine, const Shared<u64>& numbers, const Shared<u64>* weights, int bits,
                       std::size_t range) {
  const std::size_t n = numbers.size;
  const Shared<u64> all = two_parts(numbers, row_numbers<u64>(engine, range));
  const SortKey key{.values = all, .bits = bits};
  const Rearrangement order = sort_order(engine, std::span(&key, 1));
  Shared<u64> running;
  if (weights == nullptr) {
    running = row_numbers<u64>(engine, n + range);  // numbers before it, and earlier markers
  } else {
    const Shared<u64> zeros = engine.constant(std::span<const u64>(std::vector<u64>(range)));
    running = mpc::prefix_sum_blocks(apply(engine, order, two_parts(*weights, zeros)), n + range);
  }
  Shared<u64> before = mpc::slice(apply(engine, inverse(order), running), n, range);
  if (weights == nullptr) before = mpc::subtract(before, row_numbers<u64>(engine, range));
  const Shared<u64> previous =
      two_parts(engine.constant(std::span<const u64>(std::vector<u64>{0})), mpc::slice(before, 0, range - 1));
  return mpc::subtract(before, previous);
}

Shared<u64> histogram_of(Engine& engine, const Shared<u64>& numbers, const Shared<u64>* weights, int bits,
                         std::size_t range, HistogramMethod method) {
  COHORTIUM_CHECK(range >= 1 && bits >= 1 && bits <= 64 && (bits == 64 || range <= std::size_t{1} << bits));
  if (numbers.size == 0) return engine.constant(std::span<const u64>(std::vector<u64>(range)));
  if (method == HistogramMethod::kAutomatic) {
    const bool is_short = bits <= most_one_hot_bits && std::size_t{1} << bits <= longest_one_hot;
    method = is_short ? HistogramMethod::kOneHot : HistogramMethod::kSort;
  }
  if (method == HistogramMethod::kSort) return by_sorting(engine, numbers, weights, bits, range);
  COHORTIUM_CHECK(bits <= most_one_hot_bits);
  return by_one_hot(engine, numbers, weights, bits, range);
}

}  // namespace

Shared<u64> histogram(Engine& engine, const Shared<u64>& numbers, int bits, std::size_t range, HistogramMethod method) {
  return histogram_of(engine, numbers, nullptr, bits, range, method);
}

Shared<u64> weighted_histogram(Engine& engine, const Shared<u64>& numbers, const Shared<u64>& weights, int bits,
                               std::size_t range, HistogramMethod method) {
  COHORTIUM_CHECK(weights.size == numbers.size);
  return histogram_of(engine, numbers, &weights, bits, range, method);
}

}  // namespace cohortium::oblivious
