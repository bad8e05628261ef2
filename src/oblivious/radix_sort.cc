#include "oblivious/radix_sort.h"

#include <algorithm>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/one_hot.h"

namespace cohortium::oblivious {
namespace {

constexpr std::size_t digit_bits = 3;

// Where every row goes when rows are ordered by one digit.
Shared<u64> destinations_by_digit(Engine& engine, const std::vector<SharedBits>& digit) {
  const std::size_t n = digit[0].size;
  const Shared<u64> has_value = one_hot<u64>(engine, digit);  // block v: whether the row's digit is v
  // A running count over all blocks, one after the other, is the destination of the rows that it counts, plus one.
  const Shared<u64> running = mpc::prefix_sum_blocks(has_value, has_value.size);
  const Shared<u64> place = engine.dot(interleave(running, n), interleave(has_value, n), has_value.size / n);
  return mpc::subtract(place, engine.constant(std::span<const u64>(std::vector<u64>(n, 1))));
}

}  // namespace

Rearrangement radix_order(Engine& engine, std::vector<SharedBits> planes) {
  COHORTIUM_CHECK(!planes.empty());
  const std::size_t n = planes[0].size;
  if (n == 0) return random_rearrangement(engine, 0);
  Rearrangement last;
  Columns rest;  // the row numbers in their order so far, and the bits still to come
  rest.words.push_back(row_numbers<u64>(engine, n));
  rest.bits = std::move(planes);
  bool first = true;
  while (true) {
    const auto end = rest.bits.begin() + static_cast<std::ptrdiff_t>(std::min(digit_bits, rest.bits.size()));
    const std::vector<SharedBits> digit(rest.bits.begin(), end);
    rest.bits.erase(rest.bits.begin(), end);
    last = from_destinations(engine, destinations_by_digit(engine, digit));
    if (first && rest.bits.empty()) return last;
    first = false;
    rest = apply(engine, last, rest);
    if (rest.bits.empty()) return from_sources(engine, rest.words[0]);
  }
}

}  // namespace cohortium::oblivious
