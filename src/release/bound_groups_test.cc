#include "release/bound_groups.h"

#include <gtest/gtest.h>

#include "release/safe_differences.h"

namespace cohortium::release {
namespace {

using Places = std::set<std::size_t>;

// Cells 0 1 / 2 3 of a table, 1 and 2 of few people, with totals of rows and columns.
const HiddenEquation first_row{.few = {{1, 1}}, .others = {{0, 1}}}, second_row{.few = {{2, 1}}, .others = {{3, 1}}},
    first_column{.few = {{2, 1}}, .others = {{0, 1}}};

TEST(BoundGroups, NotByRows) { EXPECT_EQ(bound_together({first_row, second_row}, {0, 3}), Places()); }

TEST(BoundGroups, ByARowAndAColumnThroughTheirCell) {
  EXPECT_EQ(bound_together({first_row, second_row, first_column}, {0, 3}), (Places{0, 2}));
}

TEST(BoundGroups, ByWhatLeavesAHiddenGroupAlone) {
  const HiddenEquation both{.few = {}, .others = {{0, 1}, {3, 1}}}, one{.few = {}, .others = {{3, 1}}};
  EXPECT_EQ(bound_together({both, one}, {0}), (Places{0, 1}));
  EXPECT_EQ(bound_together({both, one}, {}), Places());
}

TEST(BoundGroups, NotByWhatHoldsAnyway) {
  const HiddenEquation sum{.few = {{4, 1}, {1, -1}, {2, -1}}, .others = {}, .holds_anyway = true};
  const HiddenEquation whole{.few = {{4, 1}}, .others = {{0, 1}}}, parts{.few = {{1, 1}, {2, 1}}, .others = {{0, 1}}};
  EXPECT_EQ(bound_together({sum, whole, parts}, {}), Places());
  EXPECT_EQ(bound_together({whole, parts}, {}), (Places{0, 1}));
}

// The differences that may be told are among those that leave every group of few people every number it may have, and so
// are those that may not.
TEST(SafeDifferences, LeaveEveryNumberPossible) {
  constexpr mpc::u64 minimum = 4;
  constexpr std::int64_t most = 40;
  for (int shape = 0; shape < 81; ++shape) {
    const HiddenSide left{.few = shape % 3u, .enough = shape / 3 % 3u, .rest = false},
        right{.few = shape / 9 % 3u, .enough = shape / 27 % 3u, .rest = false};
    if (left.few == 0) continue;
    const SafeDifferences safe = safe_differences(left, right, minimum);
    const auto low = [](const HiddenSide& side) { return static_cast<std::int64_t>(side.enough * minimum); };
    const auto high = [](const HiddenSide& side, std::size_t few) {
      return side.enough > 0 ? most : static_cast<std::int64_t>(few * (minimum - 1));
    };
    for (std::int64_t v = 0; v < static_cast<std::int64_t>(minimum); ++v) {
      const std::int64_t least = v + low(left) - high(right, right.few),
                         largest = v + high(left, left.few - 1) - low(right);
      for (std::int64_t told = std::max<std::int64_t>(safe.low, -20); told <= std::min<std::int64_t>(safe.high, 20);
           ++told)
        EXPECT_TRUE(least <= told && told <= largest) << shape << " " << v << " " << told;
      bool refused = false;  // by some difference with v
      for (std::int64_t d = least; d <= largest; ++d) refused = refused || d < safe.low || d > safe.high;
      EXPECT_TRUE(refused || always_safe(safe)) << shape << " " << v;
    }
  }
}

}  // namespace
}  // namespace cohortium::release
