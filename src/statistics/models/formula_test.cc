// Formulas and the columns they make, against what R's terms() and model.matrix() give.
#include "statistics/models/formula.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "statistics/models/design_matrix.h"

namespace cohortium::statistics {
namespace {

std::vector<std::string> terms_of(const std::string& text) {
  const Formula formula = parse_formula(text, "/f");
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < formula.terms.size(); ++i) labels.push_back(formula.term_label(i));
  return labels;
}

using Names = std::vector<std::string>;

TEST(Formula, TermsAsInR) {
  EXPECT_EQ(terms_of("y ~ age + sex * stage"), (Names{"age", "sex", "stage", "sex:stage"}));
  EXPECT_EQ(terms_of("~ age + log(bili)"), (Names{"age", "log(bili)"}));
  EXPECT_EQ(terms_of("y ~ a:b + a"), (Names{"a", "a:b"}));
  EXPECT_EQ(terms_of("y ~ b:a + a"), (Names{"a", "b:a"}));
  EXPECT_EQ(terms_of("y ~ (a + b + c)^2 - a:b"), (Names{"a", "b", "c", "a:c", "b:c"}));
  EXPECT_EQ(terms_of("y ~ (a + b)^3"), (Names{"a", "b", "a:b"}));
  EXPECT_EQ(terms_of("y ~ a * b * c - a:b:c"), (Names{"a", "b", "c", "a:b", "a:c", "b:c"}));
  EXPECT_EQ(terms_of("y ~ a / b"), (Names{"a", "a:b"}));
  EXPECT_EQ(terms_of("y ~ a + a + b - a"), (Names{"b"}));
  EXPECT_EQ(terms_of("y ~ I(age^2) + x.radius_mean + `odd name`"), (Names{"I(age^2)", "x.radius_mean", "`odd name`"}));
  EXPECT_EQ(terms_of("y ~ 1"), Names{});
  EXPECT_EQ(terms_of("y~log( dtime/365.25 )+I(a+b * 2)"), (Names{"log(dtime/365.25)", "I(a + b * 2)"}));
}

TEST(Formula, InterceptOffsetAndResponse) {
  EXPECT_TRUE(parse_formula("y ~ a", "/f").intercept);
  EXPECT_FALSE(parse_formula("y ~ a - 1", "/f").intercept);
  EXPECT_FALSE(parse_formula("y ~ 0 + a", "/f").intercept);
  EXPECT_FALSE(parse_formula("y ~ -1 + a", "/f").intercept);
  const Formula formula = parse_formula("log(y) ~ a + offset(log(t / 365.25))", "/f");
  EXPECT_EQ(formula.response->label, "log(y)");
  ASSERT_EQ(formula.offsets.size(), 1u);
  EXPECT_EQ(formula.offsets[0].label, "offset(log(t/365.25))");
  EXPECT_EQ(formula.variables.size(), 1u);
  EXPECT_FALSE(parse_formula("~ a", "/f").response.has_value());
}

std::string where_of(const std::string& text) {
  try {
    parse_formula(text, "/f");
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, "study.bad_formula") << text;
    return failure.error().where;
  }
  return "accepted";
}

TEST(Formula, FaultsAreNamedWithTheirPlace) {
  EXPECT_EQ(where_of("y ~ a +"), "/f:8");
  EXPECT_EQ(where_of("y + a"), "/f:1");
  EXPECT_EQ(where_of("y"), "/f:1");
  EXPECT_EQ(where_of("y ~ (a + b"), "/f:11");
  EXPECT_EQ(where_of("y ~ a & b"), "/f:7");
  EXPECT_EQ(where_of("y ~ a + 2"), "/f:9");
  EXPECT_EQ(where_of("y ~ ."), "/f:5");
  EXPECT_EQ(where_of("y ~ a + `b"), "/f:9");
  EXPECT_EQ(where_of("y ~ a^b"), "/f:6");
  EXPECT_EQ(where_of("y ~ strata(a)"), "/f:5");
  EXPECT_EQ(where_of("y ~ log(a, 2)"), "/f:10");
  EXPECT_EQ(where_of("y ~ " + std::string(500, '(') + "a"), "/f:105");
  EXPECT_EQ(where_of("y ~ a ~ b"), "/f:7");
}

