// Which difference of two sums may be told: one from which no withheld group follows, not even in part.
//
// Two analyses count the same people in two ways. What each shows of them is public; what each hides is not, but the
// difference of the two hidden parts follows from what is shown. It may be told only where every hidden group of few
// people may still hold any number it may have, whatever the other hidden groups must then hold. Where it may not be
// told, that itself must leave all these numbers possible: so ranges are narrower than would be safe by themselves, by one,
// and at the upper end by one group's most.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mpc/ring.h"

namespace cohortium::release {

// What one side hides, in public terms.
struct HiddenSide {
  std::size_t few = 0;          // groups of 0 to minimum - 1
  std::size_t some = 0;         // groups of 1 to minimum - 1: that they are not empty is known
  std::size_t enough = 0;       // groups of at least the minimum, to be kept hidden for another reason
  bool narrow = false;          // whether it has been told of one of these that it is not far above the minimum
  bool rest = false;            // people of whom nothing is shown: any number, none too ...
  bool rest_is_enough = false;  // ... but for this: at least the minimum
};

// A difference is safe when it lies in low .. high, or for `outside` when it does not.
struct SafeDifferences {
  std::int64_t low = 0, high = 0;
  bool outside = false;
};
inline constexpr std::int64_t largest_difference = std::int64_t{1} << 33;
bool always_safe(const SafeDifferences& safe);
bool never_safe(const SafeDifferences& safe);

// Of the hidden sum on the left less that on the right.
SafeDifferences safe_differences(const HiddenSide& left, const HiddenSide& right, mpc::u64 minimum);

}  // namespace cohortium::release
