// Which steps a curve may show: repeated halving of a public grid, decided under MPC. The rule stands in
// release/door.h.
#pragma once

#include <cstddef>
#include <vector>

#include "mpc/engine.h"

namespace cohortium::release {

// Intervals of grid points, in order, from..to inclusive.
struct Interval {
  std::size_t from = 0, to = 0;
};

struct Halving {
  bool any_step = false;         // enough events for one step at least
  bool censored_total = false;   // the number of censorings over the whole grid may be opened
  std::vector<Interval> steps;   // each covers at least the minimum number of events
  std::vector<Interval> coarse;  // unions of steps with none or at least the minimum number of censorings
};

// One result per stratum. `events` and `censored` hold strata * grid counts below 2^count_bits.
std::vector<Halving> halve(mpc::Engine& engine, const mpc::Shared<mpc::u128>& events,
                           const mpc::Shared<mpc::u128>& censored, std::size_t strata, std::size_t grid,
                           std::uint64_t minimum);

}  // namespace cohortium::release
