// Effect sizes, meta-analysis, interim looks and monitoring on degenerate input and at their edges.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "statistics/analysis.h"
#include "statistics/testing/columns.h"
#include "statistics/testing/run_analysis.h"

namespace cohortium::statistics {
namespace {

using nlohmann::json;

std::vector<data::ColumnDeclaration> columns() {
  data::ColumnDeclaration x;
  x.name = "x", x.low = 0, x.high = 10;
  return {category("arm", {"a", "b"}), category("ill", {"yes", "no"}), category("week", {"1", "2", "3"}), x};
}

struct Row {
  std::uint16_t arm, ill, week;
  double x;
};

data::Table table_of(const std::vector<Row>& rows, std::size_t site = 0, std::size_t sites = 1) {
  data::Table table;
  table.rows = rows.size();
  table.site = site;
  table.sites = sites;
  for (const auto& declaration : columns()) table.columns.push_back({.declaration = declaration});
  for (const Row& row : rows) {
    table.columns[0].level.push_back(row.arm);
    table.columns[1].level.push_back(row.ill);
    table.columns[2].level.push_back(row.week);
    table.columns[3].number.push_back(row.x);
  }
  return table;
}

// n people each of a and b with and without the outcome.
std::vector<Row> two_by_two(int a, int b, int c, int d) {
  std::vector<Row> rows;
  for (int i = 0; i < a + b + c + d; ++i)
    rows.push_back({std::uint16_t(i >= a + b), std::uint16_t(i < a + b ? i >= a : i >= a + b + c), std::uint16_t(i % 3),
                    2.0 + i % 7});
  return rows;
}

json estimate(const json& result, const std::string& name) {
  for (const json& one : result["estimates"])
    if (one["name"] == name) return one;
  return nullptr;
}

class Effects : public ::testing::TestWithParam<const char*> {
 protected:
  json run(const AnalysisEntry& entry, const std::vector<data::Table>& tables) {
    const auto analysis = make_analysis(entry, "/analyses/0", columns(), {.minimum_cell = 1});
    return run_analysis(GetParam(), *analysis, tables);
  }
};
INSTANTIATE_TEST_SUITE_P(Protocols, Effects, ::testing::Values("plaintext", "replicated3"));

const AnalysisEntry effect{.id = "e", .kind = "effect_size", .by = {"arm"}, .outcome = "ill", .positive = {"yes"}};

TEST_P(Effects, ZerosLeaveRatiosUndefinedButNotTheDifference) {
  const json result = run(effect, {table_of(two_by_two(5, 5, 0, 10))});
  EXPECT_NEAR(estimate(result, "risk difference")["value"].get<double>(), 0.5, 1e-15);
  EXPECT_TRUE(estimate(result, "risk ratio")["value"].is_null());
  EXPECT_TRUE(estimate(result, "odds ratio")["value"].is_null());
  const json nobody = run(effect, {table_of(two_by_two(0, 10, 0, 10))});
  EXPECT_TRUE(nobody["p"].is_null());
  EXPECT_EQ(nobody["note"], "everybody or nobody has the outcome");
  EXPECT_EQ(run(effect, {table_of(two_by_two(0, 0, 3, 10))})["note"], "a group is empty");
}

TEST_P(Effects, AConstantColumnHasNoStandardisedDifference) {
  std::vector<Row> rows = two_by_two(5, 5, 4, 6);
  for (Row& row : rows) row.x = 3;
  const AnalysisEntry balance{.id = "b", .kind = "effect_size", .by = {"arm"}, .columns = {"x", "week"}};
  const json result = run(balance, {table_of(rows)});
  EXPECT_TRUE(estimate(result, "x")["value"].is_null());
  EXPECT_FALSE(estimate(result, "week = 1")["value"].is_null());
  EXPECT_EQ(result["groups"][0]["mean"], 3.0);
}

AnalysisEntry pooled(const std::string& measure, const std::string& method) {
  AnalysisEntry entry{.id = "m", .kind = "meta_analysis", .by = {"arm"}, .method = method};
  entry.measure = measure;
  if (measure == "mean_difference")
    entry.column = "x";
  else
    entry.outcome = "ill", entry.positive = {"yes"};
  return entry;
}

TEST_P(Effects, EqualSitesPoolToTheirOwnEstimate) {
  std::vector<data::Table> tables;
  for (std::size_t site = 0; site < 4; ++site) tables.push_back(table_of(two_by_two(12, 8, 6, 14), site, 4));
  const double odds = std::log(12 * 14 / (8.0 * 6)), error = std::sqrt((1 / 12.0 + 1 / 8.0 + 1 / 6.0 + 1 / 14.0) / 4);
  for (const char* method : {"fixed", "random"}) {
    const json result = run(pooled("log_odds_ratio", method), tables);
    EXPECT_NEAR(estimate(result, "log odds ratio")["value"].get<double>(), odds, 1e-9) << method;
    EXPECT_NEAR(estimate(result, "standard error")["value"].get<double>(), error, 1e-9) << method;
    EXPECT_NEAR(estimate(result, "heterogeneity (Q)")["value"].get<double>(), 0, 1e-8) << method;
    EXPECT_NEAR(estimate(result, "I² (%)")["value"].get<double>(), 0, 1e-8) << method;
  }
}

// What pooling by restricted likelihood finds is held in between_sites_test.cc and to R in tests/golden.
TEST_P(Effects, WhatDoesNotConvergeIsSaid) {
  std::vector<data::Table> tables;
  for (int site = 0; site < 4; ++site)
    tables.push_back(
        table_of(two_by_two(12 + 9 * site, 8, 6, 14 + 30 * (site % 2)), static_cast<std::size_t>(site), 4));
  AnalysisEntry entry = pooled("log_odds_ratio", "reml");
  const json result = run(entry, tables);
  EXPECT_GT(estimate(result, "variance between sites (tau²)")["value"].get<double>(), 0.1);
  entry.steps = 1;
  const json early = run(entry, tables);
  EXPECT_TRUE(early["estimates"].empty());
  EXPECT_EQ(early["note"], "the variance between sites has not converged in 1 steps");
  tables.resize(2);
  EXPECT_EQ(run(entry, tables)["note"], "fewer than three sites have an estimate");
}

TEST_P(Effects, EmptySitesAndGroupsTakeNoPart) {
  std::vector<data::Table> tables;
  for (std::size_t site = 0; site < 5; ++site)
    tables.push_back(table_of(site == 1   ? std::vector<Row>()
                              : site == 3 ? two_by_two(0, 0, 3, 9)
                                          : two_by_two(9, 8 + static_cast<int>(site), 6, 14),
                              site, 5));
  for (const char* measure : {"log_odds_ratio", "risk_difference", "mean_difference"})
    EXPECT_EQ(estimate(run(pooled(measure, "random"), tables), "sites")["value"], 3.0) << measure;
}

TEST(EffectsAtASite, AnEstimateBeyondAllBoundsIsRefused) {
  std::vector<Row> rows = two_by_two(10, 10, 10, 10);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].x = i < 20 ? 2 : 8;
  rows[0].x = 2.0001;  // hardly any variance
  const auto analysis =
      make_analysis(pooled("mean_difference", "fixed"), "/analyses/0", columns(), {.minimum_cell = 1});
  try {
    analysis->local(table_of(rows, 0, 3));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, "study.estimate_out_of_range");
  }
}

