// Which generate/propagate pairs an adder combines, level by level. Public structure: the kernel runs it, the cost
// counts it.
//
// Plane i starts as (g_i, p_i) = (a_i and b_i, a_i xor b_i), i < m. Combining a higher stretch of planes with the lower
// stretch next to it: g = g_high xor (p_high and g_low), p = p_high and p_low. A stretch that begins at plane 0 needs
// no p.
#pragma once

#include <cstddef>
#include <vector>

namespace cohortium::mpc {

struct Combine {
  int high, low;  // the planes where the two stretches end; the result stands at `high`
  bool joins;     // p is needed too: the low stretch does not begin at plane 0
};
using AdderSchedule = std::vector<std::vector<Combine>>;

// Every carry out of planes 0..i, i < m (Sklansky).
AdderSchedule all_carries(int m);
// The carry out of plane m-1 alone (a tree).
AdderSchedule last_carry(int m);
// ANDs per element of a level.
std::size_t conjunctions(const std::vector<Combine>& level);

}  // namespace cohortium::mpc
