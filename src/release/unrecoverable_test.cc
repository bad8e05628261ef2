// What is withheld in a table cannot be worked out: neither from what is released, nor by a compute party from all that it
// received.
//
// For every cell of few people and every number v below the minimum there must be a table that has v there, agrees with
// all that was released, and makes the protocol, run again, release the very same in messages of the same lengths. A
// party's shares are uniform by themselves (tests/conformance), so nothing tells v from the true number.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <random>

#include "mpc/simulate.h"
#include "release/door.h"
#include "release/safe_sums.h"

namespace cohortium::release {
namespace {

using mpc::Engine;
using mpc::u128;
using mpc::u64;
using Counts = std::vector<u64>;

constexpr u64 minimum = 5;
constexpr std::size_t row_length = 4;

struct View {
  mpc::ReleasedCells released;
  std::vector<mpc::Cost> costs;  // of every party
};

View run(const Counts& counts) {
  View view;
  view.costs.resize(3);
  const auto outcomes = mpc::simulate("replicated3", [&](Engine& engine) {
    const std::vector<u128> wide(counts.begin(), counts.end());
    mpc::SharedCells cells;
    cells.people =
        engine.share(0, engine.self() == 0 ? std::span<const u128>(wide) : std::span<const u128>(), wide.size());
    cells.totals = {row_length, counts.size()};
    const auto outcome = release(engine, {.cells = cells, .curve = {}}, {.minimum_cell = minimum});
    view.costs.at(static_cast<std::size_t>(engine.self())) = engine.cost();
    return *outcome.cells;
  });
  view.released = outcomes.front();
  return view;
}

// A table that agrees with `released`, found by trying all numbers of withheld cells, with `value` in `place`.
std::optional<Counts> completion(const Counts& truth, const mpc::ReleasedCells& released, std::size_t place,
                                 u64 value) {
  Counts table = truth;
  const auto row_fits = [&](std::size_t row) {
    u64 sum = 0;
    for (std::size_t i = row * row_length; i < (row + 1) * row_length; ++i) sum += table[i];
    return !released.totals[0][row] || *released.totals[0][row] == sum;
  };
  const auto all_fits = [&] {
    u64 sum = 0;
    for (const u64 count : table) sum += count;
    return !released.totals[1][0] || *released.totals[1][0] == sum;
  };
  // Tables near the truth come first, so what was not told stays as it is where it can.
  const std::function<bool(std::size_t)> fill = [&](std::size_t i) -> bool {
    if (i == table.size()) return all_fits();
    const bool row_ends = (i + 1) % row_length == 0;
    if (i == place || released.passed[i]) {
      if (i == place) table[i] = value;
      return (!row_ends || row_fits(i / row_length)) && fill(i + 1);
    }
    for (u64 offset = 0; offset < minimum; ++offset) {
      table[i] = (truth[i] + offset) % minimum;
      if ((!row_ends || row_fits(i / row_length)) && fill(i + 1)) return true;
    }
    return false;
  };
  return fill(0) ? std::optional(table) : std::nullopt;
}

bool same_release(const mpc::ReleasedCells& a, const mpc::ReleasedCells& b) {
  return a.passed == b.passed && a.people == b.people && a.totals == b.totals;
}

TEST(Unrecoverable, EveryNumberBelowTheMinimumIsPossible) {
  std::mt19937_64 random(11);
  std::size_t tried = 0, told = 0;
  for (int trial = 0; trial < 8; ++trial) {
    Counts counts(2 * row_length);
    for (u64& count : counts) count = random() % 2 == 0 ? random() % minimum : minimum + random() % 20;
    const View truth = run(counts);
    for (std::size_t place = 0; place < counts.size(); ++place) {
      if (counts[place] >= minimum) continue;
      EXPECT_FALSE(truth.released.people[place].has_value());
      told += truth.released.totals[0][place / row_length].has_value();
      for (u64 v = 0; v < minimum; ++v, ++tried) {
        const auto other = completion(counts, truth.released, place, v);
        ASSERT_TRUE(other) << "cell " << place << " cannot be " << v;
        // The sums that are told are the same, so what was told is told again. What was not told may then be tellable:
        // that it was not is known, too, and leaves v possible where some table keeps it so.
        if (!truth.released.totals[0][place / row_length]) continue;
        const View again = run(*other);
        EXPECT_TRUE(same_release(truth.released, again.released)) << "cell " << place << " as " << v;
        for (std::size_t party = 0; party < 3; ++party) {
          EXPECT_EQ(truth.costs[party].rounds, again.costs[party].rounds);
          EXPECT_EQ(truth.costs[party].bytes_sent, again.costs[party].bytes_sent);
        }
      }
    }
  }
  EXPECT_GT(tried, 100u);
  EXPECT_GT(told, 5u);
}

// Two cells below 5 that sum to 8 are both 4: with that total released, the search above finds nothing else.
TEST(Unrecoverable, ATotalThatForcesItsCellsWouldFail) {
  mpc::ReleasedCells released{.passed = {false, false, true, true}, .people = {}, .values = {}};
  released.totals = {{u128{68}}, {u128{68}}};
  EXPECT_TRUE(completion({4, 4, 30, 30}, released, 0, 4));
  for (u64 v = 0; v < 4; ++v) EXPECT_FALSE(completion({4, 4, 30, 30}, released, 0, v));
}

// The sums that may be told are exactly those that leave every number possible.
TEST(Unrecoverable, SafeSumsAreThoseThatLeaveEveryNumberPossible) {
  for (const u64 least : {u64{2}, u64{3}, u64{5}}) {
    for (std::size_t small = 1; small <= 3; ++small) {
      for (std::size_t others = 0; others <= 2; ++others) {
        const SafeSums safe = safe_sums({small, others}, least);
        for (u64 sum = least; sum < 30; ++sum) {
          bool all = true;  // the rest of the hidden groups can make up sum - v
          for (u64 v = 0; v < least; ++v) {
            const u64 low = others * least, high = others > 0 ? 1000 : (small - 1) * (least - 1);
            all = all && sum >= v + low && sum - v <= high;
          }
          EXPECT_EQ(all, safe.low <= sum && sum <= safe.high) << least << " " << small << " " << others << " " << sum;
        }
      }
    }
  }
}

}  // namespace
}  // namespace cohortium::release
