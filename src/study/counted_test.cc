// What counted_people says of an analysis is what its numbers count: on records with missing values everywhere.
#include "study/counted.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "mpc/simulate.h"
#include "study/study_file.h"

namespace cohortium::study {
namespace {

using nlohmann::json;

constexpr std::size_t row_count = 200;

Study study_of(const json& analyses, std::uint64_t minimum = 11) {
  json study = json::parse(R"({"cohortium": 1, "title": "t", "purpose": "p", "sites": ["a", "b"],
    "data": {"table": "x", "columns": {
      "days": {"type": "duration", "range": [0, 9], "missing": [""]},
      "dead": {"type": "event", "event": ["1"], "censored": ["0"], "missing": [""]},
      "arm": {"type": "category", "levels": ["c", "t"], "missing": [""]},
      "sex": {"type": "category", "levels": ["f", "m"]},
      "age": {"type": "number", "range": [0, 100], "missing": [""]},
      "weight": {"type": "number", "range": [0, 100], "missing": [""]}}}})");
  study["analyses"] = analyses;
  study["release"] = {{"minimum_cell", minimum}};
  return parse_study(study.dump(), "study.json");
}

data::Table random_table(const Study& study) {
  std::mt19937_64 random(9);
  data::Table table{.rows = row_count};
  for (const data::ColumnDeclaration& declaration : study.data.columns) {
    data::Column column{.declaration = declaration};
    for (std::size_t row = 0; row < row_count; ++row) {
      column.missing.push_back(!declaration.missing.empty() && random() % 8 == 0);
      const bool present = column.missing.back() == 0;
      const std::uint64_t value = present ? random() : 0;
      switch (declaration.type) {
        case data::ColumnType::kNumber:
          column.number.push_back(static_cast<double>(value % 101));
          break;
        case data::ColumnType::kDuration:
          column.grid.push_back(static_cast<std::uint32_t>(value % 10));
          break;
        case data::ColumnType::kEvent:
          column.event.push_back(value % 2);
          break;
        case data::ColumnType::kCategory:
          column.level.push_back(static_cast<std::uint16_t>(value % declaration.levels.size()));
      }
    }
    table.columns.push_back(std::move(column));
  }
  return table;
}

std::uint64_t count(const release::Population& population, const std::vector<std::vector<std::uint32_t>>& classes) {
  std::uint64_t rows = 0;
  for (std::size_t row = 0; row < row_count; ++row)
    rows += std::all_of(population.classes.begin(), population.classes.end(),
                        [&](const auto& entry) { return entry.second.at(classes[entry.first][row]); });
  return rows;
}

// What an analysis hands to the door: people and those with the event.
std::pair<std::vector<mpc::u128>, std::vector<mpc::u128>> counts_of(const statistics::Analysis& analysis,
                                                                    const data::Table& table) {
  return mpc::simulate("plaintext",
                       [&](mpc::Engine& engine) {
                         const std::vector<mpc::u128> sums = analysis.local(table), rows = analysis.rows(table);
                         const mpc::SharedOutcome outcome =
                             analysis.secure(engine, {.aggregate = engine.constant(std::span<const mpc::u128>(sums)),
                                                      .rows = engine.constant(std::span<const mpc::u128>(rows)),
                                                      .row_count = rows.empty() ? 0 : table.rows});
                         std::pair<std::vector<mpc::u128>, std::vector<mpc::u128>> counts;
                         if (outcome.cells) {
                           counts.first = engine.open(outcome.cells->people);
                           if (outcome.cells->events) counts.second = engine.open(*outcome.cells->events);
                         } else {
                           const auto& curve = *outcome.curve;
                           counts.first = engine.open(sum_blocks(add(curve.events, curve.censored), curve.grid));
                           counts.second = engine.open(sum_blocks(curve.events, curve.grid));
                         }
                         return counts;
                       })
      .front();
}

const char* const described = R"([
  {"id": "a", "kind": "count", "by": ["arm", "sex"]}, {"id": "b", "kind": "table", "by": ["sex", "arm"]},
  {"id": "c", "kind": "quantiles", "column": "days", "by": "arm", "probabilities": [0.5]},
  {"id": "d", "kind": "t_test", "column": "age", "by": "arm"}, {"id": "e", "kind": "anova", "column": "age", "by": "arm"},
  {"id": "f", "kind": "mann_whitney", "column": "age", "by": "arm"},
  {"id": "g", "kind": "kruskal_wallis", "column": "age", "by": "arm"},
  {"id": "h", "kind": "ks_test", "column": "age", "by": "arm"}, {"id": "i", "kind": "fisher", "by": ["arm", "sex"]},
  {"id": "j", "kind": "chi_square", "by": ["arm", "sex"]},
  {"id": "k", "kind": "variance_test", "column": "age", "by": "arm"},
  {"id": "l", "kind": "mantel_haenszel", "by": ["arm", "sex"], "strata": ["sex"]},
  {"id": "m", "kind": "gray_test", "time": "days", "event": "arm", "positive": ["t"], "censored": ["c"], "by": "sex"},
  {"id": "n", "kind": "restricted_mean", "time": "days", "event": "dead", "by": "arm", "until": 5},
  {"id": "o", "kind": "correlation", "columns": ["age", "weight"]},
  {"id": "p", "kind": "linear", "formula": "age ~ weight + arm"},
  {"id": "q", "kind": "cox", "time": "days", "event": "dead", "formula": "~ arm + age"},
  {"id": "r", "kind": "glm", "family": "binomial", "formula": "dead ~ arm + age"},
  {"id": "s", "kind": "describe", "column": "age", "by": "arm"},
  {"id": "t", "kind": "proportion", "outcome": "dead", "by": "arm"},
  {"id": "u", "kind": "prevalence", "outcome": "arm", "positive": ["t"], "by": "sex"},
  {"id": "v", "kind": "rate", "time": "days", "outcome": "dead", "by": "arm"},
  {"id": "w", "kind": "effect_size", "outcome": "dead", "by": "arm"},
  {"id": "x", "kind": "kaplan_meier", "time": "days", "event": "dead", "by": "arm"},
  {"id": "y", "kind": "nelson_aalen", "time": "days", "event": "dead", "by": "arm"},
  {"id": "z", "kind": "log_rank", "time": "days", "event": "dead", "by": "arm", "strata": ["sex"]},
  {"id": "aa", "kind": "prop_test", "outcome": "dead", "by": "arm"}, {"id": "bb", "kind": "binom_test", "outcome": "dead"},
  {"id": "cc", "kind": "histogram", "column": "age", "by": "arm", "breaks": [10, 50, 90]},
  {"id": "dd", "kind": "histogram", "column": "age", "breaks": [0, 50, 60]}])";

