#include "release/totals.h"

#include <algorithm>

#include "base/error.h"
#include "release/safe_sums.h"
#include "release/threshold.h"

namespace cohortium::release {

using mpc::Shared;
using mpc::u128;
using mpc::u64;

namespace {

// What a block hides, in public terms.
struct Behind {
  Hidden hidden;
  std::size_t guarded = 0;  // cells withheld to protect sites
};

SafeSums safe_behind(const Behind& block, u64 minimum) {
  if (block.guarded == 0) return safe_sums(block.hidden, minimum);
  const std::size_t others = block.hidden.others + block.guarded;
  if (others < 2) return {1, 0};
  return safe_sums({.small = std::max<std::size_t>(block.hidden.small, 1), .others = others}, minimum);
}

// Whether what a block hides may be told: for all people and for those of all sites but each, one bit for all.
std::vector<bool> open_safe(mpc::Engine& engine, const std::vector<Shared<u128>>& hidden,
                            const std::vector<Behind>& of_block, u64 minimum) {
  std::vector<u64> low, high;
  for (const Behind& block : of_block) {
    const SafeSums sums = safe_behind(block, minimum);
    low.push_back(sums.low);
    high.push_back(sums.high);
  }
  std::vector<Shared<u64>> views{narrow(hidden.front())};
  for (std::size_t site = 1; site < hidden.size(); ++site) views.push_back(subtract(views[0], narrow(hidden[site])));
  return open_within(engine, views, low, high);
}

// Whether all parts of each block are shown.
std::vector<bool> complete_blocks(const std::vector<bool>& parts, std::size_t ratio) {
  std::vector<bool> complete(parts.size() / ratio, true);
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (!parts[i]) complete[i / ratio] = false;
  return complete;
}

}  // namespace

ShownTotals decide_totals(mpc::Engine& engine, const mpc::SharedCells& cells, const ShownCells& shown, u64 minimum) {
  ShownTotals totals;
  // Of each block below, what is not shown, in all and at each site; elements that are shown count 0.
  std::vector<Shared<u128>> hidden{cells.people};
  if (minimum > 1)
    for (const mpc::SharedCounts& site : cells.sites) hidden.push_back(site.people);
  std::vector<bool> is_shown = shown.shown;
  std::vector<Behind> of_block(is_shown.size());
  for (std::size_t i = 0; i < is_shown.size(); ++i) {
    Behind& block = of_block[i];
    if (!is_shown[i])
      (shown.guarded[i] ? block.guarded : shown.enough[i] ? block.hidden.others : block.hidden.small) = 1;
  }
  std::size_t length = 1;
  for (const std::size_t next : cells.totals) {
    COHORTIUM_CHECK(next % length == 0 && cells.people.size % next == 0);
    const std::size_t ratio = next / length;
    std::vector<u128> factors(is_shown.size());
    std::transform(is_shown.begin(), is_shown.end(), factors.begin(), [](bool flag) { return u128{!flag}; });
    for (Shared<u128>& view : hidden) view = sum_blocks(multiply_public(view, std::span<const u128>(factors)), ratio);
    std::vector<Behind> sums(is_shown.size() / ratio);
    for (std::size_t i = 0; i < is_shown.size(); ++i) {
      if (is_shown[i]) continue;
      sums[i / ratio].hidden.small += of_block[i].hidden.small;
      sums[i / ratio].hidden.others += of_block[i].hidden.others;
      sums[i / ratio].guarded += of_block[i].guarded;
    }
    of_block = std::move(sums);
    const std::vector<bool> safe = open_safe(engine, hidden, of_block, minimum);
    const std::vector<bool> complete = complete_blocks(is_shown, ratio);
    std::vector<bool> level(is_shown.size() / ratio);
    // With a minimum of 1 nothing but nobody is withheld, and every total is known.
    for (std::size_t block = 0; block < level.size(); ++block)
      level[block] = complete[block] || minimum == 1 || safe[block];
    is_shown = level;
    length = next;
    totals.push_back(std::move(level));
  }
  return totals;
}

std::vector<Shared<u128>> totals_to_open(const mpc::SharedCells& cells, const ShownTotals& totals,
                                         const std::vector<bool>& shown_cells, const mpc::ReleaseRule& rule) {
  std::vector<Shared<u128>> opened;
  std::vector<bool> parts = shown_cells;
  const bool each = rule.round_to > 1;
  if (rule.minimum_cell == 1 && !each) return opened;
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const std::vector<bool> complete = complete_blocks(parts, parts.size() / totals[i].size());
    std::vector<std::size_t> blocks;
    for (std::size_t block = 0; block < totals[i].size(); ++block)
      if (totals[i][block] && (each || !complete[block])) blocks.push_back(block);
    opened.push_back(gather(sum_blocks(cells.people, cells.totals[i]), blocks));
    parts = totals[i];
  }
  return opened;
}

std::vector<std::vector<std::optional<u128>>> read_totals(const mpc::SharedCells& cells, const ShownTotals& totals,
                                                          const std::vector<std::optional<u128>>& people,
                                                          const std::vector<u128>& opened,
                                                          const mpc::ReleaseRule& rule) {
  std::vector<std::vector<std::optional<u128>>> result;
  std::vector<std::optional<u128>> parts = people;
  auto next = opened.begin();
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const std::size_t ratio = parts.size() / totals[i].size();
    COHORTIUM_CHECK(totals[i].size() * cells.totals[i] == people.size());
    std::vector<std::optional<u128>> level(totals[i].size());
    for (std::size_t block = 0; block < level.size(); ++block) {
      const auto first = parts.begin() + static_cast<std::ptrdiff_t>(block * ratio);
      const auto last = first + static_cast<std::ptrdiff_t>(ratio);
      if (!totals[i][block]) continue;
      const bool complete = std::find(first, last, std::nullopt) == last;
      if ((rule.round_to > 1 || !complete) && next != opened.end()) {
        level[block] = *next++;
        continue;
      }
      u128 sum = 0;  // what is not shown here is nobody
      for (auto part = first; part != last; ++part) sum += part->value_or(0);
      level[block] = sum;
    }
    parts = level;
    result.push_back(std::move(level));
  }
  COHORTIUM_CHECK(next == opened.end());
  return result;
}

}  // namespace cohortium::release
