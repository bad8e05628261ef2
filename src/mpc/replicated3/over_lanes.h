// How Replicated3's operations hand their stretches to the lanes.
#pragma once

#include "mpc/replicated3/replicated3.h"

namespace cohortium::mpc {

template <class Body>
void Replicated3::over_lanes(std::size_t count, Body body) {
  const std::vector<Range> ranges = split(count, session_.lanes());
  if (ranges.size() == 1) return body(lanes_[0], std::size_t{0}, count);
  threads_.run(static_cast<int>(ranges.size()),
               [&](int lane) { body(lanes_[lane], ranges[lane].from, ranges[lane].count); });
}

}  // namespace cohortium::mpc
