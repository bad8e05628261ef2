// Fine and Gray's model beside what tests/golden holds it to: what a forecast counts, what a bad study is told, and that both
// strengths obey the rule of models.
#include "statistics/survival/fine_gray.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "mpc/forecast/forecast.h"
#include "statistics/testing/run_analysis.h"

namespace cohortium::statistics {
namespace {

std::vector<data::ColumnDeclaration> columns() {
  return {{.name = "days", .type = data::ColumnType::kDuration, .low = 0, .high = 30},
          {.name = "end", .type = data::ColumnType::kCategory, .levels = {{"0", "none"}, {"1", "ill"}, {"2", "dead"}}},
          {.name = "age", .type = data::ColumnType::kNumber, .low = 20, .high = 80},
          {.name = "arm", .type = data::ColumnType::kCategory, .levels = {{"a", "a"}, {"b", "b"}}}};
}

AnalysisEntry entry(const std::string& strength, const std::string& formula = "~ age + arm") {
  return {.id = "model",
          .kind = "fine_gray",
          .time = "days",
          .event = "end",
          .positive = {"1"},
          .censored = {"0"},
          .formula = formula,
          .strength = strength};
}

std::unique_ptr<Analysis> model(const AnalysisEntry& entry, std::uint64_t minimum) {
  return make_analysis(entry, "/analyses/0", columns(), {.minimum_cell = minimum});
}

// Everyone is ill, dies or is censored in turn; `last_of_b` people of arm b.
data::Table people(std::size_t rows, std::size_t last_of_b) {
  data::Table table{.rows = rows};
  for (const auto& declaration : columns()) table.columns.push_back({.declaration = declaration});
  for (std::size_t i = 0; i < rows; ++i) {
    table.columns[0].grid.push_back(static_cast<std::uint32_t>(i * 7 % 30));
    table.columns[1].level.push_back(static_cast<std::uint16_t>(i % 3));
    table.columns[2].number.push_back(20 + static_cast<double>(i * 13 % 60));
    table.columns[3].level.push_back(i + last_of_b >= rows ? 1 : 0);
  }
  return table;
}

std::string why(const AnalysisEntry& entry, const char* strength) {
  AnalysisEntry asked = entry;
  asked.strength = strength;
  try {
    model(asked, 1);
  } catch (const Failure& failure) {
    return failure.error().code;
  }
  return "";
}

TEST(FineGray, RefusesStudiesThatAskForNoModel) {
  AnalysisEntry two_causes = entry("");
  two_causes.positive = {"1", "2"};
  for (const char* strength : {"hidden", "opened"}) {
    EXPECT_EQ(why(entry("", "~ 1"), strength), "study.no_covariates");
    EXPECT_EQ(why(entry("", "~ arm + offset(age)"), strength), "study.bad_formula");
    EXPECT_EQ(why(two_causes, strength), "study.bad_causes");
  }
}

// Five of one arm are too few for a minimum of 11, and enough for one of 1.
TEST(FineGray, ObeysTheRuleOfModels) {
  const std::vector<data::Table> sites{people(60, 5), people(30, 0)};
  for (const char* strength : {"hidden", "opened"}) {
    for (const std::uint64_t minimum : {1, 11}) {
      const auto analysis = model(entry(strength), minimum);
      const nlohmann::json result = run_analysis("plaintext", *analysis, sites);
      EXPECT_EQ(result["terms"].empty(), minimum == 11) << strength << result.dump();
      EXPECT_EQ(result.value("note", "").starts_with("withheld: some but fewer than 11 people"), minimum == 11);
    }
  }
}

TEST(FineGray, ForecastsTheStepsOfAnOpenedFit) {
  const auto analysis = model(entry("opened"), 11);
  const Declaration declaration = analysis->declare();
  const auto engine = mpc::make_forecast_engine("replicated3", 0);
  std::size_t asked = 0;
  analysis->secure(*engine, {.aggregate = mpc::Shared<mpc::u128>(declaration.aggregate_size, 0),
                             .ask = [&](std::span<const double>) {
                               ++asked;
                               return mpc::Shared<mpc::u128>(declaration.step_size, 0);
                             }});
  EXPECT_EQ(asked, 5U);
}

}  // namespace
}  // namespace cohortium::statistics
