// The rule on people per parameter: against plain arithmetic, and in models.
#include "statistics/enough_records.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "mpc/simulate.h"
#include "statistics/testing/run_analysis.h"

namespace cohortium::statistics {
namespace {

using mpc::Engine;
using mpc::ReleaseRule;
using mpc::Shared;
using mpc::u128;
using mpc::u64;

Shared<u128> share(Engine& engine, const std::vector<u128>& values) {
  return engine.share(0, engine.self() == 0 ? std::span<const u128>(values) : std::span<const u128>(), values.size());
}

class EnoughRecordsTest : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Protocols, EnoughRecordsTest,
                         ::testing::Values("plaintext", "replicated3", "replicated3-malicious", "replicated4"),
                         [](const auto& protocol) {
                           std::string name = protocol.param;
                           std::erase(name, '-');
                           return name;
                         });

// As the rule is written in docs/disclosure.md.
bool too_few(const ReleaseRule& rule, u64 parameters, u64 people, const std::vector<u64>& limiting) {
  const double each = rule.rows_per_parameter ? *rule.rows_per_parameter : rule.minimum_cell > 1 ? 3 : 0;
  const auto falls_short = [&](u64 count) {
    return static_cast<double>(count) < each * static_cast<double>(parameters);
  };
  const bool saturated = rule.minimum_cell > 1 && people < parameters + rule.minimum_cell;
  return falls_short(people) || saturated || std::any_of(limiting.begin(), limiting.end(), falls_short);
}

TEST_P(EnoughRecordsTest, EqualsPlainArithmetic) {
  const std::vector<ReleaseRule> rules = {{.minimum_cell = 1},
                                          {.minimum_cell = 3},
                                          {.minimum_cell = 11},
                                          {.minimum_cell = 2, .rows_per_parameter = 2.5},
                                          {.minimum_cell = 3, .rows_per_parameter = 0},
                                          {.minimum_cell = 1, .rows_per_parameter = 4}};
  for (const ReleaseRule& rule : rules) {
    for (const u64 parameters : {1, 2, 4}) {
      const EnoughRecords enough(rule, parameters);
      std::vector<std::vector<u128>> cases;
      for (u128 people = 0; people < 22; people += 1) {
        cases.push_back({people});
        for (const u128 events : {u128{0}, people / 3, people / 2, people})
          cases.push_back({people, events, people - events});
      }
      cases.push_back({u128{0xffffffff}, u128{0xfffffff0}, u128{15}});
      const auto found = mpc::simulate(GetParam(), [&](Engine& engine) {
        std::vector<bool> bits;
        for (const auto& counts : cases) {
          const Shared<u128> all = share(engine, counts);
          const auto fault = enough.fault(engine, slice(all, 0, 1), slice(all, 1, all.size - 1));
          bits.push_back((engine.open_bits(fault.bit)[0] & 1) != 0);
        }
        return bits;
      });
      for (std::size_t i = 0; i < cases.size(); ++i) {
        const std::vector<u64> limiting(cases[i].begin() + 1, cases[i].end());
        EXPECT_EQ(found.front()[i], too_few(rule, parameters, static_cast<u64>(cases[i][0]), limiting))
            << rule.minimum_cell << " " << parameters << " parameters, " << static_cast<u64>(cases[i][0]) << " people";
      }
    }
  }
}

// Models of `size` people of whom every third has the event, with covariates x and z.
class RowsPerParameter : public ::testing::TestWithParam<const char*> {
 protected:
  struct Shown {
    bool estimates = false;
    std::vector<std::string> rules;
  };

  static std::vector<data::ColumnDeclaration> columns() {
    const data::ColumnDeclaration x{.name = "x", .low = -10, .high = 10}, z{.name = "z", .low = 0, .high = 100},
        y{.name = "y", .low = -100, .high = 100};
    data::ColumnDeclaration time{.name = "time", .type = data::ColumnType::kDuration, .low = 0, .high = 40},
        dead{.name = "dead", .type = data::ColumnType::kEvent},
        cause{.name = "cause", .type = data::ColumnType::kCategory};
    cause.levels = {{"0", "0"}, {"1", "1"}, {"2", "2"}};
    return {x, z, y, time, dead, cause};
  }

  static data::Table table_of(std::size_t size) {
    data::Table table{.rows = size};
    for (const auto& column : columns()) table.columns.push_back({.declaration = column});
    for (std::size_t i = 0; i < size; ++i) {
      const double t = static_cast<double>(i), x = 8 * std::sin(3 * t), z = 50 + 40 * std::cos(5 * t + 1);
      table.columns[0].number.push_back(x);
      table.columns[1].number.push_back(z);
      table.columns[2].number.push_back(1 + 2 * x - 0.5 * z + 3 * std::sin(17 * t));
      table.columns[3].grid.push_back(static_cast<std::uint32_t>(1 + i % 40));
      table.columns[3].number.push_back(static_cast<double>(1 + i % 40));
      table.columns[4].event.push_back(i % 3 == 0);
      table.columns[5].level.push_back(static_cast<std::uint16_t>(i % 3));
    }
    return table;
  }

