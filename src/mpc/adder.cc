// Structure and choice of adders, all by public sizes.
#include "mpc/adder.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace cohortium::mpc {
namespace {

std::vector<int> count_ands(const AdderSchedule& schedule) {
  std::vector<int> ands;
  for (const auto& level : schedule) ands.push_back(static_cast<int>(conjunctions(level)));
  return ands;
}

std::vector<int> tree_levels(int planes) {
  std::vector<int> ands;
  for (; planes > 1; planes -= planes / 2) ands.push_back(planes / 2);
  return ands;
}

}  // namespace

AdderSchedule all_carries(int n) {
  AdderSchedule schedule;
  for (int width = 1; width < n; width *= 2) {
    auto& level = schedule.emplace_back();
    for (int i = 0; i < n; ++i) {
      if ((i & width) == 0) continue;
      const int start = i & -width;  // of the stretch that ends at i
      level.push_back({.high = i, .low = start - 1, .joins = start > width});
    }
  }
  return schedule;
}

AdderSchedule last_carry(int n) {
  AdderSchedule schedule;
  std::vector<int> ends(n);  // of the stretches, lowest first
  std::iota(ends.begin(), ends.end(), 0);
  while (ends.size() > 1) {
    auto& level = schedule.emplace_back();
    std::vector<int> joined;
    for (std::size_t i = 0; i + 1 < ends.size(); i += 2) {
      level.push_back({.high = ends[i + 1], .low = ends[i], .joins = i > 0});
      joined.push_back(ends[i + 1]);
    }
    if (ends.size() % 2 == 1) joined.push_back(ends.back());
    ends = std::move(joined);
  }
  return schedule;
}

std::size_t conjunctions(const std::vector<Combine>& level) {
  return level.size() +
         static_cast<std::size_t>(std::count_if(level.begin(), level.end(), [](auto& c) { return c.joins; }));
}

std::size_t Adder::widest() const {
  std::size_t planes = std::max<std::size_t>(blocks.products(), blocks.tables.size());
  for (int ands : level_ands) planes = std::max<std::size_t>(planes, ands);
  return planes;
}

Adder carry_into(int position, int width) {
  Adder adder;
  adder.blocks.widths = blocks_of(position, width);
  adder.blocks.above = true;
  adder.blocks.sums = {position};
  const int blocks = static_cast<int>(adder.blocks.widths.size());
  for (int block = 0; block < blocks; ++block) {
    const int length = adder.blocks.widths[block];
    adder.blocks.tables.push_back({.block = block, .length = length, .propagate = false});
    if (block > 0) adder.blocks.tables.push_back({.block = block, .length = length, .propagate = true});
  }
  adder.schedule = last_carry(blocks);
  adder.level_ands = count_ands(adder.schedule);
  return adder;
}

Adder carries_out_of(int carries, int sums, int width) {
  Adder adder{.blocks = {}, .schedule = {}, .all = true, .level_ands = {}};
  adder.blocks.widths = blocks_of(carries, width);
  adder.blocks.above = sums > carries;
  adder.blocks.sums.resize(sums);
  std::iota(adder.blocks.sums.begin(), adder.blocks.sums.end(), 0);
  const int blocks = static_cast<int>(adder.blocks.widths.size());
  int inside = 0;
  for (int block = 0; block < blocks; ++block) {
    for (int length = 1; length <= adder.blocks.widths[block]; ++length) {
      adder.blocks.tables.push_back({.block = block, .length = length, .propagate = false});
      // One position propagates where its sum is one.
      if (block > 0 && length > 1) {
        adder.blocks.tables.push_back({.block = block, .length = length, .propagate = true});
      }
    }
    if (block > 0) inside += adder.blocks.widths[block] - 1;
  }
  adder.schedule = all_carries(blocks);
  adder.level_ands = count_ands(adder.schedule);
  if (inside > 0) adder.level_ands.push_back(inside);
  return adder;
}

Adder rippling(int carries, int sums) {
  Adder adder{.blocks = {}, .schedule = {}, .ripple = true, .all = true, .level_ands = std::vector<int>(carries, 1)};
  adder.blocks.widths.assign(carries, 1);
  adder.blocks.above = sums > carries;
  adder.blocks.sums.resize(sums);
  std::iota(adder.blocks.sums.begin(), adder.blocks.sums.end(), 0);
  adder.blocks.operand = true;
  return adder;
}

std::vector<int> blocks_of(int positions, int width) {
  std::vector<int> widths;
  if (positions % width != 0) widths.push_back(positions % width);
  widths.insert(widths.end(), positions / width, width);
  return widths;
}

int BlockPlan::positions() const { return std::accumulate(widths.begin(), widths.end(), above ? 1 : 0); }

int BlockPlan::products() const {
  int count = above ? 1 : 0;
  for (int width : widths) count += (1 << width) - 1;
  return count;
}

int BlockPlan::product_of(int position) const {
  int before = 0;
  for (int width : widths) {
    if (position < width) return before + (1 << position) - 1;
    before += (1 << width) - 1;
    position -= width;
  }
  COHORTIUM_CHECK(above && position == 0);
  return before;
}

Adder all_propagate(int positions, int width) {
  Adder adder;
  adder.blocks.widths = blocks_of(positions, width);
  const int blocks = static_cast<int>(adder.blocks.widths.size());
  if (width == 1) adder.blocks.sums = {0};
  for (int block = 0; width > 1 && block < blocks; ++block) {
    adder.blocks.tables.push_back({.block = block, .length = adder.blocks.widths[block], .propagate = true});
  }
  adder.level_ands = tree_levels(blocks);
  return adder;
}

double slowest_seconds(int parties, const Link& link, const std::function<Cost(PartyId)>& cost) {
  double slowest = 0;
  for (PartyId party = 0; party < parties; ++party) {
    const auto [rounds, bytes] = cost(party);
    slowest = std::max(slowest, static_cast<double>(rounds) * link.latency_seconds +
                                    static_cast<double>(bytes) / link.bytes_per_second);
  }
  return slowest;
}

std::vector<Adder> also_at_once(std::vector<Adder> adders) {
  for (std::size_t i = 0, count = adders.size(); i < count; ++i) {
    if (adders[i].blocks.tables.empty()) continue;
    adders.push_back(adders[i]);
    adders.back().blocks.at_once = true;
  }
  return adders;
}

const Adder& quickest(const std::vector<Adder>& adders, int parties, const Link& link,
                      const std::function<Cost(PartyId, const Adder&)>& cost) {
  const auto seconds = [&](const Adder& adder) {
    return slowest_seconds(parties, link, [&](PartyId party) { return cost(party, adder); });
  };
  return *std::min_element(adders.begin(), adders.end(),
                           [&](const Adder& a, const Adder& b) { return seconds(a) < seconds(b); });
}

}  // namespace cohortium::mpc
