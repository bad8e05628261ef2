// Which sum of withheld groups may be told: one from which none of them follows, not even in part.
//
// Two withheld groups, each below 11, whose sum is 20 are both 10. So a sum may be told only where every group of few people
// may still hold any number below the minimum, whatever the others must then hold.
#pragma once

#include <cstddef>

#include "mpc/ring.h"

namespace cohortium::release {

// What stands behind a sum, in public terms.
struct Hidden {
  std::size_t small = 0;   // groups of too few people: each from 0 to minimum - 1
  std::size_t others = 0;  // withheld groups of at least the minimum, each for another reason
};

// Sums from `low` to `high`; none where low > high.
struct SafeSums {
  mpc::u64 low = 0, high = 0;
};
SafeSums safe_sums(const Hidden& hidden, mpc::u64 minimum);

}  // namespace cohortium::release