TEST_P(Effects, LooksDecideByTheBoundaryAlone) {
  AnalysisEntry look{
      .id = "s", .kind = "sequential", .by = {"arm"}, .outcome = "ill", .positive = {"yes"}, .method = "proportions"};
  look.information = {0.5};  // boundary 2.963
  // Chi-square of 30 / 20 against 15 / 35 is 9.09: Z 3.015; of 29 / 21 against 15 / 35, 7.95: Z 2.82.
  EXPECT_EQ(run(look, {table_of(two_by_two(30, 20, 15, 35))})["decision"], "stop, a is higher");
  EXPECT_EQ(run(look, {table_of(two_by_two(15, 35, 30, 20))})["decision"], "stop, a is lower");
  EXPECT_EQ(run(look, {table_of(two_by_two(29, 21, 15, 35))})["decision"], "continue");
  EXPECT_EQ(run(look, {table_of(two_by_two(0, 50, 0, 50))})["decision"], "continue");
  look.alternative = "less";
  look.futility = -1;  // Z towards fewer in the first group
  EXPECT_EQ(run(look, {table_of(two_by_two(30, 20, 15, 35))})["decision"], "stop for futility");
  EXPECT_EQ(run(look, {table_of(two_by_two(16, 34, 15, 35))})["decision"], "continue");
  EXPECT_EQ(run(look, {table_of(two_by_two(15, 35, 30, 20))})["decision"], "stop for efficacy");
  look.futility = 0;
  EXPECT_EQ(run(look, {table_of(two_by_two(16, 34, 15, 35))})["decision"], "stop for futility");
  EXPECT_EQ(run(look, {table_of(two_by_two(14, 36, 15, 35))})["decision"], "continue");
  EXPECT_EQ(run(look, {table_of(two_by_two(0, 50, 0, 50))})["decision"], "continue");  // there is no variance
}

