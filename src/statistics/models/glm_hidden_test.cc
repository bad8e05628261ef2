// The hidden strength of generalised linear models against the opened one, on the rows of two sites.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.h"
#include "statistics/entries.h"
#include "statistics/models/kinds.h"
#include "statistics/testing/columns.h"
#include "statistics/testing/run_analysis.h"

namespace cohortium::statistics {
namespace {

using nlohmann::json;

struct Case {
  const char* name;
  const char* formula;
  const char* family;
  const char* link;
  const char* weight = "";
};

void PrintTo(const Case& value, std::ostream* out) { *out << value.name; }

std::vector<data::ColumnDeclaration> columns() {
  data::ColumnDeclaration ill, stage;
  ill.name = "ill", ill.type = data::ColumnType::kEvent, ill.event = {"1"}, ill.censored = {"0"};
  stage.name = "stage", stage.type = data::ColumnType::kCategory;
  stage.levels = {{"a", "a"}, {"b", "b"}, {"c", "c"}};
  return {number("age", 20, 90),
          number("bmi", 10, 60),
          stage,
          ill,
          number("visits", 0, 30),
          number("cost", 1, 4000),
          number("years", 0.1, 8),
          number("times", 0, 4),
          number("charge", 20, 1000),
          number("pressure", 60, 200)};
}

// Ages are missing in some rows.
data::Table made_table(std::size_t rows, unsigned seed, bool separated = false) {
  std::mt19937_64 random(seed);
  const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  data::Table table;
  table.rows = rows;
  for (const auto& declaration : columns()) table.columns.push_back({.declaration = declaration});
  for (std::size_t i = 0; i < rows; ++i) {
    const double age = std::round(20 + 70 * uniform()), bmi = std::round(180 + 200 * uniform()) / 10;
    const auto stage = static_cast<std::uint16_t>(random() % 3);
    const double eta = 0.03 * (age - 50) + 0.05 * (bmi - 28) + 0.4 * stage - 0.3, years = 0.5 + 4 * uniform();
    const double mean = -std::log(uniform() * uniform()) / 2 * std::exp(eta / 2) * years / 2;
    double visits = 0, product = uniform();
    for (; product > std::exp(-mean) && visits < 30; product *= uniform()) visits += 1;
    table.columns[0].number.push_back(age);
    table.columns[0].missing.push_back(i % 29 == 7);
    table.columns[1].number.push_back(bmi);
    table.columns[2].level.push_back(stage);
    table.columns[3].event.push_back(separated ? age > 60 : uniform() < 1 / (1 + std::exp(-eta)));
    table.columns[4].number.push_back(visits);
    table.columns[5].number.push_back(
        std::clamp(std::round(100 * std::exp(eta / 2) * (0.4 + 1.2 * uniform())), 1.0, 4000.0));
    table.columns[6].number.push_back(years);
    table.columns[7].number.push_back(static_cast<double>(random() % 9) / 2);
    table.columns[8].number.push_back(
        std::clamp(std::round(150 * std::exp(eta / 4) * (0.6 + uniform())), 20.0, 1000.0));
    table.columns[9].number.push_back(std::round(90 + 10 * eta + 30 * uniform()));
  }
  return table;
}

AnalysisEntry entry_of(const Case& model, const std::string& strength) {
  AnalysisEntry entry{.id = "m", .kind = "glm"};
  entry.formula = model.formula, entry.family = model.family, entry.link = model.link, entry.weight = model.weight;
  entry.strength = strength;
  return entry;
}

json run(const char* protocol, const AnalysisEntry& entry, const std::vector<data::Table>& tables,
         std::uint64_t minimum = 5) {
  const std::string path = "/analyses/0";
  const auto declared = columns();
  const mpc::ReleaseRule rule{.minimum_cell = minimum};
  return run_analysis(protocol, *make_glm({entry, path, declared, rule}), tables);
}

class GlmHidden : public testing::TestWithParam<Case> {};

TEST_P(GlmHidden, EqualsTheOpenedFit) {
  const std::vector<data::Table> tables{made_table(260, 3), made_table(140, 4), made_table(0, 5)};
  const json opened = run("plaintext", entry_of(GetParam(), "opened"), tables);
  const json hidden = run("replicated3", entry_of(GetParam(), "hidden"), tables);
  EXPECT_EQ(opened["n"], hidden["n"]);
  EXPECT_EQ(opened["n_missing"], hidden["n_missing"]);
  ASSERT_FALSE(opened["terms"].empty()) << opened["note"];
  ASSERT_EQ(opened["terms"].size(), hidden["terms"].size()) << hidden["note"];
  for (std::size_t i = 0; i < opened["terms"].size(); ++i) {
    const double error = opened["terms"][i]["se"];
    EXPECT_NEAR(hidden["terms"][i]["estimate"].get<double>(), opened["terms"][i]["estimate"].get<double>(),
                1e-7 * error);
    EXPECT_NEAR(hidden["terms"][i]["se"].get<double>(), error, 1e-7 * error);
  }
  for (const auto& [name, value] : opened["fit"].items()) {
    if (name == "pearson" || hidden["fit"][name].is_null()) continue;
    EXPECT_NEAR(hidden["fit"][name].get<double>(), value.get<double>(), 2e-8 * std::abs(value.get<double>())) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, GlmHidden,
    testing::Values(Case{"logit", "ill ~ age + bmi + stage", "binomial", ""},
                    Case{"logit_offset", "ill ~ age + stage + offset(bmi / 50)", "binomial", "logit", "times"},
                    Case{"probit", "ill ~ age * bmi", "binomial", "probit"},
                    Case{"poisson", "visits ~ age + stage + offset(log(years))", "poisson", ""},
                    Case{"poisson_weights", "visits ~ age + bmi - 1", "poisson", "log", "times"},
                    Case{"poisson_event", "ill ~ stage + offset(log(years))", "poisson", ""},
                    Case{"gamma", "cost ~ age + stage", "gamma", "log"},
                    Case{"gamma_offset", "cost ~ bmi + offset(log(years))", "gamma", "log", "times"},
                    Case{"cloglog", "ill ~ age + bmi + stage", "binomial", "cloglog"},
                    Case{"cloglog_weights", "ill ~ age + offset(bmi / 50)", "binomial", "cloglog", "times"},
                    Case{"risks", "ill ~ stage", "binomial", "log"},
                    Case{"poisson_identity", "visits ~ age + stage", "poisson", "identity"},
                    Case{"poisson_identity_weights", "visits ~ years", "poisson", "identity", "times"},
                    Case{"poisson_sqrt", "visits ~ age + bmi", "poisson", "sqrt"},
                    Case{"poisson_sqrt_offset", "visits ~ age + offset(years / 10)", "poisson", "sqrt", "times"},
                    Case{"gamma_inverse", "charge ~ age + stage", "gamma", ""},
                    Case{"gamma_inverse_offset", "charge ~ bmi + offset(years / 10000)", "gamma", "inverse", "times"},
                    Case{"gamma_identity", "charge ~ age + stage", "gamma", "identity"},
                    Case{"gaussian", "pressure ~ age * stage", "gaussian", ""},
                    Case{"gaussian_offset", "pressure ~ age + offset(bmi) - 1", "gaussian", "identity", "times"},
                    Case{"gaussian_log", "pressure ~ age + bmi", "gaussian", "log"},
                    Case{"gaussian_log_offset", "pressure ~ age + offset(bmi / 50)", "gaussian", "log", "times"},
                    Case{"gaussian_inverse", "pressure ~ age + stage", "gaussian", "inverse"},
                    Case{"negative_binomial", "visits ~ age + stage", "negative_binomial", ""},
                    Case{"negative_binomial_offset", "visits ~ bmi + offset(log(years))", "negative_binomial", "log"}),
    [](const auto& instance) { return std::string(instance.param.name); });

std::string note_of(const Case& model, const std::vector<data::Table>& tables, std::uint64_t minimum = 5) {
  return run("replicated3", entry_of(model, "hidden"), tables, minimum)["note"];
}

TEST(GlmHiddenFaults, AreNamed) {
  const Case logit{"", "ill ~ age + bmi", "binomial", ""};
  EXPECT_NE(note_of(logit, {made_table(200, 3, true)}).find("separate"), std::string::npos);
  EXPECT_NE(note_of({"", "ill ~ age + I(2 * age)", "binomial", ""}, {made_table(200, 3)}).find("singular"),
            std::string::npos);
  EXPECT_NE(note_of(logit, {made_table(0, 3)}, 1).find("singular"), std::string::npos);
}

TEST(GlmHiddenFaults, WhatCannotBeFittedHiddenIsRefused) {
  for (const Case& model :
       {Case{"", "ill ~ age", "binomial", "cauchit"}, Case{"", "visits ~ age", "negative_binomial", "sqrt"}}) {
    try {
      run("plaintext", entry_of(model, "hidden"), {made_table(20, 3)});
      FAIL() << model.family;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error().code, "study.no_such_strength");
    }
  }
}

// The tables' rows of which no value is missing, by their risks at the released coefficients.
TEST(GlmDiagnostics, AreThoseOfTheReleasedModel) {
  const std::vector<data::Table> tables{made_table(150, 3), made_table(90, 4), made_table(0, 5)};
  std::vector<json> results;
  for (const char* strength : {"hidden", "opened"}) {
    AnalysisEntry entry = entry_of({"", "ill ~ age + bmi", "binomial", ""}, strength);
    entry.calibration = 5;
    const json fit = results.emplace_back(run("replicated3", entry, tables));
    double people = 0, events = 0, risk = 0;
    for (const json& group : fit["calibration"]["groups"]) {
      people += group["n"].get<double>();
      events += group["events"].get<double>();
      risk += group["mean_risk"].get<double>() * group["n"].get<double>();
      EXPECT_GE(group["events"], 5);
    }
    EXPECT_EQ(people, fit["n"]);
    EXPECT_EQ(events, fit["events"]);
    EXPECT_NEAR(risk, events, 1e-6);  // an intercept's equation
    double pairs = 0, ordered = 0;
    for (const data::Table& first : tables) {
      for (const data::Table& second : tables) {
        for (std::size_t i = 0; i < first.rows; ++i) {
          for (std::size_t j = 0; j < second.rows; ++j) {
            if (first.columns[0].missing[i] || second.columns[0].missing[j]) continue;
            if (!first.columns[3].event[i] || second.columns[3].event[j]) continue;
            const auto at = [&](const data::Table& table, std::size_t row) {
              return fit["terms"][1]["estimate"].get<double>() * table.columns[0].number[row] +
                     fit["terms"][2]["estimate"].get<double>() * table.columns[1].number[row];
            };
            const double by = at(first, i) - at(second, j);
            pairs += 1;
            ordered += std::abs(by) < 1e-10 ? 0.5 : by > 0;
          }
        }
      }
    }
    EXPECT_GT(pairs, 0);
    EXPECT_NEAR(fit["fit"]["auc"].get<double>(), ordered / pairs, 1e-12);
  }
  EXPECT_EQ(results[0]["calibration"]["groups"].size(), results[1]["calibration"]["groups"].size());
}

std::string code_of(const AnalysisEntry& entry) {
  try {
    run("plaintext", entry, {made_table(60, 3)});
  } catch (const Failure& failure) {
    return failure.error().code;
  }
  return "accepted";
}

TEST(GlmPenalties, AreThoseOfLogisticModels) {
  for (const char* strength : {"hidden", "opened"}) {
    AnalysisEntry entry = entry_of({"", "ill ~ age + bmi", "binomial", ""}, strength);
    entry.lasso = 1;
    EXPECT_EQ(code_of(entry), "accepted");
    entry.steps = 4;
    EXPECT_EQ(code_of(entry), "study.too_few_steps");
    entry.steps = 0, entry.link = "probit";
    EXPECT_EQ(code_of(entry), "study.bad_penalty");
    entry.link = "", entry.lasso = -1;
    EXPECT_EQ(code_of(entry), "study.bad_penalty");
  }
}

TEST(GlmPenalties, KeepColumnsThatTellTheOutcomesApartAndThoseThatDepend) {
  for (const char* strength : {"hidden", "opened"}) {
    AnalysisEntry entry = entry_of({"", "ill ~ age + bmi + I(2 * age)", "binomial", ""}, strength);
    entry.penalty = 3, entry.steps = 14;
    const json fit = run("replicated3", entry, {made_table(200, 3, true)});
    ASSERT_EQ(fit["terms"].size(), 4u) << strength << fit.value("note", "");
    // Twice the column, twice the coefficient: half the penalty for the same effect.
    EXPECT_NEAR(fit["terms"][3]["estimate"].get<double>(), 2 * fit["terms"][1]["estimate"].get<double>(), 1e-7);
  }
}

TEST(GlmSteps, TooFewAreAFault) {
  for (const char* strength : {"hidden", "opened"}) {
    AnalysisEntry entry = entry_of({"", "ill ~ age + bmi", "binomial", ""}, strength);
    entry.steps = 1;
    const json fit = run("replicated3", entry, {made_table(200, 3)});
    EXPECT_TRUE(fit["terms"].empty()) << strength;
    EXPECT_NE(fit["note"].get<std::string>().find("converge"), std::string::npos) << fit["note"];
    entry.steps = 8;
    EXPECT_FALSE(run("replicated3", entry, {made_table(200, 3)})["terms"].empty()) << strength;
  }
}

TEST(GlmDiagnostics, AreRefusedWithoutRisksOfAnEvent) {
  for (const Case& model : {Case{"", "visits ~ age", "poisson", ""}, Case{"", "ill ~ age", "binomial", "", "times"}}) {
    for (const char* strength : {"hidden", "opened"}) {
      AnalysisEntry entry = entry_of(model, strength);
      entry.calibration = 10;
      try {
        run("plaintext", entry, {made_table(20, 3)});
        FAIL() << model.family;
      } catch (const Failure& failure) {
        EXPECT_EQ(failure.error().code, "study.no_calibration");
        EXPECT_EQ(failure.error().where, "/analyses/0/calibration");
      }
    }
  }
}

TEST(GlmHiddenFaults, AFewPeopleOfALevelCloseTheResult) {
  data::Table table = made_table(120, 3);
  for (std::size_t i = 0; i < table.rows; ++i) table.columns[2].level[i] = i < 3 ? 2 : i % 2;
  const std::string note = note_of({"", "ill ~ age + stage", "binomial", ""}, {table});
  EXPECT_NE(note.find("fewer than 5 people"), std::string::npos) << note;
}

}  // namespace
}  // namespace cohortium::statistics
