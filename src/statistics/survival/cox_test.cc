// Cox regression as a study runs it: against the definition in double arithmetic, and records that have no answer.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.h"
#include "oblivious/cox_reference.h"
#include "statistics/testing/run_analysis.h"

namespace cohortium::statistics {
namespace {

using nlohmann::json;
using oblivious::PlainSurvival;

std::vector<data::ColumnDeclaration> columns() {
  const data::ColumnDeclaration time{.name = "time", .type = data::ColumnType::kDuration, .low = 0, .high = 20};
  const data::ColumnDeclaration entry{.name = "entry", .type = data::ColumnType::kDuration, .low = 0, .high = 20};
  const data::ColumnDeclaration dead{
      .name = "dead", .type = data::ColumnType::kEvent, .event = {"1"}, .censored = {"0"}};
  const data::ColumnDeclaration x{.name = "x", .low = -2, .high = 3, .missing = {"NA"}};
  const data::ColumnDeclaration w{.name = "w", .low = 0, .high = 4};
  const data::ColumnDeclaration sex{
      .name = "sex", .type = data::ColumnType::kCategory, .levels = {{"0", "f"}, {"1", "m"}}};
  const data::ColumnDeclaration late{.name = "late", .type = data::ColumnType::kDuration, .low = 0.25, .high = 20.25};
  return {time, entry, dead, x, w, sex, late};
}

struct Row {
  std::uint32_t time = 1;
  bool dead = true;
  double x = 0;
  std::uint16_t sex = 0;
  std::uint32_t entry = 0;
  double w = 1;
  bool missing = false;
};

data::Table table_of(const std::vector<Row>& rows) {
  data::Table table;
  table.rows = rows.size();
  for (const auto& declaration : columns()) table.columns.push_back({.declaration = declaration});
  for (const Row& row : rows) {
    table.columns[0].grid.push_back(row.time);
    table.columns[1].grid.push_back(row.entry);
    table.columns[2].event.push_back(row.dead);
    table.columns[3].number.push_back(row.missing ? 0 : row.x);
    table.columns[3].missing.push_back(row.missing);
    table.columns[4].number.push_back(row.w);
    table.columns[5].level.push_back(row.sex);
    table.columns[6].grid.push_back(row.time);
  }
  return table;
}

AnalysisEntry entry_of(const std::string& formula) {
  AnalysisEntry entry{.id = "cox", .kind = "cox", .time = "time", .event = "dead"};
  entry.formula = formula;
  return entry;
}

// Everything at the first of three sites but the last row, which is at the third; nobody at the second.
json run(const AnalysisEntry& entry, const std::vector<Row>& rows, const char* protocol = "plaintext") {
  const auto analysis = make_analysis(entry, "/analyses/0", columns(), {.minimum_cell = 1});
  const std::vector<Row> first(rows.begin(), rows.end() - 1), last{rows.back()};
  return run_analysis(protocol, *analysis, {table_of(first), table_of({}), table_of(last)});
}

// Newton's method in double arithmetic, one covariate.
struct PlainFit {
  double beta = 0, variance = 0, likelihood = 0;
};
PlainFit plain_fit(const std::vector<Row>& rows, bool efron, bool strata) {
  PlainSurvival plain{.columns = 1};
  for (const Row& row : rows) {
    plain.entry.push_back(row.entry == 0 ? -1.0 : static_cast<double>(row.entry));
    plain.time.push_back(row.time);
    plain.weight.push_back(row.w);
    plain.offset.push_back(0);
    plain.event.push_back(row.dead);
    plain.stratum.push_back(strata ? row.sex : 0);
    plain.x.push_back(row.x);
  }
  PlainFit fit;
  for (int step = 0; step < 30; ++step) {
    const auto at = oblivious::plain_likelihood(plain, {fit.beta}, efron);
    fit.likelihood = at.value;
    fit.variance = 1 / at.information[0];
    fit.beta += at.gradient[0] / at.information[0];
  }
  return fit;
}

// The example of R's coxph.
const std::vector<Row> example{{4, true, 0, 0}, {3, true, 2, 0}, {1, true, 1, 0}, {1, false, 1, 0},
                               {2, true, 1, 1}, {2, true, 0, 1}, {3, false, 0, 1}};

void expect_fit(const json& got, const PlainFit& want) {
  ASSERT_EQ(got["terms"].size(), 1U) << got.dump();
  EXPECT_NEAR(got["terms"][0]["estimate"], want.beta, 1e-9);
  EXPECT_NEAR(got["terms"][0]["se"], std::sqrt(want.variance), 1e-9);
  EXPECT_NEAR(got["fit"]["loglik"], want.likelihood, 1e-8);
}

TEST(Cox, TheExampleOfR) {
  AnalysisEntry entry = entry_of("~ x");
  entry.strata = {"sex"};
  for (const char* protocol : {"plaintext", "replicated3"}) {
    for (const char* strength : {"hidden", "opened"}) {
      entry.strength = strength;
      const json got = run(entry, example, protocol);
      expect_fit(got, plain_fit(example, true, true));
      EXPECT_NEAR(got["terms"][0]["estimate"], 0.8023, 1e-4);
      EXPECT_NEAR(got["tests"][0]["statistic"], 1.09, 5e-3);
      EXPECT_EQ(got["n"], 7);
      EXPECT_EQ(got["events"], 5);
    }
  }
}

TEST(Cox, EntriesWeightsAndBreslow) {
  std::mt19937 random(5);
  std::vector<Row> rows;
  const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
  for (int i = 0; i < 40; ++i) {
    Row row{.time = 1 + below(9), .dead = below(3) > 0, .x = below(40) / 10.0 - 1};
    row.entry = below(row.time);
    row.w = 0.25 + below(8) / 4.0;
    rows.push_back(row);
  }
  AnalysisEntry entry = entry_of("~ x");
  entry.entry = "entry";
  entry.weight = "w";
  entry.ties = "breslow";
  expect_fit(run(entry, rows), plain_fit(rows, false, false));
  entry.ties = "efron";
  expect_fit(run(entry, rows), plain_fit(rows, true, false));
}

TEST(Cox, RowsWithoutAValueTakeNoPart) {
  std::vector<Row> rows = example;
  rows.insert(rows.begin() + 2, Row{.time = 2, .x = 2, .missing = true});
  expect_fit(run(entry_of("~ x"), rows), plain_fit(example, true, false));
}

TEST(Cox, TiesEverywhereAndOneEvent) {
  std::vector<Row> tied = example, single = example;
  for (Row& row : tied) row.time = 3;
  for (Row& row : single) row.dead = row.time == 2 && row.x == 0;
  expect_fit(run(entry_of("~ x"), tied), plain_fit(tied, true, false));
  AnalysisEntry breslow = entry_of("~ x");
  breslow.ties = "breslow";
  expect_fit(run(breslow, tied), plain_fit(tied, false, false));
  // With one event, at the smallest x of those at risk, the coefficient has no end.
  EXPECT_EQ(run(entry_of("~ x"), single)["terms"].size(), 0U);
}

TEST(Cox, RecordsWithoutAnAnswer) {
  std::vector<Row> censored = example, constant = example, separated = example;
  for (Row& row : censored) row.dead = false;
  for (Row& row : constant) row.x = 0.3;
  for (Row& row : separated) row.x = row.time;  // who has more dies later
  for (const char* strength : {"hidden", "opened"}) {
    const auto note = [&](const std::string& formula, const std::vector<Row>& rows) {
      AnalysisEntry entry = entry_of(formula);
      entry.strength = strength;
      const json got = run(entry, rows);
      EXPECT_EQ(got["terms"].size(), 0U) << got.dump();
      return got.value("note", "");
    };
    EXPECT_NE(note("~ x", censored).find("singular"), std::string::npos);
    EXPECT_NE(note("~ x", constant).find("singular"), std::string::npos);
    EXPECT_NE(note("~ x + I(2 * x)", example).find("singular"), std::string::npos);
    EXPECT_NE(note("~ x", separated), "");
  }
}

TEST(Cox, TakesAsManySteps) {
  for (const char* strength : {"hidden", "opened"}) {
    AnalysisEntry entry = entry_of("~ x");
    entry.strength = strength;
    entry.steps = 4;
    const json few = run(entry, example);
    entry.steps = 40;
    expect_fit(run(entry, example), plain_fit(example, true, false));
    // Four steps are the least that a study may ask for; they do for a likelihood as round as this one, or it is said.
    if (few["terms"].empty())
      EXPECT_NE(few.value("note", "").find("convergence"), std::string::npos) << few.dump();
    else
      expect_fit(few, plain_fit(example, true, false));
  }
}

TEST(Cox, WhatCannotBeAskedIsRefused) {
  const auto code = [](AnalysisEntry entry) -> std::string {
    const auto made = attempt([&] { return make_analysis(entry, "/analyses/0", columns(), {}); });
    return made.ok() ? "" : made.error().code;
  };
  EXPECT_EQ(code(entry_of("~ 1")), "study.no_covariates");
  AnalysisEntry entry = entry_of("~ x");
  EXPECT_EQ(code(entry), "");
  entry.entry = "late";
  EXPECT_EQ(code(entry), "study.unequal_grids");
  entry.entry = "";
  entry.weight = "x";
  EXPECT_EQ(code(entry), "study.bad_weight_range");
}

// People and people with the event at each level, and at each level of two covariates together, are none or enough.
TEST(Cox, FewPeopleAtALevelCloseTheModel) {
  std::mt19937 random(8);
  std::vector<Row> rows;
  for (int i = 0; i < 90; ++i) {
    rows.push_back({.time = 1 + static_cast<std::uint32_t>(random() % 9),
                    .dead = i % 3 != 0,
                    .x = static_cast<double>(random() % 40) / 10 - 1,
                    .sex = static_cast<std::uint16_t>(i < 30 ? 1 : 0)});
  }
  const auto shown = [&](const std::string& formula, const std::vector<Row>& records, const char* strength) {
    AnalysisEntry entry = entry_of(formula);
    entry.strength = strength;
    const auto analysis = make_analysis(entry, "/analyses/0", columns(), {.minimum_cell = 11});
    const std::vector<Row> first(records.begin(), records.end() - 1), last{records.back()};
    const json got = run_analysis("plaintext", *analysis, {table_of(first), table_of(last)});
    EXPECT_EQ(got["n"].is_null(), got["terms"].empty()) << got.dump();
    return !got["terms"].empty();
  };
  for (const char* strength : {"hidden", "opened"}) {
    std::vector<Row> few_people = rows, few_events = rows;
    for (std::size_t i = 10; i < 30; ++i) few_people[i].sex = 0;
    for (std::size_t i = 0; i < 30; ++i) few_events[i].dead = i % 5 == 0;
    EXPECT_TRUE(shown("~ x + sex", rows, strength));
    EXPECT_FALSE(shown("~ x + sex", few_people, strength));
    EXPECT_FALSE(shown("~ x + sex", few_events, strength));
    EXPECT_TRUE(shown("~ x", few_events, strength));
  }
}

TEST(Cox, BaselineHazardOnlyWithItsModel) {
  std::vector<Row> rows = example, separated = example;
  for (Row& row : separated) row.x = row.time;
  AnalysisEntry entry = entry_of("~ x");
  entry.strata = {"sex"};
  entry.baseline = true;
  const auto analysis = make_analysis(entry, "/analyses/0", columns(), {.minimum_cell = 1});
  const json got = run_analysis("plaintext", *analysis, {table_of(rows), table_of({})});
  // By hand; ties by Efron at time 2.
  const json strata = got["baseline"]["strata"];
  ASSERT_EQ(strata.size(), 2U);
  ASSERT_EQ(strata[0]["time"], json({1, 3, 4})) << got.dump();
  ASSERT_EQ(strata[1]["time"], json({2})) << got.dump();
  const double hazard = std::exp(got["terms"][0]["estimate"].get<double>());
  EXPECT_NEAR(strata[0]["cumhaz"][0], 1 / (1 + 2 * hazard + hazard * hazard), 1e-9);
  EXPECT_NEAR(strata[0]["cumhaz"][1], strata[0]["cumhaz"][0].get<double>() + 1 / (1 + hazard * hazard), 1e-9);
  EXPECT_NEAR(strata[0]["surv"][2], std::exp(-strata[0]["cumhaz"][2].get<double>()), 1e-12);
  EXPECT_NEAR(strata[1]["cumhaz"][0], 1 / (2 + hazard) + 1 / (2 + hazard - (1 + hazard) / 2), 1e-9);
  const json none = run_analysis("plaintext", *analysis, {table_of(separated), table_of({})});
  for (const json& stratum : none["baseline"]["strata"]) EXPECT_TRUE(stratum["withheld"]) << none.dump();
}

}  // namespace
}  // namespace cohortium::statistics
