#include "mpc/replicated3/adder.h"

#include <algorithm>

namespace cohortium::mpc {

AdderSchedule all_carries(int m) {
  AdderSchedule schedule;
  for (int width = 1; width < m; width *= 2) {
    auto& level = schedule.emplace_back();
    for (int i = 0; i < m; ++i) {
      if ((i & width) == 0) continue;
      const int start = i & -width;  // of the stretch that ends at i
      level.push_back({.high = i, .low = start - 1, .joins = start > width});
    }
  }
  return schedule;
}

AdderSchedule last_carry(int m) {
  AdderSchedule schedule;
  std::vector<int> ends;  // of the stretches, highest first
  for (int i = m - 1; i >= 0; --i) ends.push_back(i);
  while (ends.size() > 1) {
    auto& level = schedule.emplace_back();
    std::vector<int> joined;
    for (std::size_t i = 0; i < ends.size(); i += 2) {
      joined.push_back(ends[i]);
      if (i + 1 == ends.size()) continue;
      level.push_back({.high = ends[i], .low = ends[i + 1], .joins = i + 2 < ends.size()});
    }
    ends = std::move(joined);
  }
  return schedule;
}

std::size_t conjunctions(const std::vector<Combine>& level) {
  return level.size() +
         static_cast<std::size_t>(std::count_if(level.begin(), level.end(), [](auto& c) { return c.joins; }));
}

}  // namespace cohortium::mpc
