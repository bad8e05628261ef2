#include "release/safe_differences.h"

#include <algorithm>
#include <optional>

namespace cohortium::release {
namespace {

using Number = std::int64_t;

Number number(std::size_t count) { return static_cast<Number>(count); }

// What a side can hold; no `high`: any number from `low`.
struct Bounds {
  Number low = 0;
  std::optional<Number> high;
};

Bounds bounds(const HiddenSide& side, Number minimum) {
  Bounds result{.low = number(side.some) + number(side.enough + (side.rest_is_enough ? 1 : 0)) * minimum, .high = {}};
  if (side.enough == 0 && !side.rest) result.high = number(side.few + side.some) * (minimum - 1);
  return result;
}

struct Range {
  Number low = -largest_difference, high = largest_difference;
};

// Differences (this side less the other) for which one of this side's groups may hold each of `least` to minimum - 1.
Range of_one_group(HiddenSide side, const HiddenSide& other, Number least, Number minimum) {
  --(least == 0 ? side.few : side.some);
  const Bounds beside = bounds(side, minimum), against = bounds(other, minimum);
  Range range;
  if (against.high) range.low = minimum - 1 + beside.low - *against.high;
  if (beside.high) range.high = least + *beside.high - against.low;
  // One less, at one end: the differences refused there are possible with every number, too.
  if (against.high) {
    ++range.low;
    if (beside.high) range.high -= minimum - 1;
  } else if (beside.high) {
    --range.high;
  }
  return range;
}

Range of_groups(const HiddenSide& side, const HiddenSide& other, Number minimum) {
  Range range;
  for (const Number least : {0, 1}) {
    if ((least == 0 ? side.few : side.some) == 0) continue;
    const Range one = of_one_group(side, other, least, minimum);
    range = {std::max(range.low, one.low), std::min(range.high, one.high)};
  }
  return range;
}

constexpr SafeDifferences all{-largest_difference, largest_difference, false}, none{1, 0, false};

}  // namespace

bool always_safe(const SafeDifferences& safe) {
  return !safe.outside && safe.low <= -largest_difference && safe.high >= largest_difference;
}

bool never_safe(const SafeDifferences& safe) { return !safe.outside && safe.low > safe.high; }

SafeDifferences safe_differences(const HiddenSide& left, const HiddenSide& right, mpc::u64 least) {
  const auto minimum = static_cast<Number>(least);
  if (left.rest && right.rest) return all;
  if (left.few + left.some + right.few + right.some == 0) {
    const std::size_t rests = std::size_t{left.rest} + std::size_t{right.rest};
    const std::size_t hidden = rests + left.enough + right.enough;
    if (hidden != 1) return all;
    if (rests == 0) return none;  // the one is what is left over
    return left.rest ? SafeDifferences{1, minimum - 1, true} : SafeDifferences{1 - minimum, -1, true};
  }
  if (left.narrow || right.narrow) return none;
  const Range one = of_groups(left, right, minimum), two = of_groups(right, left, minimum);
  return {std::max(one.low, -two.high), std::min(one.high, -two.low), false};
}

}  // namespace cohortium::release
