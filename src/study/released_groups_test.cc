// Groups of rows are those that the study's populations describe, and what a site counts of them is what a plain count gives.
#include "study/released_groups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "study/plan.h"
#include "study/study_file.h"

namespace cohortium::study {
namespace {

using nlohmann::json;

Plan plan_of(const char* analyses) {
  json study = json::parse(R"({"cohortium": 1, "title": "t", "purpose": "p", "sites": ["a", "b"],
    "data": {"table": "x", "columns": {
      "arm": {"type": "category", "levels": ["c", "t"], "missing": [""]},
      "sex": {"type": "category", "levels": ["f", "m"]},
      "age": {"type": "number", "range": [0, 100], "missing": [""]}}}})");
  study["analyses"] = json::parse(analyses);
  return Plan(parse_study(study.dump(), "study.json"));
}

// Rows of every combination of arm (missing too), sex and of ages 10, 50, 90 and none.
data::Table every_combination(const Plan& plan) {
  const auto& columns = plan.study().data.columns;  // by name
  data::Table table{.rows = 24};
  data::Column age{.declaration = columns[0]}, arm{.declaration = columns[1]}, sex{.declaration = columns[2]};
  for (std::size_t i = 0; i < table.rows; ++i) {
    arm.missing.push_back(i % 3 == 2);
    arm.level.push_back(i % 3 == 1);
    sex.missing.push_back(0);
    sex.level.push_back(i / 3 % 2);
    age.missing.push_back(i / 6 == 3);
    age.number.push_back(i / 6 == 3 ? 0.0 : 10.0 + 40.0 * static_cast<double>(i / 6));
  }
  table.columns = {age, arm, sex};
  return table;
}

TEST(ReleasedGroups, AreWhatTheAnalysesShowAndTheirMargins) {
  const Plan plan = plan_of(R"([{"id": "t", "kind": "table", "by": ["arm", "sex"]},
    {"id": "h", "kind": "histogram", "column": "age", "breaks": [0, 50, 100]},
    {"id": "n", "kind": "count", "by": "sex"}, {"id": "w", "kind": "wilcoxon_signed_rank", "column": "age"}])");
  const ReleasedGroups groups(plan.study(), plan.declarations());
  const data::Table table = every_combination(plan);
  const auto rows = groups.of_rows(table);
  const auto families = groups.shape().families;
  ASSERT_EQ(rows.size(), families.size());
  EXPECT_EQ(families.front(), 1u);
  EXPECT_EQ(groups.shape().minimum, 11u);
  const auto family = [&](const std::function<std::size_t(std::size_t row)>& group) {
    std::vector<std::uint16_t> expected;
    for (std::size_t row = 0; row < table.rows; ++row) expected.push_back(static_cast<std::uint16_t>(group(row)));
    return std::count(rows.begin(), rows.end(), expected);
  };
  const auto arm = [](std::size_t row) { return row % 3; };
  const auto sex = [](std::size_t row) { return row / 3 % 2; };
  const auto age = [](std::size_t row) { return row / 6; };
  EXPECT_EQ(family([](std::size_t) { return 0; }), 1);
  EXPECT_EQ(family([&](std::size_t row) { return arm(row) == 2 ? no_group : 2 * arm(row) + sex(row); }), 1);
  EXPECT_EQ(family([&](std::size_t row) { return arm(row) == 2 ? std::size_t{no_group} : arm(row); }), 1);
  EXPECT_EQ(family([&](std::size_t row) { return arm(row) == 2 ? std::size_t{no_group} : sex(row); }), 1);
  EXPECT_EQ(family([&](std::size_t row) { return arm(row) == 2 ? no_group : 0; }), 1);
  EXPECT_EQ(family(sex), 1);  // of n
  EXPECT_EQ(family([&](std::size_t row) { return age(row) == 3 ? std::size_t{no_group} : age(row) == 0 ? 0 : 1; }), 1);
  EXPECT_EQ(family([&](std::size_t row) { return age(row) == 3 ? no_group : 0; }), 1);  // of h and w, once
  EXPECT_EQ(std::set(rows.begin(), rows.end()).size(), rows.size());
}

TEST(ReleasedGroups, TooManyAreLeftOutButForTheirMargins) {
  std::vector<double> breaks;
  for (int i = 0; i <= 1000; ++i) breaks.push_back(i / 10.0);
  const json analyses = {{{"id", "h"}, {"kind", "histogram"}, {"column", "age"}, {"by", "sex"}, {"breaks", breaks}}};
  const Plan plan = plan_of(analyses.dump().c_str());
  const auto families = ReleasedGroups(plan.study(), plan.declarations()).shape().families;
  EXPECT_EQ(families, (std::vector<std::size_t>{1, 1}));
}

