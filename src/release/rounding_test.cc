// Rounded numbers of people: right for every number, and all that shows is which numbers round alike.
#include "release/rounding.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "mpc/outcome.h"
#include "mpc/simulate.h"
#include "release/door.h"

namespace cohortium::release {
namespace {

using mpc::Engine;
using mpc::ReleasedCells;
using mpc::ReleaseRule;
using mpc::Shared;
using mpc::u128;
using mpc::u64;
using Counts = std::vector<u64>;

constexpr u64 largest_count = (u64{1} << mpc::count_bits) - 1;

Shared<u128> share(Engine& engine, const Counts& values) {
  const std::vector<u128> wide(values.begin(), values.end());
  return engine.share(0, engine.self() == 0 ? std::span<const u128>(wide) : std::span<const u128>(), values.size());
}

// The nearest multiple, the larger of two, found by looking at all.
u64 nearest(u64 count, u64 to) {
  u64 best = count / to * to;
  for (const u64 other : {best + to}) {
    if (other - count <= count - best) best = other;
  }
  return best;
}

std::vector<u128> rounded_by(const char* protocol, const Counts& counts, u64 to) {
  return mpc::simulate(protocol,
                       [&](Engine& engine) { return engine.open(rounded(engine, share(engine, counts), to)); })
      .front();
}

class Rounding : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Protocols, Rounding,
                         ::testing::Values("plaintext", "replicated3", "replicated3-malicious", "replicated4"),
                         [](const auto& protocol) {
                           std::string name = protocol.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(Rounding, EqualsPlainArithmetic) {
  std::mt19937_64 random(3);
  for (const u64 to : {2, 3, 5, 7, 10, 64, 99, 100}) {
    Counts counts(4 * to + 3);
    std::iota(counts.begin(), counts.end(), u64{0});
    for (const u64 last : {u64{0}, u64{1}, u64{2}, to - 1, to, to + 1}) counts.push_back(largest_count - last);
    for (int i = 0; i < 50; ++i) counts.push_back(random() & largest_count);
    const std::vector<u128> found = rounded_by(GetParam(), counts, to);
    ASSERT_EQ(found.size(), counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i)
      EXPECT_EQ(static_cast<u64>(found[i]), nearest(counts[i], to)) << counts[i] << " to multiples of " << to;
  }
}

TEST(Rounding, EqualsPlainArithmeticForEveryMultiple) {
  Counts counts(1000);
  std::iota(counts.begin(), counts.end(), u64{0});
  for (u64 to = 2; to <= largest_rounding; ++to) {
    const std::vector<u128> found = rounded_by("replicated3", counts, to);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      ASSERT_EQ(static_cast<u64>(found[i]), nearest(counts[i], to)) << counts[i] << " to multiples of " << to;
      const u64 off =
          std::max<u64>(counts[i], static_cast<u64>(found[i])) - std::min<u64>(counts[i], static_cast<u64>(found[i]));
      ASSERT_LE(off, most_off(to));
    }
  }
}

// From the least number that shows, all that round alike show; and no smaller number would do.
TEST(Rounding, TheLeastNumberShownIsTheFirstOfThoseThatRoundAlike) {
  for (u64 to = 2; to <= largest_rounding; ++to) {
    for (u64 minimum = 1; minimum < 250; ++minimum) {
      u64 want = minimum;
      while (want > 0 && nearest(want - 1, to) == nearest(want, to)) ++want;
      EXPECT_EQ(least_shown(minimum, to), want) << minimum << " " << to;
    }
  }
  EXPECT_EQ(least_shown(7, 5), 8u);
  EXPECT_EQ(least_shown(11, 5), 13u);
  EXPECT_EQ(least_shown(11, 1), 11u);
}

struct View {
  ReleasedCells released;
  std::vector<mpc::Cost> costs;  // of every party
};

View run(const char* protocol, const std::function<mpc::SharedCells(Engine&)>& cells, const ReleaseRule& rule) {
  View view;
  view.costs.resize(4);
  view.released = mpc::simulate(protocol, [&](Engine& engine) {
                    const auto outcome = release(engine, {.cells = cells(engine), .curve = {}}, rule);
                    view.costs.at(static_cast<std::size_t>(engine.self())) = engine.cost();
                    return *outcome.cells;
                  }).front();
  return view;
}

View run_counts(const char* protocol, const Counts& counts, const ReleaseRule& rule,
                const std::vector<std::size_t>& totals = {}) {
  return run(
      protocol,
      [&](Engine& engine) {
        return mpc::SharedCells{.people = share(engine, counts), .values = {}, .totals = totals, .counts_only = true};
      },
      rule);
}

// What an attacker has is the release and what one party received. A party's shares are uniform by themselves
// (tests/conformance), so of its messages only their number and sizes could tell something.
void expect_same_view(const View& a, const View& b, const std::string& what) {
  EXPECT_EQ(a.released.passed, b.released.passed) << what;
  EXPECT_EQ(a.released.people, b.released.people) << what;
  EXPECT_EQ(a.released.values, b.released.values) << what;
  for (std::size_t party = 0; party < a.costs.size(); ++party) EXPECT_EQ(a.costs[party], b.costs[party]) << what;
}

TEST_P(Rounding, EveryNumberThatRoundsToTheReleasedOneIsPossible) {
  const u64 to = 5;
  const ReleaseRule rule{.minimum_cell = least_shown(7, to), .round_to = to};
  const Counts truth = {3, 7, 8, 12, 13, 40, 1002};
  const View view = run_counts(GetParam(), truth, rule);
  std::size_t tried = 0;
  for (std::size_t place = 0; place < truth.size(); ++place) {
    if (!view.released.people[place]) continue;
    const u64 shown = static_cast<u64>(*view.released.people[place]);
    EXPECT_EQ(shown, nearest(truth[place], to));
    for (u64 other = shown - to; other <= shown + to; ++other) {
      if (nearest(other, to) != shown) continue;
      Counts counts = truth;
      counts[place] = other;
      expect_same_view(view, run_counts(GetParam(), counts, rule),
                       std::to_string(other) + " as " + std::to_string(shown));
      ++tried;
    }
  }
  EXPECT_EQ(tried, 5u * 5u);
}

// Of those with the event, too: none, which is told, or any number that rounds alike.
TEST_P(Rounding, EveryNumberWithTheEventIsPossible) {
  const u64 to = 5;
  const ReleaseRule rule{.minimum_cell = least_shown(3, to), .round_to = to};
  const Counts people = {60, 61, 62, 63};
  const auto view_of = [&](const Counts& with) {
    return run(
        GetParam(),
        [&](Engine& engine) {
          const Shared<u128> events = share(engine, with);
          return mpc::SharedCells{
              .people = share(engine, people), .values = {events}, .events = events, .counts_only = true};
        },
        rule);
  };
  const Counts truth = {0, 2, 20, 33};
  const View view = view_of(truth);
  EXPECT_EQ(view.released.passed, (std::vector<bool>{true, false, true, true}));
  EXPECT_EQ(view.released.values[0], (std::vector<u128>{0, 0, 20, 35}));
  for (const std::size_t place : {std::size_t{2}, std::size_t{3}}) {
    const u64 shown = static_cast<u64>(view.released.values[0][place]);
    for (u64 other = shown - to / 2; other <= shown + to / 2; ++other) {
      Counts with = truth;
      with[place] = other;
      expect_same_view(view, view_of(with), std::to_string(other));
    }
  }
}

// Why the minimum is raised: of at least 7, only 7 itself rounds to 5.
TEST(Rounding, WithAMinimumWithinAStepTheNumberBesideItWouldBeTold) {
  const ReleaseRule unsafe{.minimum_cell = 7, .round_to = 5};
  const View seven = run_counts("plaintext", {7}, unsafe);
  EXPECT_EQ(seven.released.people[0], u128{5});
  for (const u64 other : {3, 4, 5, 6}) EXPECT_FALSE(run_counts("plaintext", {other}, unsafe).released.passed[0]);
  EXPECT_FALSE(run_counts("plaintext", {7}, {.minimum_cell = least_shown(7, 5), .round_to = 5}).released.passed[0]);
}

// Totals of what is shown are rounded by themselves, so 13 and 13 (15 and 15) make 26 (25).
TEST_P(Rounding, TotalsAreRoundedByThemselves) {
  const ReleaseRule rule{.minimum_cell = 3, .round_to = 5};
  const ReleasedCells cells = run_counts(GetParam(), {13, 13, 1, 40, 1, 1}, rule, {2, 6}).released;
  EXPECT_EQ(cells.people[0], u128{15});
  EXPECT_EQ(cells.people[1], u128{15});
  EXPECT_FALSE(cells.passed[2]);
  EXPECT_EQ(cells.totals[0][0], u128{25});
  EXPECT_EQ(cells.totals[0][1], std::nullopt);  // with 40, the one person would follow
  // Which totals show is decided on exact numbers, as without rounding.
  const ReleasedCells exact = run_counts(GetParam(), {13, 13, 1, 40, 1, 1}, {.minimum_cell = 3}, {2, 6}).released;
  ASSERT_EQ(exact.totals.size(), cells.totals.size());
  for (std::size_t level = 0; level < exact.totals.size(); ++level) {
    for (std::size_t block = 0; block < exact.totals[level].size(); ++block) {
      ASSERT_EQ(exact.totals[level][block].has_value(), cells.totals[level][block].has_value());
      if (exact.totals[level][block]) {
        EXPECT_EQ(static_cast<u64>(*cells.totals[level][block]),
                  nearest(static_cast<u64>(*exact.totals[level][block]), 5));
      }
    }
  }
}

}  // namespace
}  // namespace cohortium::release
