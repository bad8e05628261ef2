#include "release/rounding.h"

#include <array>
#include <vector>

#include "base/error.h"
#include "mpc/outcome.h"
#include "oblivious/compare.h"
#include "oblivious/fixed_point.h"

namespace cohortium::release {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

namespace {

// y / to lies within 2^-7 below y * ceil(2^40 / to) / 2^40 for y < 2^33: less than 1 / to, so the floors are equal.
constexpr int reciprocal_bits = mpc::count_bits + 1 + 7;
constexpr int remainder_bits = 9;  // of 3 to

}  // namespace

Shared<u128> rounded(mpc::Engine& engine, const Shared<u128>& counts, u64 to) {
  COHORTIUM_CHECK(to >= 2 && to <= largest_rounding);
  if (counts.size == 0) return counts;
  const std::size_t n = counts.size;
  const Shared<u128> shifted = add(counts, oblivious::constant_fill(engine, n, u128{most_off(to)}));
  const u128 reciprocal = ((u128{1} << reciprocal_bits) + to - 1) / to;
  const Shared<u128> near = engine.truncate(scale(shifted, reciprocal), reciprocal_bits);
  // What is left lies from -to to 2 to - 1, as a truncated value may be one unit off. Too small: one less; too large: one
  // more.
  const Shared<u64> left =
      narrow(add(subtract(shifted, scale(near, u128{to})), oblivious::constant_fill(engine, n, u128{to})));
  std::vector<u64> bounds(n, to);
  bounds.insert(bounds.end(), n, 2 * to);
  const std::array twice{left, left};
  const SharedBits below = oblivious::less_than(engine, concatenate(std::span<const Shared<u64>>(twice)),
                                                engine.constant(std::span<const u64>(bounds)), remainder_bits);
  const Shared<u128> wrong = engine.ring<u128>().from_bit(below);
  const Shared<u128> one = oblivious::constant_fill(engine, n, u128{1});
  const Shared<u128> quotient = subtract(add(near, one), add(slice(wrong, 0, n), slice(wrong, n, n)));
  return scale(quotient, u128{to});
}

}  // namespace cohortium::release
