#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "mpc/simulate.h"
#include "release/door.h"
#include "release/merge.h"

namespace cohortium::release {
namespace {

using mpc::Engine;
using mpc::ReleasedOutcome;
using mpc::ReleasedStratum;
using mpc::ReleaseRule;
using mpc::Shared;
using mpc::u128;
using mpc::u64;

Shared<u128> share(Engine& engine, const std::vector<u64>& values) {
  const std::vector<u128> wide(values.begin(), values.end());
  return engine.share(0, engine.self() == 0 ? std::span<const u128>(wide) : std::span<const u128>(), values.size());
}

class Release : public ::testing::TestWithParam<const char*> {
 protected:
  // What every party gets; all must agree.
  ReleasedOutcome run(const std::function<mpc::SharedOutcome(Engine&)>& make, const ReleaseRule& rule) {
    const auto outcomes =
        mpc::simulate(GetParam(), [&](Engine& engine) { return release(engine, make(engine), rule); });
    return outcomes.front();
  }
  ReleasedOutcome run_curve(const std::vector<u64>& events, const std::vector<u64>& censored, std::size_t grid,
                            const ReleaseRule& rule) {
    return run(
        [&](Engine& engine) {
          mpc::SharedCurve curve{.strata = events.size() / grid,
                                 .grid = grid,
                                 .events = share(engine, events),
                                 .censored = share(engine, censored),
                                 .sampled = {}};
          if (rule.curve == mpc::CurveRule::kMerged) curve.sampled = {curve.events};
          return mpc::SharedOutcome{.cells = {}, .curve = curve};
        },
        rule);
  }
};

INSTANTIATE_TEST_SUITE_P(Protocols, Release, ::testing::Values("plaintext", "replicated3"));

TEST_P(Release, CellsBelowTheMinimumStayClosed) {
  const ReleasedOutcome outcome = run(
      [](Engine& engine) {
        return mpc::SharedOutcome{.cells = mpc::SharedCells{.people = share(engine, {10, 11, 0, 5'000'000}),
                                                            .values = {share(engine, {1, 2, 3, 4})}},
                                  .curve = {}};
      },
      {.minimum_cell = 11});
  EXPECT_EQ(outcome.cells->passed, (std::vector<bool>{false, true, false, true}));
  EXPECT_EQ(outcome.cells->people[0], std::nullopt);
  EXPECT_EQ(outcome.cells->people[1], u128{11});
  EXPECT_EQ(outcome.cells->people[3], u128{5'000'000});
  EXPECT_EQ(outcome.cells->values[0], (std::vector<u128>{0, 2, 0, 4}));
}

TEST_P(Release, AFaultClosesTheValuesAndIsNamedOnlyWhereEnoughPeopleStandBehindIt) {
  auto make = [](u64 people, u64 singular) {
    return [people, singular](Engine& engine) {
      mpc::SharedCells cells{.people = share(engine, {people}), .values = {share(engine, {7, 8})}, .together = true};
      const std::vector<u64> words{singular}, none{0};
      cells.faults = {{engine.constant_bits(none, 1), "no convergence"}, {engine.constant_bits(words, 1), "singular"}};
      return mpc::SharedOutcome{.cells = std::move(cells), .curve = {}};
    };
  };
  const ReleaseRule rule{.minimum_cell = 11};
  const ReleasedOutcome sound = run(make(40, 0), rule), singular = run(make(40, 1), rule), few = run(make(5, 1), rule);
  EXPECT_TRUE(sound.cells->faults.empty());
  EXPECT_EQ(sound.cells->values[0], (std::vector<u128>{7, 8}));
  EXPECT_EQ(singular.cells->faults, (std::vector<std::string>{"singular"}));
  EXPECT_EQ(singular.cells->people[0], u128{40});
  EXPECT_FALSE(singular.cells->passed[0]);
  EXPECT_TRUE(singular.cells->values.empty());
  EXPECT_TRUE(few.cells->faults.empty());
  EXPECT_FALSE(few.cells->people[0].has_value());
}

TEST_P(Release, CellsTogetherOpenAllOrNothing) {
  auto make = [](std::vector<u64> people) {
    return [people](Engine& engine) {
      return mpc::SharedOutcome{
          .cells =
              mpc::SharedCells{.people = share(engine, people), .values = {share(engine, {7, 8, 9})}, .together = true},
          .curve = {}};
    };
  };
  const ReleasedOutcome closed = run(make({50, 10}), {.minimum_cell = 11});
  EXPECT_EQ(closed.cells->passed, (std::vector<bool>{false, false}));
  EXPECT_TRUE(closed.cells->values.empty());
  EXPECT_EQ(run(make({50, 11}), {.minimum_cell = 11}).cells->values[0], (std::vector<u128>{7, 8, 9}));
}

TEST_P(Release, FewEventsCloseARecordAndFewOthersHideItsPeople) {
  const ReleasedOutcome outcome = run(
      [](Engine& engine) {
        return mpc::SharedOutcome{.cells = mpc::SharedCells{.people = share(engine, {50, 50, 50, 50, 50}),
                                                            .values = {share(engine, {0, 5, 25, 45, 50})},
                                                            .events = share(engine, {0, 5, 25, 45, 50})},
                                  .curve = {}};
      },
      {.minimum_cell = 11});
  EXPECT_EQ(outcome.cells->passed, (std::vector<bool>{true, false, true, true, true}));
  EXPECT_EQ(outcome.cells->values[0], (std::vector<u128>{0, 0, 25, 45, 50}));
  EXPECT_EQ(outcome.cells->people[0], u128{50});
  EXPECT_EQ(outcome.cells->people[2], u128{50});
  EXPECT_EQ(outcome.cells->people[3], std::nullopt);
  EXPECT_EQ(outcome.cells->people[4], u128{50});
}

// Where certainty is hidden, nobody is one of the few: every number below the minimum gives the same release.
TEST_P(Release, NobodyAndEverybodyAreHiddenLikeAFew) {
  const auto with = [&](u64 events, u64 rest, bool zero_and_full) {
    const ReleasedOutcome outcome = run(
        [&](Engine& engine) {
          const Shared<u128> people = share(engine, {events + rest, 40}), of_them = share(engine, {events, 20});
          return mpc::SharedOutcome{.cells = mpc::SharedCells{.people = people, .values = {of_them}, .events = of_them},
                                    .curve = {}};
        },
        {.minimum_cell = 5, .zero_and_full = zero_and_full});
    EXPECT_TRUE(outcome.cells->passed[1] && outcome.cells->people[1]);
    return std::pair(bool{outcome.cells->passed[0]}, outcome.cells->people[0].has_value());
  };
  for (u64 few = 0; few < 5; ++few) {
    EXPECT_EQ(with(few, 30, false), std::pair(false, false)) << few;
    EXPECT_EQ(with(30, few, false), std::pair(true, false)) << few;
  }
  EXPECT_EQ(with(5, 30, false), std::pair(true, true));
  EXPECT_EQ(with(30, 5, false), std::pair(true, true));
  EXPECT_EQ(with(0, 30, true), std::pair(true, true));
  EXPECT_EQ(with(30, 0, true), std::pair(true, true));
}

TEST_P(Release, ExactCurveShowsEveryTimeOfPassingStrata) {
  const ReleasedOutcome outcome = run_curve({0, 2, 0, 1, /**/ 1, 0, 0, 0}, {0, 1, 0, 0, /**/ 0, 0, 0, 1}, 4,
                                            {.minimum_cell = 3, .curve = mpc::CurveRule::kExact});
  const ReleasedStratum& first = outcome.curve->at(0);
  EXPECT_TRUE(first.passed);
  EXPECT_EQ(first.people, u128{4});
  EXPECT_EQ(first.events, u128{3});
  ASSERT_EQ(first.steps.size(), 2u);
  EXPECT_EQ(first.steps[0].from, 1u);
  EXPECT_EQ(first.steps[0].at_risk, u128{4});
  EXPECT_EQ(first.steps[1].from, 3u);
  EXPECT_EQ(first.steps[1].at_risk, u128{1});
  EXPECT_FALSE(outcome.curve->at(1).passed);
  EXPECT_TRUE(outcome.curve->at(1).steps.empty());
  EXPECT_FALSE(outcome.curve->at(1).people.has_value());
}

// No released count, and no sum or difference of released counts, lies in 1 .. minimum - 1.
void expect_nothing_small(const ReleasedStratum& stratum, const std::vector<u64>& events,
                          const std::vector<u64>& censored, u64 minimum) {
  const u64 all_events = std::accumulate(events.begin(), events.end(), u64{0});
  const u64 all_censored = std::accumulate(censored.begin(), censored.end(), u64{0});
  auto small = [&](u128 count) { return count > 0 && count < minimum; };
  ASSERT_EQ(stratum.passed, all_events + all_censored >= minimum);
  if (!stratum.passed) return;
  EXPECT_EQ(stratum.steps.empty(), all_events < minimum);
  if (stratum.people && !stratum.steps.empty()) {
    EXPECT_FALSE(small(*stratum.people - *stratum.events));
  }
  std::size_t next = 0;
  std::optional<u128> last_at_risk;
  u128 events_since = 0;
  for (const mpc::ReleasedStep& step : stratum.steps) {
    EXPECT_EQ(step.from, next);
    next = step.to + 1;
    EXPECT_EQ(step.events, std::accumulate(events.begin() + static_cast<std::ptrdiff_t>(step.from),
                                           events.begin() + static_cast<std::ptrdiff_t>(next), u64{0}));
    EXPECT_GE(step.events, minimum);
    EXPECT_EQ(step.sampled[0], events[step.to]);
    if (step.censored) {
      EXPECT_FALSE(small(*step.censored));
    }
    if (step.at_risk) {
      if (last_at_risk) {
        EXPECT_FALSE(small(*last_at_risk - events_since - *step.at_risk));
      }
      last_at_risk = step.at_risk;
      events_since = 0;
    }
    events_since += step.events;
  }
  if (!stratum.steps.empty()) {
    EXPECT_EQ(next, events.size());
  }
  if (last_at_risk) {
    EXPECT_FALSE(small(*last_at_risk - events_since));
  }
}

TEST_P(Release, MergedCurvesShowNothingSmall) {
  std::mt19937_64 random(5);
  for (const std::size_t grid : {1u, 2u, 3u, 64u, 65u, 200u}) {
    for (int trial = 0; trial < 6; ++trial) {
      const u64 minimum = std::vector<u64>{1, 2, 5, 11}[random() % 4];
      const u64 most_events = std::vector<u64>{0, 1, 3, 30}[random() % 4],
                most_censored = std::vector<u64>{0, 1, 2, 20}[random() % 4];
      std::vector<u64> events(grid), censored(grid);
      for (std::size_t t = 0; t < grid; ++t) {
        events[t] = random() % (most_events + 1) * (random() % 3 == 0);
        censored[t] = random() % (most_censored + 1) * (random() % 4 == 0);
      }
      const ReleasedOutcome outcome =
          run_curve(events, censored, grid, {.minimum_cell = minimum, .curve = mpc::CurveRule::kMerged});
      expect_nothing_small(outcome.curve->at(0), events, censored, minimum);
    }
  }
}

TEST_P(Release, FewCensoringsHideTheNumberOfPeople) {
  const ReleasedOutcome outcome =
      run_curve({20, 0, 20, 0}, {0, 3, 0, 0}, 4, {.minimum_cell = 11, .curve = mpc::CurveRule::kMerged});
  EXPECT_FALSE(outcome.curve->at(0).people.has_value());
  EXPECT_EQ(outcome.curve->at(0).events, u128{40});
  for (const auto& step : outcome.curve->at(0).steps) {
    EXPECT_FALSE(step.at_risk.has_value());
    EXPECT_FALSE(step.censored.has_value());
  }
}

TEST_P(Release, MergeTakesAsManyGroupsAsTheBlocksAllow) {
  const auto groups = mpc::simulate(GetParam(), [](Engine& engine) {
    const std::vector<u64> row{11, 0, 0, 11, 5, 5, 0, 1, 20};
    const Shared<u64> shared =
        engine.share(0, engine.self() == 0 ? std::span<const u64>(row) : std::span<const u64>(), row.size());
    return merge(engine, {shared}, 11, Zeros::kAreFew);
  });
  ASSERT_TRUE(groups[0][0].has_value());
  std::vector<std::size_t> ends;
  for (const Interval& interval : *groups[0][0]) ends.push_back(interval.to);
  EXPECT_EQ(ends, (std::vector<std::size_t>{1, 3, 7, 8}));
}

// The rules decide what is opened, not what is shown: a withheld value must not change anything any party receives in
// the clear. Here: the released outcome is the same whatever a withheld cell holds, and as many elements are opened as
// pass.
TEST_P(Release, AWithheldCellLeavesNoTrace) {
  auto outcome_for = [&](u64 secret) {
    return run(
        [&](Engine& engine) {
          return mpc::SharedOutcome{.cells = mpc::SharedCells{.people = share(engine, {secret, 30}),
                                                              .values = {share(engine, {secret * 7, 9})}},
                                    .curve = {}};
        },
        {.minimum_cell = 11});
  };
  for (u64 secret = 0; secret < 11; ++secret) {
    const ReleasedOutcome outcome = outcome_for(secret);
    EXPECT_EQ(outcome.cells->people[0], std::nullopt);
    EXPECT_EQ(outcome.cells->people[1], u128{30});
    EXPECT_EQ(outcome.cells->values[0], (std::vector<u128>{0, 9}));
  }
}

}  // namespace
}  // namespace cohortium::release
