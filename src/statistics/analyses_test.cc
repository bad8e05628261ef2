#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.h"
#include "mpc/simulate.h"
#include "statistics/analysis.h"
#include "statistics/distributions.h"
#include "statistics/hypothesis/hypergeometric.h"
#include "statistics/testing/columns.h"
#include "statistics/testing/run_analysis.h"

namespace cohortium::statistics {
namespace {

using mpc::u128;
using nlohmann::json;

std::vector<data::ColumnDeclaration> columns() {
  data::ColumnDeclaration x, y, days;
  x.name = "x", x.low = 0, x.high = 10;
  y.name = "y", y.low = 0, y.high = 10;
  days.name = "days", days.low = 0, days.high = 20, days.type = data::ColumnType::kDuration;
  return {category("arm", {"a", "b"}), category("dead", {"no", "yes"}), category("place", {"p", "q", "r"}), x, y, days};
}

struct Row {
  std::uint16_t arm, dead, place;
  double x, y;
  std::uint32_t days;
};

data::Table table_of(const std::vector<Row>& rows) {
  data::Table table;
  table.rows = rows.size();
  for (const auto& declaration : columns()) table.columns.push_back({.declaration = declaration});
  for (const Row& row : rows) {
    table.columns[0].level.push_back(row.arm);
    table.columns[1].level.push_back(row.dead);
    table.columns[2].level.push_back(row.place);
    table.columns[3].number.push_back(row.x);
    table.columns[4].number.push_back(row.y);
    table.columns[5].grid.push_back(row.days);
  }
  return table;
}

class Analyses : public ::testing::TestWithParam<const char*> {
 protected:
  // As released with a minimum of 1.
  json run(const AnalysisEntry& entry, const std::vector<Row>& rows) {
    const auto analysis = make_analysis(entry, "/analyses/0", columns(), {.minimum_cell = 1});
    return run_analysis(GetParam(), *analysis, {table_of(rows)});
  }
};
INSTANTIATE_TEST_SUITE_P(Protocols, Analyses, ::testing::Values("plaintext", "replicated3"));

TEST_P(Analyses, StrataOfOnePersonOrNobodyAddNothingToMantelHaenszel) {
  std::vector<Row> rows;
  for (int i = 0; i < 40; ++i) rows.push_back({std::uint16_t(i % 2), std::uint16_t(i % 3 == 0), 0, 0, 0, 0});
  const AnalysisEntry entry{.id = "mh", .kind = "mantel_haenszel", .by = {"arm", "dead"}, .strata = {"place"}};
  const json alone = run(entry, rows);
  rows.push_back({1, 1, 2, 0, 0, 0});  // place q stays empty
  const json with_one = run(entry, rows);
  EXPECT_NEAR(alone["statistic"].get<double>(), with_one["statistic"].get<double>(), 1e-12);
  EXPECT_NEAR(alone["estimates"][0]["value"].get<double>(), with_one["estimates"][0]["value"].get<double>(), 1e-12);
  // 13 x 7 against 7 x 13: of 20 each, 7 dead among the even, 7 among the odd.
  EXPECT_NEAR(alone["estimates"][0]["value"].get<double>(), 1, 1e-12);
}

TEST_P(Analyses, ConstantValuesGiveANoteInsteadOfATest) {
  std::vector<Row> rows;
  for (std::uint16_t i = 0; i < 10; ++i) rows.push_back({std::uint16_t(i % 2), 0, 0, 5, 5, 3});
  for (const char* kind : {"t_test", "anova", "variance_test"}) {
    const json result = run({.id = "t", .kind = kind, .column = "x", .by = {"arm"}}, rows);
    EXPECT_TRUE(result["p"].is_null()) << kind;
    EXPECT_TRUE(result.contains("note")) << kind;
  }
  const json correlation = run({.id = "r", .kind = "correlation", .columns = {"x", "y"}}, rows);
  EXPECT_TRUE(correlation["pairs"][0]["r"].is_null());
  EXPECT_EQ(correlation["pairs"][0]["covariance"], 0.0);
}

TEST_P(Analyses, NobodyGivesNoStatistic) {
  for (const char* kind : {"chi_square", "fisher", "mcnemar", "t_test", "anova", "correlation"}) {
    AnalysisEntry entry{.id = "t", .kind = kind, .column = "x", .by = {"arm"}, .columns = {"x", "y"}};
    if (entry.kind == "chi_square" || entry.kind == "fisher") entry.by = {"arm", "dead"};
    if (entry.kind == "mcnemar") continue;
    const json result = run(entry, {});
    if (result.contains("statistic")) {
      EXPECT_TRUE(result["statistic"].is_null()) << kind;
    }
  }
}

TEST_P(Analyses, QuantilesOfAnyNumberOfPeople) {
  std::vector<Row> rows;
  const AnalysisEntry entry{.id = "q", .kind = "quantiles", .column = "days", .probabilities = {0, 0.25, 0.5, 0.9, 1}};
  const std::vector<std::uint32_t> days{4, 20, 0, 7, 7, 11};
  const std::vector<std::vector<double>> expected{{4, 4, 4, 4, 4},       {4, 8, 12, 18.4, 20}, {0, 2, 4, 16.8, 20},
                                                  {0, 3, 5.5, 16.1, 20}, {0, 4, 7, 14.8, 20},  {0, 4.75, 7, 15.5, 20}};
  for (std::size_t n = 1; n <= days.size(); ++n) {
    rows.push_back({0, 0, 0, 0, 0, days[n - 1]});
    const json quantiles = run(entry, rows)["groups"][0]["quantiles"];
    for (std::size_t i = 0; i < 5; ++i)
      EXPECT_NEAR(quantiles[i].get<double>(), expected[n - 1][i], 1e-12) << n << " people, " << i;
  }
}

TEST_P(Analyses, AFunnelShowsNoSmallGroupNorADifferenceThatIsOne) {
  const std::vector<std::string> steps = {"0", "1", "2", "3", "4", "5"};
  const std::vector<data::ColumnDeclaration> column = {category("step", steps)};
  constexpr std::uint64_t minimum = 5;
  const auto analysis =
      make_analysis({.id = "f", .kind = "funnel", .column = "step"}, "/analyses/0", column, {.minimum_cell = minimum});
  // People by the last step they reach, and what is then left after each; 0 where it is withheld.
  const auto left = [&](const std::vector<std::size_t>& people) {
    data::Table table;
    table.columns.push_back({.declaration = column[0]});
    for (std::uint16_t step = 0; step < people.size(); ++step)
      table.columns[0].level.insert(table.columns[0].level.end(), people[step], step);
    table.rows = table.columns[0].level.size();
    std::vector<std::uint64_t> n;
    const json result = run_analysis(GetParam(), *analysis, {table, table});  // of two sites alike
    for (const json& step : result["steps"]) n.push_back(step["n"]);
    return n;
  };
  using Left = std::vector<std::uint64_t>;
  EXPECT_EQ(left({5, 0, 3, 0, 10, 20}), (Left{76, 66, 66, 60, 60, 40}));
  EXPECT_EQ(left({5, 0, 1, 0, 10, 20}), (Left{72, 0, 0, 60, 60, 40}));  // 2 lost by step 3
  EXPECT_EQ(left({1, 1, 1, 0, 0, 20}), (Left{46, 0, 0, 40, 40, 40}));   // 2, 4, 6 lost
  EXPECT_EQ(left({5, 5, 5, 0, 0, 2}), (Left{34, 24, 14, 0, 0, 0}));
  EXPECT_EQ(left({1, 0, 0, 0, 0, 1}), (Left{0, 0, 0, 0, 0, 0}));
  std::mt19937 random(7);
  for (int trial = 0; trial < 25; ++trial) {
    std::vector<std::size_t> people(steps.size());
    for (std::size_t& n : people) n = random() % 5;
    const Left n = left(people);
    EXPECT_EQ(n.back(), people.back() * 2 >= minimum ? people.back() * 2 : 0);
    for (std::size_t i = 0; i < n.size(); ++i)
      for (std::size_t j = i + 1; j < n.size(); ++j) {
        if (n[i] > 0) {
          EXPECT_GE(n[i], minimum);
          EXPECT_TRUE(n[j] == 0 || n[i] == n[j] || n[i] >= n[j] + minimum);
        }
      }
  }
}

TEST_P(Analyses, StandardisingForOneLevelIsTheCrudeRate) {
  std::vector<Row> rows;
  for (std::uint16_t i = 0; i < 30; ++i)
    rows.push_back({std::uint16_t(i % 2), std::uint16_t(i % 5 == 0), std::uint16_t(i % 3), 0, 0, i % 20u});
  AnalysisEntry entry{.id = "s",
                      .kind = "standardised_rate",
                      .time = "days",
                      .outcome = "dead",
                      .positive = {"yes"},
                      .standard = "arm",
                      .weights = {{"a", 0}, {"b", 2}},
                      .per = 100};
  double events = 0, time = 0;
  for (const Row& row : rows) {
    events += row.arm == 1 ? row.dead : 0;
    time += row.arm == 1 ? row.days : 0;
  }
  const json group = run(entry, rows)["groups"][0];
  EXPECT_NEAR(group["value"].get<double>(), 100 * events / time, 1e-12);
  EXPECT_NEAR(group["upper"].get<double>(), 100 * (events + 1.959963984540054 * std::sqrt(events)) / time, 1e-9);
}

TEST(ExactTest, AtTheEdgesOfItsSupport) {
  const ExactTest none = exact_test({0, 5, 5, 5}, 0.95), all = exact_test({5, 0, 5, 5}, 0.95);
  EXPECT_EQ(none.odds_ratio, 0);
  EXPECT_EQ(none.lower, 0);
  EXPECT_FALSE(all.odds_ratio.has_value());
  EXPECT_FALSE(all.upper.has_value());
  const ExactTest one = exact_test({3, 0, 4, 0}, 0.95);  // the margins allow this table only
  EXPECT_EQ(one.p, 1);
}

TEST(ExactTest, EqualTablesAreProbable) {
  const ExactTest even = exact_test({10, 10, 10, 10}, 0.95);
  EXPECT_NEAR(even.p, 1, 1e-12);
  EXPECT_NEAR(*even.odds_ratio, 1, 1e-12);
  EXPECT_NEAR(*even.lower * *even.upper, 1, 1e-12);
}

TEST(Distributions, AtKnownPoints) {
  EXPECT_NEAR(student_two_sided(2.2281388519862744, 10), 0.05, 1e-13);
  EXPECT_NEAR(student_quantile(0.975, 10), 2.2281388519862744, 1e-12);
  EXPECT_NEAR(student_two_sided(3, 2), 1 - 3 / std::sqrt(11.0), 1e-15);
  EXPECT_NEAR(f_upper_tail(3, 2, 4), 1 / (2.5 * 2.5), 1e-15);
  EXPECT_NEAR(f_upper_tail(4.964602743730711, 1, 10), 0.05, 1e-13);
  EXPECT_NEAR(f_quantile(0.95, 1, 10), 4.964602743730711, 1e-11);
  EXPECT_NEAR(poisson_lower_limit(10, 0.025), 4.795388696, 1e-9);
  EXPECT_NEAR(poisson_upper_limit(10, 0.025), 18.39035604, 1e-7);
  EXPECT_EQ(poisson_lower_limit(0, 0.025), 0);
  EXPECT_NEAR(poisson_upper_limit(0, 0.025), -std::log(0.025), 1e-12);
  EXPECT_EQ(student_two_sided(1e6, 100000), 0);
}

TEST(Entries, ThatNameTheWrongThingAreRefusedWithTheirPath) {
  auto code_and_place = [](const AnalysisEntry& entry) {
    const auto made = attempt([&] { return make_analysis(entry, "/analyses/7", columns(), {}); });
    return made.ok() ? "" : made.error().code + " " + made.error().where;
  };
  EXPECT_EQ(code_and_place({.kind = "t_test", .column = "x", .by = {"place"}}), "study.not_two_groups /analyses/7/by");
  EXPECT_EQ(code_and_place({.kind = "fisher", .by = {"arm"}}), "study.not_a_two_way_table /analyses/7/by");
  EXPECT_EQ(code_and_place({.kind = "mcnemar", .by = {"arm", "dead"}}), "study.not_a_pair /analyses/7/by");
  EXPECT_EQ(code_and_place({.kind = "chi_square", .by = {"arm", "dead", "place"}}),
            "study.not_a_two_way_table /analyses/7/by");
  EXPECT_EQ(code_and_place({.kind = "proportion", .outcome = "dead"}), "study.bad_outcome /analyses/7/positive");
  EXPECT_EQ(code_and_place({.kind = "proportion", .outcome = "dead", .positive = {"maybe"}}),
            "study.bad_outcome /analyses/7/positive");
  EXPECT_EQ(code_and_place({.kind = "standardised_rate",
                            .outcome = "dead",
                            .positive = {"yes"},
                            .standard = "arm",
                            .weights = {{"a", 1}}}),
            "study.bad_weights /analyses/7/weights");
  EXPECT_EQ(code_and_place({.kind = "quantiles", .column = "days", .probabilities = {0.12345}}),
            "study.bad_probability /analyses/7/probabilities");
  EXPECT_EQ(code_and_place({.kind = "histogram", .column = "x", .breaks = {1, 1, 2}}),
            "study.bad_breaks /analyses/7/breaks");
}

}  // namespace
}  // namespace cohortium::statistics
