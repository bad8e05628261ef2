#include <gtest/gtest.h>

#include <random>

#include "mpc/simulate.h"
#include "release/door.h"

namespace cohortium::release {
namespace {

using mpc::Engine;
using mpc::u128;
using mpc::u64;
using Counts = std::vector<std::optional<u128>>;

class Totals : public ::testing::TestWithParam<const char*> {
 protected:
  mpc::ReleasedCells run(const std::vector<u64>& counts, const std::vector<std::size_t>& totals, u64 minimum) {
    const auto outcomes = mpc::simulate(GetParam(), [&](Engine& engine) {
      const std::vector<u128> wide(counts.begin(), counts.end());
      mpc::SharedCells cells;
      cells.people =
          engine.share(0, engine.self() == 0 ? std::span<const u128>(wide) : std::span<const u128>(), wide.size());
      cells.totals = totals;
      return release(engine, {.cells = cells, .curve = {}}, {.minimum_cell = minimum});
    });
    return *outcomes.front().cells;
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, Totals, ::testing::Values("plaintext", "replicated3"));

TEST_P(Totals, ShowWhereWhatTheyHideIsEnough) {
  // Rows: complete; one withheld cell; three withheld cells of 13 people; nothing shown.
  const auto cells = run({20, 30, 40, 50, /**/ 20, 5, 30, 40, /**/ 7, 5, 1, 50, /**/ 1, 0, 2, 0}, {4, 16}, 11);
  EXPECT_EQ(cells.totals[0], (Counts{140, std::nullopt, 63, std::nullopt}));
  EXPECT_EQ(cells.totals[1], (Counts{std::nullopt}));  // 5 + 3 people are hidden
}

// Two cells below 11 that sum to 20 are both 10; to 13, at least 3 each.
TEST_P(Totals, StayHiddenWhereTheirSumForcesTheCells) {
  EXPECT_EQ(run({10, 10, 50}, {3}, 11).totals[0], (Counts{std::nullopt}));
  EXPECT_EQ(run({7, 6, 50}, {3}, 11).totals[0], (Counts{std::nullopt}));
  EXPECT_EQ(run({10, 10, 10, 50}, {4}, 11).totals[0], (Counts{std::nullopt}));
  EXPECT_EQ(run({7, 6, 4, 50}, {4}, 11).totals[0], (Counts{67}));
}

TEST_P(Totals, OfHiddenRowsCountTogether) {
  const auto cells = run({20, 5, /**/ 30, 6, /**/ 12, 4, /**/ 12, 13}, {2, 8}, 11);
  EXPECT_EQ(cells.totals[0], (Counts{std::nullopt, std::nullopt, std::nullopt, 25}));
  EXPECT_EQ(cells.totals[1], (Counts{102}));
}

TEST_P(Totals, ShowWhereNoCellDoes) {
  const auto cells = run({5, 6, 3, 4}, {4}, 11);
  EXPECT_EQ(cells.people, (Counts{{}, {}, {}, {}}));
  EXPECT_EQ(cells.totals[0], (Counts{18}));
}

TEST_P(Totals, AreAllKnownWithAMinimumOfOne) {
  const auto cells = run({0, 6, 0, 0}, {2, 4}, 1);
  EXPECT_EQ(cells.totals[0], (Counts{6, 0}));
  EXPECT_EQ(cells.totals[1], (Counts{6}));
}

TEST_P(Totals, LeaveNoSmallRemainder) {
  std::mt19937_64 random(7);
  for (int trial = 0; trial < 40; ++trial) {
    std::vector<u64> counts(12);
    for (u64& count : counts) count = random() % 3 == 0 ? random() % 11 : 11 + random() % 20;
    const auto cells = run(counts, {3, 12}, 11);
    u64 all_hidden = 0, all_cells = 0;  // of rows without a total
    for (std::size_t row = 0; row < 4; ++row) {
      u64 hidden = 0, sum = 0, few = 0;
      for (std::size_t i = 3 * row; i < 3 * row + 3; ++i)
        sum += counts[i], hidden += cells.passed[i] ? 0 : counts[i], few += cells.passed[i] ? 0 : 1;
      const bool complete = cells.passed[3 * row] && cells.passed[3 * row + 1] && cells.passed[3 * row + 2];
      EXPECT_EQ(cells.totals[0][row].has_value(), complete || (hidden >= 11 && hidden <= 10 * (few - 1)));
      if (cells.totals[0][row]) {
        EXPECT_EQ(*cells.totals[0][row], sum);
      } else {
        all_hidden += hidden;
        all_cells += few;
      }
    }
    const bool rows_complete =
        std::find(cells.totals[0].begin(), cells.totals[0].end(), std::nullopt) == cells.totals[0].end();
    EXPECT_EQ(cells.totals[1][0].has_value(),
              rows_complete || (all_hidden >= 11 && all_hidden <= 10 * (all_cells - 1)));
  }
}

TEST_P(Totals, RecordsTogetherAllOpenWithAMinimumOfOne) {
  const auto outcomes = mpc::simulate(GetParam(), [&](Engine& engine) {
    const std::vector<u128> wide{0, 3};
    mpc::SharedCells cells;
    cells.people = engine.share(0, engine.self() == 0 ? std::span<const u128>(wide) : std::span<const u128>(), 2);
    cells.together = true;
    return release(engine, {.cells = cells, .curve = {}}, {.minimum_cell = 1});
  });
  EXPECT_EQ(outcomes.front().cells->people, (Counts{0, 3}));
}

}  // namespace
}  // namespace cohortium::release
