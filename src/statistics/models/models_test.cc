// Linear and generalised linear models on few rows, where the answers are known or there are none.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.h"
#include "statistics/analysis.h"
#include "statistics/models/linear_sums.h"
#include "statistics/testing/run_analysis.h"

namespace cohortium::statistics {
namespace {

using mpc::u128;
using nlohmann::json;

std::vector<data::ColumnDeclaration> columns() {
  const data::ColumnDeclaration x{.name = "x", .low = -10, .high = 10}, z{.name = "z", .low = 0, .high = 100},
      y{.name = "y", .low = -100, .high = 100}, k{.name = "k", .low = 0, .high = 1000},
      far{.name = "far", .low = 999990, .high = 1000010};
  data::ColumnDeclaration dead{.name = "dead", .type = data::ColumnType::kEvent};
  data::ColumnDeclaration arm{.name = "arm", .type = data::ColumnType::kCategory};
  arm.levels = {{"a", "a"}, {"b", "b"}, {"c", "c"}};
  return {x, z, y, k, far, dead, arm};
}

struct Row {
  double x = 0, z = 0, y = 0, k = 0, far = 1e6;
  std::uint8_t dead = 0;
  std::uint16_t arm = 0;
};

data::Table table_of(const std::vector<Row>& rows) {
  data::Table table{.rows = rows.size()};
  for (const auto& column : columns()) table.columns.push_back({.declaration = column});
  for (const Row& row : rows) {
    const double numbers[] = {row.x, row.z, row.y, row.k, row.far};
    for (std::size_t i = 0; i < 5; ++i) table.columns[i].number.push_back(numbers[i]);
    table.columns[5].event.push_back(row.dead);
    table.columns[6].level.push_back(row.arm);
  }
  return table;
}

std::unique_ptr<Analysis> analysis_of(const AnalysisEntry& entry, mpc::u64 minimum = 1) {
  static const auto declared = columns();
  return make_analysis(entry, "/analyses/0", declared, {.minimum_cell = minimum});
}

class Models : public ::testing::TestWithParam<const char*> {
 protected:
  json run(const AnalysisEntry& entry, const std::vector<Row>& rows, mpc::u64 minimum = 1) {
    // Uneven sites, one of which has nobody.
    const std::size_t third = rows.size() / 3;
    const std::vector<Row> first(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(third)),
        second(rows.begin() + static_cast<std::ptrdiff_t>(third), rows.end());
    return run_analysis(GetParam(), *analysis_of(entry, minimum), {table_of(first), table_of({}), table_of(second)});
  }
};
INSTANTIATE_TEST_SUITE_P(Protocols, Models, ::testing::Values("plaintext", "replicated3"));

// Noise without a random number: the same everywhere.
std::vector<Row> sample(std::size_t size) {
  std::vector<Row> rows(size);
  for (std::size_t i = 0; i < size; ++i) {
    const double t = static_cast<double>(i);
    rows[i].x = 8 * std::sin(3 * t);
    rows[i].z = 50 + 40 * std::cos(5 * t + 1);
    rows[i].y = 1 + 2 * rows[i].x - 0.5 * rows[i].z + 3 * std::sin(17 * t);
    rows[i].k = std::floor(std::exp(1 + 0.1 * rows[i].x) * (1 + std::sin(29 * t)));
    rows[i].dead = std::sin(41 * t) + 0.1 * rows[i].x > 0;
    rows[i].arm = static_cast<std::uint16_t>(i % 3);
  }
  return rows;
}

template <class Call>
std::string code_of(const Call& call) {
  try {
    call();
  } catch (const Failure& failure) {
    return failure.error().code;
  }
  return "accepted";
}

double estimate(const json& result, std::size_t term) { return result.at("terms").at(term).at("estimate"); }

TEST_P(Models, HiddenAndOpenedLinearModelsAgree) {
  const auto rows = sample(60);
  AnalysisEntry entry{.id = "l", .kind = "linear", .formula = "y ~ x + z + arm"};
  const json hidden = run(entry, rows);
  entry.strength = "opened";
  const json opened = run(entry, rows);
  ASSERT_EQ(opened["terms"].size(), 5u);
  EXPECT_NEAR(estimate(opened, 1), 2, 0.2);
  for (std::size_t i = 0; i < 5; ++i) {
    for (const char* what : {"estimate", "se", "statistic", "p", "lower"}) {
      const double want = opened["terms"][i][what];
      EXPECT_NEAR(hidden["terms"][i][what].get<double>(), want, 1e-6 * std::max(std::abs(want), 1e-3)) << i << what;
    }
  }
  EXPECT_NEAR(hidden["fit"]["r_squared"].get<double>(), opened["fit"]["r_squared"].get<double>(), 1e-9);
  EXPECT_TRUE(hidden["vcov"].empty());
  EXPECT_LT(hidden["error_bound"].get<double>(), 1e-6);
  EXPECT_EQ(opened["tests"].size(), 5u);  // all terms, x, z, arm, residuals
}

TEST_P(Models, LinearModelsWithoutInterceptAndWithoutColumns) {
  const auto rows = sample(40);
  for (const char* formula : {"y ~ x + z - 1", "y ~ 1"}) {
    AnalysisEntry entry{.id = "l", .kind = "linear", .formula = formula};
    const json hidden = run(entry, rows);
    entry.strength = "opened";
    const json opened = run(entry, rows);
    for (std::size_t i = 0; i < opened["terms"].size(); ++i) {
      EXPECT_NEAR(estimate(hidden, i), estimate(opened, i), 1e-6 * std::abs(estimate(opened, i))) << formula;
      const double se = opened["terms"][i]["se"];
      EXPECT_NEAR(hidden["terms"][i]["se"].get<double>(), se, 1e-6 * se) << formula;
    }
  }
}

TEST_P(Models, RidgeShrinksAlikeInBothStrengths) {
  const auto rows = sample(40);
  AnalysisEntry entry{.id = "l", .kind = "linear", .formula = "y ~ x + z", .penalty = 20};
  const json hidden = run(entry, rows);
  entry.strength = "opened";
  const json opened = run(entry, rows);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(estimate(hidden, i), estimate(opened, i), 1e-6);
  EXPECT_LT(estimate(opened, 1), 1.8);
  EXPECT_GT(estimate(opened, 1), 1);
  EXPECT_TRUE(opened["terms"][1]["se"].is_null());
}

TEST_P(Models, DependentColumnsAreLeftOutOrRefused) {
  auto rows = sample(40);
  for (Row& row : rows) row.k = 500;
  AnalysisEntry entry{.id = "l", .kind = "linear", .formula = "y ~ x + I(2 * x) + k", .strength = "opened"};
  const json opened = run(entry, rows);
  const json alone = run({.id = "l", .kind = "linear", .formula = "y ~ x", .strength = "opened"}, rows);
  EXPECT_NEAR(estimate(opened, 1), estimate(alone, 1), 1e-12);
  EXPECT_TRUE(opened["terms"][2]["estimate"].is_null());
  EXPECT_TRUE(opened["terms"][3]["estimate"].is_null());
  EXPECT_TRUE(opened.contains("note"));
  entry.strength = "hidden";
  const json hidden = run(entry, rows);
  EXPECT_TRUE(hidden["terms"].empty());
  EXPECT_NE(hidden["note"].get<std::string>().find("hardly varies"), std::string::npos);
  entry.formula = "y ~ x + I(2 * x)";
  EXPECT_NE(run(entry, rows)["note"].get<std::string>().find("follow from"), std::string::npos);
}

TEST_P(Models, NobodyAndPerfectFits) {
  AnalysisEntry entry{.id = "l", .kind = "linear", .formula = "y ~ x", .strength = "opened"};
  EXPECT_TRUE(run(entry, {})["terms"].empty());
  auto rows = sample(20);
  for (Row& row : rows) row.y = 3 * row.x;
  const json exact = run(entry, rows);
  EXPECT_NEAR(estimate(exact, 1), 3, 1e-11);
  rows.resize(2);
  const json saturated = run(entry, rows);
  EXPECT_TRUE(saturated["terms"][1]["se"].is_null());
  EXPECT_TRUE(saturated.contains("note"));
  entry.kind = "glm", entry.family = "poisson", entry.formula = "k ~ x";
  EXPECT_TRUE(run(entry, {})["terms"].empty());
}

// Ten million people around a mean of a million, with standard deviation 1: sums as sites would give them.
TEST(Linear, LargeMeansAndManyPeopleCostNoDigits) {
  const AnalysisEntry entry{.id = "l", .kind = "linear", .formula = "y ~ far", .strength = "opened"};
  const auto analysis = analysis_of(entry);
  const std::vector<Row> four = {
      {.y = 1, .far = 999999}, {.y = 3, .far = 999999}, {.y = 5, .far = 1000001}, {.y = 9, .far = 1000001}};
  std::vector<u128> sums = analysis->local(table_of(four));
  const double times = 2'500'000;
  for (u128& sum : sums) sum *= static_cast<u128>(times);
  const json opened = run_analysis("plaintext", *analysis, sums, {});
  const double n = 4 * times, sigma = std::sqrt(10 * times / (n - 2));
  EXPECT_NEAR(estimate(opened, 1), 2.5, 1e-12);
  EXPECT_NEAR(estimate(opened, 0), 4.5 - 2.5e6, 1e-6);
  EXPECT_NEAR(opened["terms"][1]["se"].get<double>() / (sigma / std::sqrt(n)), 1, 1e-12);
  EXPECT_NEAR(opened["fit"]["sigma"].get<double>() / sigma, 1, 1e-12);
  AnalysisEntry secret = entry;
  secret.strength = "hidden";
  const auto closed = analysis_of(secret);
  std::vector<u128> margins = closed->local(table_of(four));
  for (u128& sum : margins) sum *= static_cast<u128>(times);
  for (const char* protocol : {"plaintext", "replicated3"}) {
    const json hidden = run_analysis(protocol, *closed, margins, {});
    EXPECT_NEAR(estimate(hidden, 1), 2.5, 2.5e-6);
    EXPECT_NEAR(hidden["terms"][1]["se"].get<double>() / (sigma / std::sqrt(n)), 1, 1e-6);
    EXPECT_NEAR(estimate(hidden, 0) / (4.5 - 2.5e6), 1, 1e-6);
    EXPECT_NEAR(hidden["terms"][0]["se"].get<double>() / opened["terms"][0]["se"].get<double>(), 1, 1e-6);
  }
}

TEST_P(Models, GlmEqualsClosedForms) {
  // One column of two levels: log odds and log rates follow from the counts.
  std::vector<Row> rows;
  for (int i = 0; i < 40; ++i) {
    Row row{.arm = static_cast<std::uint16_t>(i % 2)};
    row.dead = i % 2 == 0 ? i < 10 : i < 30;  // 5 of 20, 15 of 20
    row.k = i % 2 == 0 ? 2 : 6;
    rows.push_back(row);
  }
  AnalysisEntry entry{.id = "g", .kind = "glm", .formula = "dead ~ arm", .strength = "opened", .family = "binomial"};
  const json logit = run(entry, rows);
  EXPECT_NEAR(estimate(logit, 0), std::log(5.0 / 15), 1e-12);
  EXPECT_NEAR(estimate(logit, 1), std::log(9.0), 1e-12);
  EXPECT_TRUE(logit["terms"][2]["estimate"].is_null());  // nobody has level c
  EXPECT_NEAR(logit["terms"][1]["se"].get<double>(), std::sqrt(2 * (1.0 / 5 + 1.0 / 15)), 1e-12);
  EXPECT_EQ(logit["events"], 20);
  EXPECT_EQ(logit["ratio_name"], "odds ratio");
  entry.family = "poisson", entry.formula = "k ~ arm + offset(log(far))";
  const json rate = run(entry, rows);
  EXPECT_NEAR(estimate(rate, 0), std::log(2e-6), 1e-9);
  EXPECT_NEAR(estimate(rate, 1), std::log(3.0), 1e-10);
  EXPECT_NEAR(rate["fit"]["deviance"].get<double>(), 0, 1e-9);
  EXPECT_NEAR(rate["fit"]["null_deviance"].get<double>(), 2 * 20 * (2 * std::log(0.5) + 6 * std::log(1.5)), 1e-9);
}

TEST_P(Models, GaussianFamilyEqualsTheLinearModel) {
  const auto rows = sample(50);
  const AnalysisEntry linear{.id = "l", .kind = "linear", .formula = "y ~ x + z", .strength = "opened"};
  AnalysisEntry glm = linear;
  glm.kind = "glm", glm.family = "gaussian";
  const json want = run(linear, rows), got = run(glm, rows);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(estimate(got, i), estimate(want, i), 1e-10);
    EXPECT_NEAR(got["terms"][i]["p"].get<double>(), want["terms"][i]["p"].get<double>(), 1e-9);
  }
  EXPECT_NEAR(got["fit"]["aic"].get<double>(), want["fit"]["aic"].get<double>(), 1e-8);
  glm.weight = "k";  // some rows weigh nothing
  EXPECT_LT(run(glm, rows)["n"].get<int>(), 50);
}

TEST_P(Models, SeparationAndOtherFailuresAreSaid) {
  auto rows = sample(60);
  for (Row& row : rows) row.dead = row.x > 0;
  AnalysisEntry entry{.id = "g", .kind = "glm", .formula = "dead ~ x + z", .strength = "opened", .family = "binomial"};
  const json separated = run(entry, rows);
  EXPECT_TRUE(separated["terms"].empty());
  EXPECT_NE(separated["note"].get<std::string>().find("separation"), std::string::npos);
  for (Row& row : rows) row.dead = row.arm == 1 ? 1 : row.y > 0;  // a level without a survivor
  entry.formula = "dead ~ arm";
  EXPECT_NE(run(entry, rows)["note"].get<std::string>().find("separation"), std::string::npos);
  for (Row& row : rows) row.dead = 1;
  EXPECT_TRUE(run(entry, rows)["terms"].empty());
  for (Row& row : rows) row.k = 5;
  entry.family = "negative_binomial", entry.formula = "k ~ x";
  EXPECT_NE(run(entry, rows)["note"].get<std::string>().find("overdispersed"), std::string::npos);
}

TEST_P(Models, FewPeopleCloseTheModelBeforeAnyStep) {
  auto rows = sample(60);
  rows[0].arm = rows[1].arm = rows[2].arm = 2;
  for (std::size_t i = 3; i < 60; ++i) rows[i].arm = i % 2;
  AnalysisEntry entry{.id = "g", .kind = "glm", .formula = "k ~ arm", .strength = "opened", .family = "poisson"};
  for (const char* kind : {"glm", "linear"}) {
    entry.kind = kind;
    const json closed = run(entry, rows, 5);
    EXPECT_TRUE(closed["terms"].empty());
    EXPECT_NE(closed["note"].get<std::string>().find("fewer than 5"), std::string::npos);
    EXPECT_FALSE(run(entry, rows, 3)["terms"].empty());
  }
}

TEST_P(Models, WhatIsOpenedDecidesWhichCombinationsCount) {
  auto rows = sample(90);
  for (std::size_t i = 0; i < 90; ++i) {
    rows[i].dead = rows[i].arm == 1 ? i < 8 : i % 2 == 0;  // three with arm b and the event
  }
  AnalysisEntry entry{.id = "l", .kind = "linear", .formula = "y ~ arm + dead"};
  EXPECT_FALSE(run(entry, rows, 5)["terms"].empty());
  entry.formula = "y ~ arm * dead";
  EXPECT_TRUE(run(entry, rows, 5)["terms"].empty());
  entry.formula = "y ~ arm + dead", entry.strength = "opened";
  EXPECT_TRUE(run(entry, rows, 5)["terms"].empty());
  EXPECT_FALSE(run(entry, rows, 3)["terms"].empty());
  entry.formula = "y ~ factor(k)", entry.strength = "hidden";
  for (Row& row : rows) row.k = row.arm == 0 ? 3 : 4;
  rows[0].k = 5;
  EXPECT_EQ(code_of([&] { analysis_of(entry); }), "study.too_many_levels");
}

}  // namespace
}  // namespace cohortium::statistics
