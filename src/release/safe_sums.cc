#include "release/safe_sums.h"

#include "mpc/outcome.h"

namespace cohortium::release {

using mpc::u64;

SafeSums safe_sums(const Hidden& hidden, u64 minimum) {
  constexpr u64 all = (u64{1} << mpc::count_bits) - 1;
  // Others alone: two of them at least, or the sum is the one.
  if (hidden.small == 0) return hidden.others == 1 ? SafeSums{1, 0} : SafeSums{0, all};
  if (hidden.others > 0) return {hidden.others * minimum + minimum - 1, all};
  // Small ones alone: each may hold none only while the rest, at minimum - 1 each, can make up the sum.
  return {minimum, (hidden.small - 1) * (minimum - 1)};
}

}  // namespace cohortium::release