TEST(Counted, IsWhatAnalysesCount) {
  const Study study = study_of(json::parse(described));
  const data::Table table = random_table(study);
  const auto classes = classes_by_column(study, table);
  std::vector<std::unique_ptr<statistics::Analysis>> analyses;
  std::vector<statistics::Declaration> declarations;
  for (const auto& entry : study.analyses) {
    analyses.push_back(statistics::make_analysis(entry, "/", study.data.columns, study.release));
    declarations.push_back(analyses.back()->declare());
  }
  const auto counted = counted_people(study, declarations);
  for (std::size_t i = 0; i < analyses.size(); ++i) {
    const auto [people, events] = counts_of(*analyses[i], table);
    const std::string& kind = study.analyses[i].kind;
    ASSERT_FALSE(counted[i].people.empty()) << kind;
    ASSERT_LE(counted[i].people.size(), people.size()) << kind;
    for (std::size_t j = 0; j < counted[i].people.size(); ++j)
      EXPECT_EQ(count(counted[i].people[j], classes), static_cast<std::uint64_t>(people[j])) << kind << " " << j;
    if (counted[i].events.empty()) continue;
    ASSERT_EQ(counted[i].events.size(), events.size()) << kind;
    for (std::size_t j = 0; j < events.size(); ++j)
      EXPECT_EQ(count(counted[i].events[j], classes), static_cast<std::uint64_t>(events[j])) << kind << " " << j;
  }
}

TEST(Counted, RefusesMoreThanCanBeCompared) {
  std::vector<double> breaks;
  for (int i = 0; i <= 600; ++i) breaks.push_back(i / 6.0);
  const json bins = {{"id", "a"}, {"kind", "histogram"}, {"column", "age"}, {"by", "sex"}, {"breaks", breaks}};
  const json other = {{"id", "b"}, {"kind", "count"}};
  const auto code = [](const Study& study) {
    std::vector<statistics::Declaration> declarations(study.analyses.size());
    const Result<bool> result = attempt([&] { return counted_people(study, declarations).empty(); });
    return result.ok() ? std::string() : result.error().code;
  };
  EXPECT_EQ(code(study_of(json::array({bins, other}))), "study.too_many_counts");
  EXPECT_EQ(code(study_of(json::array({bins}))), "");
  EXPECT_EQ(code(study_of(json::array({bins, other}), 1)), "");
}

}  // namespace
}  // namespace cohortium::study