TEST(ReleasedRows, AlikeOnesAreToldApart) {
  const ReleasedRows rows = released_rows({7, 5, 7, 7, 9}, {{0, 1, 2, 3, 4}});
  EXPECT_EQ(rows.names.size(), 5u);
  EXPECT_TRUE(std::is_sorted(rows.names.begin(), rows.names.end()));
  EXPECT_EQ(std::set(rows.names.begin(), rows.names.end()).size(), 5u);
  const auto at = [&](std::uint64_t name) {
    return rows.groups[0][static_cast<std::size_t>(std::find(rows.names.begin(), rows.names.end(), name) -
                                                   rows.names.begin())];
  };
  EXPECT_EQ(at(5), 1);
  EXPECT_EQ(at(7), 0);  // the first of them keeps its name
  EXPECT_EQ(at(9), 4);
  // Whoever has fewer of them has the first ones.
  const ReleasedRows fewer = released_rows({7, 7}, {{0, 0}});
  EXPECT_TRUE(std::includes(rows.names.begin(), rows.names.end(), fewer.names.begin(), fewer.names.end()));
}

TEST(ReleasedRows, AreCountedAsTheRuleAsks) {
  std::mt19937 random(3);
  for (int trial = 0; trial < 50; ++trial) {
    release::DifferenceShape shape{.now = {.minimum = 3, .families = {1, 3}}, .earlier = {}, .in_threes = 3};
    std::vector<ReleasedRows> releases;
    for (std::size_t r = 0; r < 4; ++r) {
      std::vector<std::uint64_t> names;
      std::vector<std::uint16_t> second;
      for (std::uint64_t name = 0; name < 100; ++name) {
        if (random() % 3 == 0) continue;
        names.push_back(name * 1000);
        second.push_back(random() % 4 == 0 ? no_group : static_cast<std::uint16_t>(random() % 3));
      }
      releases.push_back(released_rows(names, {std::vector<std::uint16_t>(names.size(), 0), second}));
      if (r > 0)
        shape.earlier.push_back({.minimum = 3, .families = r == 1 ? std::vector<std::size_t>{1} : shape.now.families});
    }
    if (trial % 5 == 0) releases[2] = {};  // this site had no part in it
    const auto group = [&](std::size_t r, std::size_t f, std::uint64_t name) -> std::size_t {
      const auto& names = releases[r].names;
      const auto found = std::lower_bound(names.begin(), names.end(), name);
      if (found == names.end() || *found != name) return no_group;
      return releases[r].groups[f][static_cast<std::size_t>(found - names.begin())];
    };
    const auto size = [&](const auto& in) {
      mpc::u128 rows = 0;
      for (std::uint64_t name = 0; name < 100'000; name += 1000) rows += in(name) ? 1 : 0;
      return rows;
    };
    std::vector<mpc::u128> expected;
    const auto families = [&](std::size_t r) { return r == 0 ? shape.now.families : shape.earlier[r - 1].families; };
    for (std::size_t r = 0; r < 4; ++r)
      for (std::size_t f = 0; f < families(r).size(); ++f)
        for (std::size_t g = 0; g < families(r)[f]; ++g)
          expected.push_back(size([&](std::uint64_t name) { return group(r, f, name) == g; }));
    for (std::size_t r = 1; r < 4; ++r)
      for (std::size_t f = 0; f < families(0).size(); ++f)
        for (std::size_t h = 0; h < families(r).size(); ++h)
          for (std::size_t a = 0; a < families(0)[f]; ++a)
            for (std::size_t b = 0; b < families(r)[h]; ++b)
              expected.push_back(size([&](std::uint64_t n) { return group(0, f, n) == a && group(r, h, n) == b; }));
    const auto left = [&](std::size_t a, std::size_t b, std::size_t c) {
      return size([&](std::uint64_t n) {
        return (group(a, 0, n) == 0) + (group(b, 0, n) == 0) != static_cast<int>(group(c, 0, n) == 0);
      });
    };
    for (const auto& [i, j] : {std::pair<std::size_t, std::size_t>{1, 2}, {1, 3}, {2, 3}}) {
      expected.push_back(left(0, i, j));
      expected.push_back(left(0, j, i));
      expected.push_back(left(i, j, 0));
    }
    EXPECT_EQ(count_differences(shape, releases[0], std::span(releases).subspan(1)), expected);
  }
}

}  // namespace
}  // namespace cohortium::study
