#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.h"
#include "mpc/simulate.h"
#include "statistics/analysis.h"
#include "statistics/distributions.h"
#include "statistics/survival/log_rank_statistic.h"
#include "statistics/survival/survival_curve.h"
#include "statistics/testing/columns.h"
#include "statistics/testing/run_analysis.h"

namespace cohortium::statistics {
namespace {

using mpc::u128;
using nlohmann::json;

std::vector<data::ColumnDeclaration> columns(double low = 0, double high = 100) {
  data::ColumnDeclaration time = number("time", 0, 40), event, arm;
  time.type = data::ColumnType::kDuration;
  event.name = "event";
  event.type = data::ColumnType::kEvent;
  arm.name = "arm";
  arm.type = data::ColumnType::kCategory;
  arm.levels = {{"a", "A"}, {"b", "B"}, {"c", "C"}};
  return {time, event, arm, number("x", low, high)};
}

data::Table random_table(std::size_t rows, unsigned seed, double low = 0, double high = 100) {
  std::mt19937_64 random(seed);
  data::Table table;
  table.rows = rows;
  for (const auto& declaration : columns(low, high)) table.columns.push_back({.declaration = declaration});
  for (std::size_t i = 0; i < rows; ++i) {
    table.columns[0].grid.push_back(static_cast<std::uint32_t>(random() % 41));
    table.columns[1].event.push_back(random() % 3 != 0);
    table.columns[2].level.push_back(static_cast<std::uint16_t>(random() % 3));
    table.columns[3].number.push_back(low + (high - low) * static_cast<double>(random() % 1000) / 1000);
  }
  return table;
}

class Statistics : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Protocols, Statistics, ::testing::Values("plaintext", "replicated3"));

TEST_P(Statistics, LogRankEqualsThePlainFormula) {
  const data::Table table = random_table(500, 1);
  const auto analysis = make_analysis({.id = "lr", .kind = "log_rank", .time = "time", .event = "event", .by = {"arm"}},
                                      "/analyses/0", columns(), {.minimum_cell = 1});
  const json result = run_analysis(GetParam(), *analysis, {table});
  std::vector<std::vector<double>> events(3, std::vector<double>(41)), at_risk = events;
  for (std::size_t i = 0; i < table.rows; ++i) {
    const std::size_t g = table.columns[2].level[i], t = table.columns[0].grid[i];
    events[g][t] += table.columns[1].event[i];
    for (std::size_t s = 0; s <= t; ++s) at_risk[g][s] += 1;
  }
  const LogRankSums sums = log_rank_sums(events, at_risk, events[0].size());
  const LogRankTest test = log_rank_test(sums);
  EXPECT_EQ(result["df"], 2);
  EXPECT_NEAR(result["chisq"].get<double>(), *test.chi_square, 1e-9);
  EXPECT_NEAR(result["p"].get<double>(), *test.p, 1e-9);
  for (std::size_t g = 0; g < 3; ++g) {
    EXPECT_EQ(result["observed"][g], sums.observed[g]);
    EXPECT_NEAR(result["expected"][g].get<double>(), sums.expected[g], 1e-10);
    for (std::size_t h = 0; h < 3; ++h) EXPECT_NEAR(result["variance"][g][h].get<double>(), sums.variance[g][h], 1e-10);
  }
}

TEST_P(Statistics, MomentsOfALargeMeanKeepTheirDigits) {
  data::Table table = random_table(2000, 2, 1e6 - 5, 1e6 + 95);
  const auto analysis = make_analysis({.id = "x", .kind = "describe", .column = "x"}, "/analyses/0", columns(0, 1e7),
                                      {.minimum_cell = 1});
  table.columns[3].declaration = columns(0, 1e7)[3];
  long double mean = 0, squares = 0;
  for (double x : table.columns[3].number) mean += x;
  mean /= 2000;
  for (double x : table.columns[3].number) squares += (x - mean) * (x - mean);
  const json group = run_analysis(GetParam(), *analysis, {table})["groups"][0];
  EXPECT_EQ(group["n"], 2000);
  EXPECT_NEAR(group["mean"].get<double>(), static_cast<double>(mean), 1e-6);
  EXPECT_NEAR(group["variance"].get<double>(), static_cast<double>(squares / 1999), 1e-4);
}

// 10^8 rows: a hundred thousand times the aggregate of a thousand rows, all at the edges of the range.
TEST_P(Statistics, VarianceOf100MillionRowsIsNotZero) {
  data::Table table = random_table(1000, 2, 0, 1);
  const auto declared = columns(-1e6, 1e6);
  for (std::size_t i = 0; i < 1000; ++i) table.columns[3].number[i] = i % 2 == 0 ? -1e6 : 1e6;
  table.columns[3].declaration = declared[3];
  const auto analysis =
      make_analysis({.id = "x", .kind = "describe", .column = "x"}, "/analyses/0", declared, {.minimum_cell = 1});
  std::vector<mpc::u128> aggregate = analysis->local(table);
  for (mpc::u128& sum : aggregate) sum *= 100'000;
  const json group = run_analysis(GetParam(), *analysis, aggregate, {})["groups"][0];
  EXPECT_EQ(group["n"], 100'000'000);
  EXPECT_NEAR(group["mean"].get<double>(), 0, 1e-9);
  EXPECT_NEAR(group["variance"].get<double>() / 1e12, 1, 1e-7);
}

TEST(Statistics, RangesThatLeaveTheRingAreRefused) {
  const auto code_of = [](double low, double high) {
    const auto made = attempt([&] {
      return make_analysis({.id = "x", .kind = "describe", .column = "x"}, "/analyses/0", columns(low, high), {});
    });
    return made.ok() ? "" : made.error().code + " " + made.error().where;
  };
  EXPECT_EQ(code_of(0, 1e9), "");
  EXPECT_EQ(code_of(0, 1e13), "plan.overflow /analyses/0/column");
  EXPECT_EQ(code_of(0, 1e-12), "plan.underflow /analyses/0/column");
}

TEST_P(Statistics, CountsFollowTheTable) {
  const data::Table table = random_table(300, 3);
  const auto analysis =
      make_analysis({.id = "n", .kind = "count", .by = {"arm"}}, "/analyses/0", columns(), {.minimum_cell = 1});
  std::vector<int> counts(3);
  for (auto level : table.columns[2].level) ++counts[level];
  const json result = run_analysis(GetParam(), *analysis, {table});
  for (std::size_t g = 0; g < 3; ++g) EXPECT_EQ(result["cells"][g]["n"], counts[g]);
}

TEST(Statistics, EntriesThatDoNotFitAreRefusedWithTheirPath) {
  auto code_and_place = [](const AnalysisEntry& entry) {
    const auto made = attempt([&] { return make_analysis(entry, "/analyses/7", columns(), {}); });
    return made.ok() ? "" : made.error().code + " " + made.error().where;
  };
  EXPECT_EQ(code_and_place({.id = "a", .kind = "describe", .column = "y"}), "study.unknown_column /analyses/7/column");
  EXPECT_EQ(code_and_place({.id = "a", .kind = "describe", .column = "arm"}),
            "study.wrong_column_type /analyses/7/column");
  EXPECT_EQ(code_and_place({.id = "a", .kind = "kaplan_meier", .time = "time", .event = "x"}),
            "study.wrong_column_type /analyses/7/event");
  EXPECT_EQ(code_and_place({.id = "a", .kind = "log_rank", .time = "time", .event = "event"}),
            "study.too_few_groups /analyses/7/by");
  EXPECT_EQ(code_and_place({.id = "a", .kind = "magic"}), "study.unknown_analysis /analyses/7/kind");
}

TEST(Statistics, MedianLiesInTheMiddleOfAFlatHalf) {
  std::vector<CurveRow> rows;
  for (const auto& [time, at_risk, events] : {std::tuple{1.0, 4.0, 2.0}, {5.0, 2.0, 0.0}, {9.0, 1.0, 1.0}}) {
    rows.push_back({.time_from = time, .time = time, .at_risk = at_risk, .events = events, .censored = 0});
  }
  estimate_from_counts(rows);
  EXPECT_EQ(curve_statistics(rows, 0.95).median, 5.0);  // S is 1/2 from 1 to 9
  EXPECT_EQ(rows[2].survival, 0);
  EXPECT_FALSE(curve_statistics(rows, 0.95).log[2].lower.has_value());
}

TEST(Statistics, DistributionsAtKnownPoints) {
  EXPECT_NEAR(chi_square_upper_tail(3.841458820694124, 1), 0.05, 1e-12);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-14);
}

TEST(Statistics, GroupsWithoutEventsAtRiskTakeNoPart) {
  const LogRankSums sums = log_rank_sums({{0, 2, 1}, {0, 1, 1}, {0, 0, 0}}, {{5, 5, 3}, {4, 4, 3}, {0, 0, 0}}, 3);
  EXPECT_EQ(log_rank_test(sums).degrees_of_freedom, 1);
}

}  // namespace
}  // namespace cohortium::statistics