data::ColumnDeclaration declared(const std::string& name, data::ColumnType type, double low, double high,
                                 const std::vector<std::string>& levels = {}) {
  data::ColumnDeclaration column{.name = name, .type = type, .low = low, .high = high};
  for (const std::string& level : levels) column.levels.push_back({level, level});
  return column;
}

std::vector<data::ColumnDeclaration> columns() {
  return {declared("y", data::ColumnType::kNumber, 0, 10),
          declared("age", data::ColumnType::kNumber, 0, 100),
          declared("cp", data::ColumnType::kNumber, 1, 3),
          declared("sex", data::ColumnType::kCategory, 0, 0, {"female", "male"}),
          declared("race", data::ColumnType::kCategory, 0, 0, {"1", "2", "3"}),
          declared("dead", data::ColumnType::kEvent, 0, 0),
          declared("days", data::ColumnType::kDuration, 1, 1000)};
}

DesignMatrix design(const AnalysisEntry& entry) {
  static const std::vector<data::ColumnDeclaration> all = columns();
  static const std::string path = "/analyses/0";
  static const mpc::ReleaseRule rule;
  return DesignMatrix({entry, path, all, rule});
}

Names columns_of(const std::string& formula, const std::map<std::string, std::string>& reference = {}) {
  Names names;
  const DesignMatrix matrix = design({.formula = formula, .reference = reference});
  for (const DesignColumn& column : matrix.columns()) names.push_back(column.name);
  return names;
}

TEST(DesignMatrix, ColumnsAsInR) {
  EXPECT_EQ(columns_of("y ~ age + sex"), (Names{"(Intercept)", "age", "sexmale"}));
  EXPECT_EQ(columns_of("y ~ factor(cp) + race"),
            (Names{"(Intercept)", "factor(cp)2", "factor(cp)3", "race2", "race3"}));
  EXPECT_EQ(columns_of("y ~ sex * age"), (Names{"(Intercept)", "sexmale", "age", "sexmale:age"}));
  EXPECT_EQ(columns_of("y ~ sex:race"), (Names{"(Intercept)", "sexfemale:race1", "sexmale:race1", "sexfemale:race2",
                                               "sexmale:race2", "sexfemale:race3", "sexmale:race3"}));
  EXPECT_EQ(columns_of("y ~ sex + sex:race"),
            (Names{"(Intercept)", "sexmale", "sexfemale:race2", "sexmale:race2", "sexfemale:race3", "sexmale:race3"}));
  EXPECT_EQ(columns_of("y ~ sex * race"),
            (Names{"(Intercept)", "sexmale", "race2", "race3", "sexmale:race2", "sexmale:race3"}));
  EXPECT_EQ(columns_of("y ~ sex + race - 1"), (Names{"sexfemale", "sexmale", "race2", "race3"}));
  EXPECT_EQ(columns_of("y ~ age:sex"), (Names{"(Intercept)", "age:sexfemale", "age:sexmale"}));
  EXPECT_EQ(columns_of("y ~ race", {{"race", "2"}}), (Names{"(Intercept)", "race1", "race3"}));
  EXPECT_EQ(columns_of("dead ~ days + I(age^2)"), (Names{"(Intercept)", "days", "I(age^2)"}));
}

std::string code_of(const AnalysisEntry& entry) {
  try {
    design(entry);
  } catch (const Failure& failure) {
    return failure.error().code + " " + failure.error().where;
  }
  return "accepted";
}

