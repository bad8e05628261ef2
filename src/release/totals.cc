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

std::vector<std::size_t> true_places(const std::vector<bool>& flags) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i]) places.push_back(i);
  }
  return places;
}

// Whether what a block hides may be told, one bit for both ends.
std::vector<bool> open_safe(mpc::Engine& engine, const Shared<u128>& hidden, const std::vector<Hidden>& of_block,
                            u64 minimum) {
  std::vector<u64> low, high;
  for (const Hidden& block : of_block) {
    const SafeSums sums = safe_sums(block, minimum);
    low.push_back(sums.low);
    high.push_back(sums.high);
  }
  return open_within(engine, narrow(hidden), low, high);
}

}  // namespace

Totals decide_totals(mpc::Engine& engine, const mpc::SharedCells& cells, const ShownCells& shown, u64 minimum) {
  Totals totals;
  std::vector<Shared<u128>> opened;
  Shared<u128> hidden = cells.people;  // of each block below, what is not shown; elements that are shown count 0
  std::vector<bool> is_shown = shown.shown;
  std::vector<Hidden> of_block(is_shown.size());
  for (std::size_t i = 0; i < is_shown.size(); ++i)
    if (!is_shown[i]) (shown.enough[i] ? of_block[i].others : of_block[i].small) = 1;
  std::size_t length = 1;
  for (const std::size_t next : cells.totals) {
    COHORTIUM_CHECK(next % length == 0 && cells.people.size % next == 0);
    const std::size_t ratio = next / length;
    std::vector<u128> factors(is_shown.size());
    std::transform(is_shown.begin(), is_shown.end(), factors.begin(), [](bool flag) { return u128{!flag}; });
    hidden = sum_blocks(multiply_public(hidden, std::span<const u128>(factors)), ratio);
    std::vector<Hidden> sums(hidden.size);
    for (std::size_t i = 0; i < is_shown.size(); ++i) {
      if (is_shown[i]) continue;
      sums[i / ratio].small += of_block[i].small;
      sums[i / ratio].others += of_block[i].others;
    }
    of_block = std::move(sums);
    const std::vector<bool> safe = open_safe(engine, hidden, of_block, minimum);
    Totals::Level level{.shown = std::vector<bool>(hidden.size), .remainder = std::vector<bool>(hidden.size)};
    for (std::size_t block = 0; block < hidden.size; ++block) {
      const auto first = is_shown.begin() + static_cast<std::ptrdiff_t>(block * ratio);
      const auto last = first + static_cast<std::ptrdiff_t>(ratio);
      const bool complete = std::find(first, last, false) == last;
      // With a minimum of 1 nothing but nobody is withheld, and every total is known.
      level.remainder[block] = !complete && minimum > 1 && safe[block];
      level.shown[block] = complete || minimum == 1 || level.remainder[block];
    }
    opened.push_back(gather(hidden, true_places(level.remainder)));
    is_shown = level.shown;
    length = next;
    totals.levels.push_back(std::move(level));
  }
  if (!opened.empty()) totals.to_open = concatenate(std::span<const Shared<u128>>(opened));
  return totals;
}

std::vector<std::vector<std::optional<u128>>> read_totals(const mpc::SharedCells& cells, const Totals& totals,
                                                          const std::vector<std::optional<u128>>& people,
                                                          const std::vector<u128>& remainders) {
  std::vector<std::vector<std::optional<u128>>> result;
  std::vector<u128> known(people.size());  // of each block below, the people who are shown
  for (std::size_t i = 0; i < people.size(); ++i) known[i] = people[i].value_or(0);
  std::size_t length = 1, opened = 0;
  for (std::size_t i = 0; i < totals.levels.size(); ++i) {
    const std::size_t ratio = cells.totals[i] / length;
    std::vector<u128> sums(known.size() / ratio);
    for (std::size_t j = 0; j < known.size(); ++j) sums[j / ratio] += known[j];
    std::vector<std::optional<u128>>& level = result.emplace_back(sums.size());
    for (std::size_t block = 0; block < sums.size(); ++block) {
      if (totals.levels[i].remainder[block]) sums[block] += remainders[opened++];
      if (totals.levels[i].shown[block]) level[block] = sums[block];
    }
    known = std::move(sums);
    length = cells.totals[i];
  }
  return result;
}

}  // namespace cohortium::release
