#include "statistics/bounds.h"

#include <algorithm>
#include <cmath>

#include "mpc/outcome.h"

namespace cohortium::statistics {
namespace {

using mpc::i128;

// As far as limits go.
i128 within_reach(long double limit) {
  const long double most = std::ldexp(1.0L, 126) - std::ldexp(1.0L, 70);
  return static_cast<i128>(std::clamp(limit, -most, most));
}

// A number is off by half a unit where it was rounded, and by a little where it was scaled.
Bounds scaled_bounds(std::size_t count, double low, double high, int fraction_bits, long double rows) {
  const long double below = std::floor(std::ldexp(static_cast<long double>(low), fraction_bits)) - 1,
                    above = std::ceil(std::ldexp(static_cast<long double>(high), fraction_bits)) + 1;
  return {count, low < 0 ? within_reach(below * rows) : 0, high > 0 ? within_reach(above * rows) : 0};
}

}  // namespace

Bounds counts_of_people(std::size_t count) { return {count, 0, static_cast<i128>(mpc::maximum_rows_per_site)}; }

Bounds bits(std::size_t count) { return {count, 0, 1}; }

Bounds whole_numbers(std::size_t count, mpc::u64 high) { return {count, 0, static_cast<i128>(high)}; }

Bounds fixed_numbers(std::size_t count, double low, double high, int fraction_bits) {
  return scaled_bounds(count, low, high, fraction_bits, 1);
}

Bounds fixed_sums(std::size_t count, double low, double high, int fraction_bits) {
  return scaled_bounds(count, low, high, fraction_bits, static_cast<long double>(mpc::maximum_rows_per_site));
}

bool is_within(const std::vector<Bounds>& bounds, std::span<const mpc::u128> values, std::size_t of_each) {
  std::size_t at = 0;
  for (const Bounds& each : bounds) {
    for (const std::size_t end = at + each.count * of_each; at < end; ++at) {
      const auto value = static_cast<i128>(values[at]);
      if (value < each.low || value > each.high) return false;
    }
  }
  return at == values.size();
}

std::size_t elements(const std::vector<Bounds>& bounds) {
  std::size_t sum = 0;
  for (const Bounds& each : bounds) sum += each.count;
  return sum;
}

}  // namespace cohortium::statistics