TEST(DesignMatrix, RefusesWhatHasNoValueSomewhere) {
  EXPECT_EQ(code_of({.formula = "y ~ log(age)"}), "study.bad_formula /analyses/0/formula:5");
  EXPECT_EQ(code_of({.formula = "y ~ log(days)"}), "accepted");
  EXPECT_EQ(code_of({.formula = "y ~ I(1 / age)"}), "study.bad_formula /analyses/0/formula:9");
  EXPECT_EQ(code_of({.formula = "y ~ exp(days)"}), "study.bad_formula /analyses/0/formula:5");
  EXPECT_EQ(code_of({.formula = "y ~ weight"}), "study.unknown_column /analyses/0/formula:5");
  EXPECT_EQ(code_of({.formula = "y ~ log(sex)"}), "study.wrong_column_type /analyses/0/formula:9");
  EXPECT_EQ(code_of({.formula = "y ~ poly(age)"}), "study.bad_formula /analyses/0/formula:5");
  EXPECT_EQ(code_of({.formula = "y ~ factor(days)"}), "study.too_many_levels /analyses/0/formula:5");
  EXPECT_EQ(code_of({.formula = "sex ~ age"}), "study.bad_outcome /analyses/0/positive");
  EXPECT_EQ(code_of({.positive = {"male"}, .formula = "sex ~ age"}), "accepted");
  EXPECT_EQ(code_of({.formula = "y ~ race", .reference = {{"race", "9"}}}),
            "study.bad_reference /analyses/0/reference/race");
  EXPECT_EQ(code_of({.formula = "y ~ race", .reference = {{"sex", "male"}}}),
            "study.bad_reference /analyses/0/reference/sex");
}

TEST(DesignMatrix, IntervalsHoldTheValues) {
  const DesignMatrix matrix = design({.formula = "y ~ age * sex + I((age - 50)^2) + log(days) + offset(-age)"});
  const auto& all = matrix.columns();
  EXPECT_EQ(all[1].range.high, 100);
  EXPECT_EQ(all[3].range.low, 0);
  EXPECT_EQ(all[3].range.high, 2500);
  EXPECT_NEAR(all[4].range.high, std::log(1000), 1e-12);
  EXPECT_EQ(all[5].name, "age:sexmale");
  EXPECT_EQ(all[5].range.high, 100);
  EXPECT_EQ(matrix.offset_range().low, -100);
  EXPECT_EQ(matrix.terms(), (Names{"(Intercept)", "age", "sex", "I((age - 50)^2)", "log(days)", "age:sex"}));
  EXPECT_EQ(all[5].term, 5u);
}

TEST(DesignMatrix, ReadsRowsAndLeavesOutMissing) {
  const DesignMatrix matrix =
      design({.positive = {"male"}, .formula = "sex ~ age * factor(cp) + log(days) + dead + offset(age / 10)"});
  data::Table table{.rows = 3};
  for (const auto& column : columns()) table.columns.push_back({.declaration = column});
  table.columns[1].number = {50, 60, 70};
  table.columns[1].missing = {0, 1, 0};
  table.columns[2].number = {1, 2, 3};
  table.columns[3].level = {1, 0, 0};
  table.columns[5].event = {1, 0, 0};
  table.columns[6].grid = {0, 5, 9};
  const DesignValues values = design_values(matrix, table);
  EXPECT_EQ(values.missing, 1u);
  EXPECT_EQ(values.rows, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(values.response, (std::vector<double>{1, 0}));
  EXPECT_EQ(values.offset, (std::vector<double>{5, 7}));
  // (Intercept), age, factor(cp)2, factor(cp)3, log(days), dead, age:factor(cp)2, age:factor(cp)3
  EXPECT_EQ(values.x, (std::vector<double>{1, 50, 0, 0, 0, 1, 0, 0, 1, 70, 0, 1, std::log(10.0), 0, 0, 70}));
  table.columns[2].number = {1, 2, 2.5};
  EXPECT_THROW(design_values(matrix, table), Failure);
}

}  // namespace
}  // namespace cohortium::statistics