TEST_P(Effects, LooksSpendTypeTwoErrorToo) {
  AnalysisEntry look{
      .id = "s", .kind = "sequential", .by = {"arm"}, .outcome = "ill", .positive = {"yes"}, .method = "proportions"};
  look.alternative = "greater", look.beta = 0.1, look.planned = {1 / 3.0, 2 / 3.0, 1},
  look.information = {1 / 3.0, 2 / 3.0};
  // At or below 1.00246 futile. Z of 25 / 25 against 20 / 30: 1.0050; of 32 / 68 against 26 / 74: 0.9351.
  const json result = run(look, {table_of(two_by_two(25, 25, 20, 30))});
  EXPECT_EQ(result["decision"], "continue");
  const json& futility = result["estimates"][5];
  EXPECT_TRUE(futility["name"].get<std::string>().starts_with("boundary for futility at 66.66"));
  EXPECT_NEAR(futility["value"].get<double>(), 1.0024595610, 1e-6);
  EXPECT_EQ(run(look, {table_of(two_by_two(32, 68, 26, 74))})["decision"], "stop for futility");
  EXPECT_EQ(run(look, {table_of(two_by_two(35, 15, 20, 30))})["decision"], "stop for efficacy");
  look.information.push_back(1);  // the last look decides one way or the other
  EXPECT_EQ(run(look, {table_of(two_by_two(25, 25, 20, 30))})["decision"], "stop for futility");
}

TEST_P(Effects, LooksAtMeans) {
  AnalysisEntry look{.id = "s", .kind = "sequential", .column = "x", .by = {"arm"}, .method = "means"};
  look.information = {1};
  std::vector<Row> rows = two_by_two(20, 20, 20, 20);
  EXPECT_EQ(run(look, {table_of(rows)})["decision"], "continue");
  for (std::size_t i = 0; i < 40; ++i) rows[i].x += 1.5;  // Z = 0.75 * 2 / 2.1 * sqrt(20), about 3
  EXPECT_EQ(run(look, {table_of(rows)})["decision"], "stop, a is higher");
  for (Row& row : rows) row.x = 4;
  EXPECT_EQ(run(look, {table_of(rows)})["decision"], "continue");
}

TEST_P(Effects, MonitoringSeesTheFirstPeriodAtTheBoundary) {
  AnalysisEntry watch{.id = "w",
                      .kind = "safety_monitoring",
                      .by = {"week"},
                      .outcome = "ill",
                      .positive = {"yes"},
                      .method = "poisson"};
  watch.expected = {1, 1, 1};
  watch.threshold = 6 * std::log(3.0) - 4;  // reached by exactly 6 where 2 are expected
  std::vector<Row> rows;
  for (int i = 0; i < 6; ++i) rows.push_back({0, 0, std::uint16_t(i < 2 ? 0 : 1), 0});
  EXPECT_EQ(run(watch, {table_of(rows)})["first_signal"], "2");
  rows.pop_back();
  EXPECT_EQ(run(watch, {table_of(rows)})["signal"], false);
  EXPECT_EQ(run(watch, {table_of({})})["signal"], false);
}

TEST(EffectsOfBadEntries, AreRefused) {
  auto code_of = [](const AnalysisEntry& entry) -> std::string {
    try {
      make_analysis(entry, "/analyses/0", columns(), {.minimum_cell = 1});
    } catch (const Failure& failure) {
      return failure.error().code;
    }
    return "";
  };
  AnalysisEntry look{
      .id = "s", .kind = "sequential", .by = {"arm"}, .outcome = "ill", .positive = {"yes"}, .method = "proportions"};
  look.information = {0.5, 0.5};
  EXPECT_EQ(code_of(look), "study.bad_information");
  look.information = {0.5};
  look.futility = 0;
  EXPECT_EQ(code_of(look), "study.bad_information");
  look.futility.reset();
  look.beta = 0.1, look.planned = {0.5, 1};
  EXPECT_EQ(code_of(look), "study.bad_information");  // two-sided
  look.alternative = "greater";
  EXPECT_EQ(code_of(look), "");
  look.planned = {0.5, 0.9};
  EXPECT_EQ(code_of(look), "study.bad_information");
  look.planned = {0.9, 0.5, 1};
  EXPECT_EQ(code_of(look), "study.bad_information");
  AnalysisEntry watch{.id = "w",
                      .kind = "safety_monitoring",
                      .by = {"week"},
                      .outcome = "ill",
                      .positive = {"yes"},
                      .method = "poisson"};
  watch.expected = {1, 1};
  EXPECT_EQ(code_of(watch), "study.bad_monitoring");
  AnalysisEntry means = pooled("mean_difference", "fixed");
  means.column = "";
  EXPECT_EQ(code_of(means), "study.bad_measure");
  AnalysisEntry wide = effect;
  wide.by = {"week"};
  EXPECT_EQ(code_of(wide), "study.not_two_groups");
  AnalysisEntry signals{.id = "p", .kind = "disproportionality", .columns = {"arm", "ill"}};
  signals.threshold = 0.5;
  EXPECT_EQ(code_of(signals), "study.bad_threshold");
  signals.threshold = 2;
  signals.report = signals.count = "x";
  EXPECT_EQ(code_of(signals), "study.bad_report_count");
}

}  // namespace
}  // namespace cohortium::statistics
