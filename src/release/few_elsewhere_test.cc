// What a site learns about few people of the others: the comparison against plain arithmetic, and a site as the attacker, who
// knows its own records, the rules and everything that is released.
#include "release/few_elsewhere.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>

#include "mpc/simulate.h"
#include "release/door.h"

namespace cohortium::release {
namespace {

using mpc::Engine;
using mpc::Shared;
using mpc::u128;
using mpc::u64;
using Counts = std::vector<u64>;
using Sites = std::vector<Counts>;  // by site

constexpr u64 minimum = 3;

Counts sum_of(const Sites& sites) {
  Counts sum(sites.front().size());
  for (const Counts& site : sites)
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += site[i];
  return sum;
}

Shared<u128> share(Engine& engine, const Counts& values) {
  const std::vector<u128> wide(values.begin(), values.end());
  return engine.share(0, engine.self() == 0 ? std::span<const u128>(wide) : std::span<const u128>(), values.size());
}

class FewElsewhere : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Protocols, FewElsewhere,
                         ::testing::Values("plaintext", "replicated3", "replicated3-malicious", "replicated4"),
                         [](const auto& protocol) {
                           std::string name = protocol.param;
                           std::erase(name, '-');
                           return name;
                         });

bool few_at_others(const Sites& sites, std::size_t place) {
  const u64 all = sum_of(sites)[place];
  for (const Counts& site : sites) {
    const u64 others = all - site[place];
    if (others > 0 && others < minimum) return true;
  }
  return false;
}

TEST_P(FewElsewhere, EqualsPlainArithmetic) {
  for (const std::size_t number : {2, 3, 5}) {
    Sites sites(number);
    // All combinations of 0 to 4 people at the first three sites; few at the others.
    for (u64 code = 0; code < 125; ++code) {
      for (std::size_t s = 0; s < number; ++s) {
        const u64 divisor = s == 0 ? 1 : s == 1 ? 5 : 25;
        sites[s].push_back(s < 3 ? code / divisor % 5 : code % 2);
      }
    }
    for (Counts& site : sites) site.push_back(u64{1} << 26);
    const auto found = mpc::simulate(GetParam(), [&](Engine& engine) {
      std::vector<Shared<u64>> parts;
      for (const Counts& site : sites) parts.push_back(narrow(share(engine, site)));
      return engine.open_bits(few_elsewhere(engine, narrow(share(engine, sum_of(sites))), parts, minimum));
    });
    for (std::size_t i = 0; i < sites[0].size(); ++i)
      EXPECT_EQ((found.front()[i / 64] >> (i % 64)) & 1, few_at_others(sites, i)) << number << " sites, place " << i;
  }
}

// A table of two columns of two levels with its totals; before it or behind it the people by the first column, or all.
enum class Beside { kNothing, kRowsBefore, kRowsBehind, kAllBefore, kAllBehind };

Counts rows_of(const Counts& cells) { return {cells[0] + cells[1], cells[2] + cells[3]}; }
Counts all_of(const Counts& cells) { return {cells[0] + cells[1] + cells[2] + cells[3]}; }
bool by_rows(Beside beside) { return beside == Beside::kRowsBefore || beside == Beside::kRowsBehind; }
Counts beside_of(Beside beside, const Counts& cells) { return by_rows(beside) ? rows_of(cells) : all_of(cells); }

Population where(std::map<std::size_t, std::vector<bool>> classes) { return simplified({std::move(classes)}); }

using View = std::vector<std::optional<u128>>;  // cells, totals, then what stands beside

View release_of(const Sites& sites, Beside beside, const char* protocol = "plaintext") {
  const auto cells_of = [&](Engine& engine, const std::function<Counts(const Counts&)>& counts) {
    mpc::SharedCells cells{.people = share(engine, counts(sum_of(sites))), .values = {}};
    for (const Counts& site : sites) cells.sites.push_back({.people = share(engine, counts(site))});
    return cells;
  };
  const auto outcomes = mpc::simulate(protocol, [&](Engine& engine) {
    std::vector<mpc::SharedOutcome> made;
    std::vector<Counted> counted;
    const auto add_table = [&] {
      mpc::SharedCells cells = cells_of(engine, [](const Counts& c) { return c; });
      cells.totals = {2, 4};
      made.push_back({.cells = std::move(cells), .curve = {}});
      Counted& table = counted.emplace_back();
      for (const bool a : {true, false})
        for (const bool b : {true, false}) table.people.push_back(where({{0, {a, !a}}, {1, {b, !b}}}));
    };
    const bool before = beside == Beside::kRowsBefore || beside == Beside::kAllBefore;
    if (!before) add_table();
    if (beside != Beside::kNothing) {
      made.push_back({.cells = cells_of(engine, [&](const Counts& c) { return beside_of(beside, c); }), .curve = {}});
      Counted& margin = counted.emplace_back();
      if (by_rows(beside)) {
        margin.people = {where({{0, {true, false}}}), where({{0, {false, true}}})};
      } else {
        margin.people = {where({})};
      }
    }
    if (before) add_table();
    ReleasedStudy released = release(engine, made, counted, {.minimum_cell = minimum, .protect_sites = true});
    if (before) std::swap(released.outcomes[0], released.outcomes[1]);
    View view = released.outcomes[0].cells->people;
    for (const auto& level : released.outcomes[0].cells->totals) view.insert(view.end(), level.begin(), level.end());
    if (beside != Beside::kNothing) {
      const auto& margin = released.outcomes[1].cells->people;
      view.insert(view.end(), margin.begin(), margin.end());
    }
    return view;
  });
  return outcomes.front();
}

// All that a view may count of some cells.
Counts counted(Beside beside, const Counts& cells) {
  Counts all = cells, rows = rows_of(cells), total = all_of(cells);
  all.insert(all.end(), rows.begin(), rows.end());
  all.insert(all.end(), total.begin(), total.end());
  if (beside == Beside::kNothing) return all;
  const Counts margin = beside_of(beside, cells);
  all.insert(all.end(), margin.begin(), margin.end());
  return all;
}

// What is shown is shown truly, and of none is all but a few people of one site.
void check_shown(const Sites& sites, Beside beside, const View& view) {
  const Counts truth = counted(beside, sum_of(sites));
  ASSERT_EQ(view.size(), truth.size());
  for (std::size_t i = 0; i < view.size(); ++i) {
    if (!view[i]) continue;
    EXPECT_EQ(static_cast<u64>(*view[i]), truth[i]);
    for (const Counts& site : sites) {
      const u64 others = truth[i] - counted(beside, site)[i];
      EXPECT_TRUE(others == 0 || others >= minimum) << "place " << i;
    }
  }
}

// Of the cells in which the other site has few people: how many, and of how many the first site can tell some number below the
// minimum not to be it; of how many it can tell the number.
struct Found {
  std::size_t secrets = 0, narrowed = 0, named = 0;
};

void attack(const Sites& sites, Beside beside, u64 most, Found& found) {
  const View view = release_of(sites, beside);
  std::vector<std::set<u64>> possible(4);
  Counts other(4);
  const std::function<void(std::size_t)> fill = [&](std::size_t place) {
    if (place < 4) {
      for (other[place] = 0; other[place] <= most; ++other[place]) fill(place + 1);
      return;
    }
    bool news = false;
    for (std::size_t i = 0; i < 4; ++i) news = news || (other[i] < minimum && !possible[i].contains(other[i]));
    const Counts all = counted(beside, sum_of({sites[0], other}));
    for (std::size_t i = 0; news && i < view.size(); ++i) news = !view[i] || static_cast<u64>(*view[i]) == all[i];
    if (!news || release_of({sites[0], other}, beside) != view) return;
    for (std::size_t i = 0; i < 4; ++i)
      if (other[i] < minimum) possible[i].insert(other[i]);
  };
  fill(0);
  for (std::size_t i = 0; i < 4; ++i) {
    if (sites[1][i] == 0 || sites[1][i] >= minimum) continue;
    ++found.secrets;
    // That others have nobody is told where a site has enough people of its own: the number shows then.
    found.narrowed += possible[i].size() < minimum - (sites[0][i] >= minimum ? 1 : 0);
    found.named += possible[i].size() < 2;
  }
}

Found attack_random(Beside beside) {
  std::mt19937_64 random(7);
  Found found;
  for (int trial = 0; trial < 15; ++trial) {
    Sites sites(2, Counts(4));
    for (u64& count : sites[0]) count = random() % 3 == 0 ? random() % minimum : 6 + random() % 10;
    for (u64& count : sites[1]) count = random() % 2 == 0 ? 1 + random() % (minimum - 1) : minimum + random() % 4;
    check_shown(sites, beside, release_of(sites, beside));
    attack(sites, beside, 9, found);
  }
  return found;
}

TEST(FewElsewhereAttack, OfATableASiteFindsEveryNumberForTheFewPeopleOfTheOther) {
  const Found found = attack_random(Beside::kNothing);
  EXPECT_GT(found.secrets, 20u);
  EXPECT_EQ(found.narrowed, 0u);
}

// Beside another analysis, which numbers gave way may leave fewer numbers (docs/disclosure.md), but never one.
TEST(FewElsewhereAttack, BesideAnotherAnalysisNoNumberIsNamed) {
  for (const Beside beside : {Beside::kRowsBefore, Beside::kRowsBehind, Beside::kAllBefore, Beside::kAllBehind}) {
    const Found found = attack_random(beside);
    EXPECT_GT(found.secrets, 20u);
    EXPECT_EQ(found.named, 0u) << static_cast<int>(beside);
    EXPECT_LE(found.narrowed, 3u) << static_cast<int>(beside);
  }
}

// Without the rule a site subtracts.
TEST(FewElsewhereAttack, WithoutTheRuleTheNumberShows) {
  const Counts own = {20, 30}, other = {2, 30};
  const auto cells = [&](Engine& engine) {
    return mpc::SharedCells{.people = share(engine, sum_of({own, other})), .values = {}};
  };
  const auto released = mpc::simulate("plaintext", [&](Engine& engine) {
    return release(engine, {.cells = cells(engine), .curve = {}}, {.minimum_cell = 3});
  });
  EXPECT_EQ(static_cast<u64>(*released.front().cells->people[0]) - own[0], other[0]);
}

TEST_P(FewElsewhere, WhatShowsIsTheSameUnderEveryProtocol) {
  const Sites sites = {{20, 4, 9, 0}, {1, 5, 0, 30}, {1, 3, 6, 0}};
  // Two people beside the first site's 20. Of the last cell the second site learns that others have nobody. The total of the
  // first row, and so that of all, would tell its first cell.
  EXPECT_EQ(release_of(sites, Beside::kNothing, GetParam()),
            (View{std::nullopt, 12, 15, 30, std::nullopt, 45, std::nullopt}));
  const Sites two = {{20, 20, 9, 9}, {2, 2, 9, 9}};
  EXPECT_EQ(release_of(two, Beside::kNothing, GetParam())[4], std::nullopt);  // 4 people elsewhere: both have 2
  for (const Beside beside : {Beside::kRowsBefore, Beside::kRowsBehind, Beside::kAllBefore, Beside::kAllBehind})
    EXPECT_EQ(release_of(sites, beside, GetParam()), release_of(sites, beside));
}

// With the event and without it, each by itself; and what is opened together is closed together.
TEST_P(FewElsewhere, LooksAtThoseWithTheEventAndWithout) {
  const auto run = [&](const Sites& people, const Sites& with, bool together) {
    return mpc::simulate(
               GetParam(),
               [&](Engine& engine) {
                 const Shared<u128> events = share(engine, sum_of(with));
                 mpc::SharedCells cells{.people = share(engine, sum_of(people)),
                                        .values = {events},
                                        .together = together,
                                        .events = events};
                 for (std::size_t s = 0; s < people.size(); ++s)
                   cells.sites.push_back({.people = share(engine, people[s]), .events = share(engine, with[s])});
                 return *release(engine, {.cells = cells, .curve = {}},
                                 {.minimum_cell = minimum, .protect_sites = true})
                             .cells;
               })
        .front();
  };
  //                 fine; people elsewhere few; with the event few; without it few
  const Sites people = {{20, 30, 20, 20}, {20, 2, 20, 20}}, with = {{9, 9, 9, 9}, {8, 0, 2, 18}};
  const auto released = run(people, with, false);
  EXPECT_EQ(released.passed, (std::vector<bool>{true, false, false, true}));
  EXPECT_EQ(released.people, (View{40, std::nullopt, std::nullopt, std::nullopt}));
  EXPECT_EQ(released.values[0], (std::vector<u128>{17, 0, 0, 27}));
  ASSERT_EQ(released.vetoed.size(), 1u);
  EXPECT_EQ(released.vetoed[0].first, "protection of sites");
  EXPECT_EQ(released.vetoed[0].second, 2u);
  const auto closed = run(people, with, true);
  EXPECT_EQ(closed.passed, std::vector<bool>(4));
  EXPECT_EQ(closed.people, View(4));
}

}  // namespace
}  // namespace cohortium::release