  Shown run(AnalysisEntry entry, std::size_t size, const ReleaseRule& rule) {
    const auto declared = columns();
    entry.id = "m";
    const auto analysis = make_analysis(entry, "/analyses/0", declared, rule);
    const data::Table table = table_of(size);
    const std::vector<u128> aggregate = analysis->local(table), rows = analysis->rows(table);
    const auto outcomes = mpc::simulate(GetParam(), [&](Engine& engine) {
      const SiteInputs inputs{
          .aggregate = share(engine, aggregate),
          .rows = share(engine, rows),
          .row_count = analysis->declare().row_columns == 0 ? 0 : size,
          .ask = [&](std::span<const double> state) { return share(engine, analysis->step(table, state)); }};
      return open_cells(engine, *analysis->secure(engine, inputs).cells);
    });
    return {outcomes.front().passed.front(), outcomes.front().fault_rules};
  }
};
INSTANTIATE_TEST_SUITE_P(Protocols, RowsPerParameter, ::testing::Values("plaintext", "replicated3"));

// Each kind with its number of parameters p; it needs 3 p people, or 3 p people with the event and without it.
TEST_P(RowsPerParameter, AModelShowsFromThreeTimesItsParameters) {
  const ReleaseRule rule{.minimum_cell = 2};
  const std::string of_rule = "rows per parameter 3 of the study";
  const AnalysisEntry linear{.kind = "linear", .formula = "y ~ x + z"};
  const AnalysisEntry logistic{.kind = "glm", .formula = "dead ~ x", .family = "binomial"};
  const AnalysisEntry cox{.kind = "cox", .time = "time", .event = "dead", .formula = "~ x + z"};
  const AnalysisEntry fine_gray{
      .kind = "fine_gray", .time = "time", .event = "cause", .positive = {"1"}, .censored = {"0"}, .formula = "~ x"};
  const AnalysisEntry correlation{.kind = "correlation", .columns = {"x", "y", "z"}};
  AnalysisEntry ranks = correlation;
  ranks.method = "spearman";
  struct Case {
    AnalysisEntry entry;
    std::size_t enough;
    bool iterative;
  };
  // The logistic model needs 6 with the event, of whom the sixth is the sixteenth person; the hazards of x and z need 6 events,
  // too; of x alone 3 events of cause 1, the third of which is the eighth person.
  for (const Case& each : {Case{linear, 9, true}, Case{logistic, 16, true}, Case{cox, 16, true},
                           Case{fine_gray, 8, true}, Case{correlation, 9, false}, Case{ranks, 9, false}}) {
    for (const std::string strength : {"hidden", "opened"}) {
      if (strength == "opened" && !each.iterative) continue;
      AnalysisEntry entry = each.entry;
      entry.strength = strength;
      const Shown few = run(entry, each.enough - 1, rule);
      EXPECT_FALSE(few.estimates) << entry.kind << " " << strength;
      EXPECT_NE(std::find(few.rules.begin(), few.rules.end(), of_rule), few.rules.end())
          << entry.kind << " " << strength;
      const Shown enough = run(entry, each.enough, rule);
      EXPECT_EQ(std::find(enough.rules.begin(), enough.rules.end(), of_rule), enough.rules.end())
          << entry.kind << " " << strength;
      const Shown all = run(entry, 60, rule);
      EXPECT_TRUE(all.estimates) << entry.kind << " " << strength;
    }
  }
}

// A level of two people, under a minimum of three: the rule is named, which is another one than that there is no estimate.
TEST_P(RowsPerParameter, FewPeopleOfALevelCloseAModelByTheMinimumCellSize) {
  const std::string of_rule = "minimum cell size 3 of the study";
  const ReleaseRule rule{.minimum_cell = 3, .rows_per_parameter = 0};
  const AnalysisEntry linear{.kind = "linear", .formula = "y ~ cause"};
  const AnalysisEntry logistic{.kind = "glm", .formula = "dead ~ cause", .family = "binomial"};
  const AnalysisEntry cox{.kind = "cox", .time = "time", .event = "dead", .formula = "~ cause"};
  for (const AnalysisEntry& entry : {linear, logistic, cox}) {
    const Shown few = run(entry, 8, rule);
    EXPECT_FALSE(few.estimates) << entry.kind;
    EXPECT_NE(std::find(few.rules.begin(), few.rules.end(), of_rule), few.rules.end()) << entry.kind;
  }
  EXPECT_TRUE(run(linear, 9, rule).estimates);
}

// A model with as many parameters as people would show their records.
TEST_P(RowsPerParameter, WithoutTheRuleASaturatedModelStaysClosedByTheMinimum) {
  const AnalysisEntry linear{.kind = "linear", .formula = "y ~ x + z"};
  EXPECT_FALSE(run(linear, 5, {.minimum_cell = 3, .rows_per_parameter = 0}).estimates);
  EXPECT_TRUE(run(linear, 6, {.minimum_cell = 3, .rows_per_parameter = 0}).estimates);
  EXPECT_TRUE(run(linear, 4, {.minimum_cell = 1}).estimates);
}

}  // namespace
}  // namespace cohortium::statistics
