#include "bench/studies.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <span>

#include "bench/inputs.h"
#include "bench/workload.h"
#include "data/table.h"
#include "mpc/simulate.h"
#include "study/study_file.h"

namespace cohortium::bench {
namespace {

using nlohmann::json;

constexpr const char* survival_text = R"({
  "cohortium": 1,
  "title": "Benchmark: survival of two arms",
  "purpose": "Measures a study on made records.",
  "sites": ["north", "west", "south"],
  "data": {
    "table": "trial",
    "columns": {
      "time": {"type": "duration", "unit": "d", "range": [0, 1095], "step": 1},
      "event": {"type": "event", "event": ["1"], "censored": ["0"]},
      "arm": {"type": "category", "levels": {"control": "control", "treatment": "treatment"}}
    }
  },
  "analyses": [
    {"id": "survival", "kind": "kaplan_meier", "time": "time", "event": "event", "by": "arm"},
    {"id": "difference", "kind": "log_rank", "time": "time", "event": "event", "by": "arm"}
  ]
})";

constexpr const char* table_text = R"({
  "cohortium": 1,
  "title": "Benchmark: a table",
  "purpose": "Measures a study on made records.",
  "sites": ["north", "west", "south"],
  "data": {
    "table": "visits",
    "columns": {
      "ward": {"type": "category", "levels": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]},
      "cause": {"type": "category", "levels": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]}
    }
  },
  "analyses": [{"id": "table", "kind": "table", "by": ["ward", "cause"], "proportions": "row"}]
})";

// The study's columns, without values.
data::Table empty_table(const study::Plan& plan, std::size_t rows) {
  data::Table table{.rows = rows};
  for (const auto& declaration : plan.study().data.columns) {
    table.columns.push_back({.declaration = declaration});
    table.columns.back().missing.assign(rows, 0);
  }
  return table;
}

// Constant hazards, survival half as long again in one arm, a third of the patients lost at a uniform time.
std::vector<u128> made_patients(const study::Plan& plan, std::size_t patients) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> unit(0, 1);
  data::Table table = empty_table(plan, patients);
  const auto named = [&](const std::string& name) -> data::Column& {
    return *std::find_if(table.columns.begin(), table.columns.end(),
                         [&](const data::Column& column) { return column.declaration.name == name; });
  };
  data::Column &time = named("time"), &event = named("event"), &arm = named("arm");
  const auto last_day = static_cast<double>(time.declaration.grid_size() - 1);
  constexpr double mean_days = 900;
  for (std::size_t i = 0; i < patients; ++i) {
    const bool treated = random() % 2 == 1;
    const double dies = -std::log1p(-unit(random)) * mean_days * (treated ? 1.5 : 1.0);
    const double leaves = unit(random) * 3 < 1 ? unit(random) * last_day : last_day;
    time.grid.push_back(static_cast<std::uint32_t>(std::min(dies, leaves)));
    event.event.push_back(dies <= leaves ? 1 : 0);
    arm.level.push_back(treated ? 1 : 0);
  }
  return plan.local(table);
}

// Every cell is taken, some only by chance of one in 20,000.
std::vector<u128> made_visits(const study::Plan& plan, std::size_t visits) {
  std::mt19937_64 random(11);
  data::Table table = empty_table(plan, visits);
  for (std::size_t i = 0; i < visits; ++i) {
    const u64 word = random();
    const auto ward = static_cast<std::uint16_t>(word % 10);
    const auto cause = static_cast<std::uint16_t>((word >> 8) % 1000 == 0 ? (word >> 32) % 10 : (word >> 32) % 9);
    table.columns[0].level.push_back(ward);
    table.columns[1].level.push_back(cause);
  }
  return plan.local(table);
}

// Where two documents differ, or nothing.
std::string difference(const json& actual, const json& expected, const std::string& path) {
  constexpr double tolerance = 1e-6;
  if (actual.is_number() && expected.is_number()) {
    const double wanted = expected.get<double>();
    const bool close = std::abs(actual.get<double>() - wanted) <= tolerance * std::max(1.0, std::abs(wanted));
    return close ? "" : fmt::format("{} is {}, not {}", path, actual.dump(), expected.dump());
  }
  if (actual.type() != expected.type() || actual.size() != expected.size()) return path + " has another shape";
  if (!actual.is_structured()) return actual == expected ? "" : path + " differs";
  for (const auto& [key, value] : expected.items()) {
    const json* const other = actual.is_array()      ? &actual[std::stoul(key)]
                              : actual.contains(key) ? &actual[key]
                                                     : nullptr;
    if (other == nullptr) return path + "/" + key + " is missing";
    std::string found = difference(*other, value, path + "/" + key);
    if (!found.empty()) return found;
  }
  return "";
}

}  // namespace

const BenchStudy& survival_study() {
  static const BenchStudy study{study::Plan(study::parse_study(survival_text, "survival")), made_patients};
  return study;
}

const BenchStudy& table_study() {
  static const BenchStudy study{study::Plan(study::parse_study(table_text, "table")), made_visits};
  return study;
}

std::string compare_with_plaintext(const study::Plan& plan, const release::ReleasedStudy& released,
                                   const std::vector<u128>& aggregates) {
  const auto expected = mpc::simulate("plaintext", [&](Engine& engine) {
    return plan.secure(engine, {.aggregates = engine.constant(std::span<const u128>(aggregates))});
  });
  std::string found = difference(plan.present(released.outcomes), plan.present(expected[0].outcomes), "");
  return found.empty() ? difference(plan.withheld(released), plan.withheld(expected[0]), "/withheld") : found;
}

namespace {

Workload study_workload(const char* name, const char* summary, std::size_t elements, const BenchStudy& (*study_of)()) {
  return make_workload(
      name, summary, elements,
      [=](Engine& engine, std::size_t n) {
        const BenchStudy& study = study_of();
        return share_from_first<u128>(engine, study.plan.aggregate_size(),
                                      [&] { return study.aggregates(study.plan, n); });
      },
      [=](Engine& engine, const Shared<u128>& aggregates) {
        return study_of().plan.secure(engine, {.aggregates = aggregates});
      },
      [=](Engine& engine, const release::ReleasedStudy& out, std::size_t n) -> std::string {
        const BenchStudy& study = study_of();
        return engine.self() == 0 ? compare_with_plaintext(study.plan, out, study.aggregates(study.plan, n)) : "";
      });
}

}  // namespace

std::vector<Workload> study_workloads() {
  return {
      study_workload("kaplan_meier_log_rank", "a study: curves and test of two arms on 1,096 days, elements = patients",
                     300'000, survival_study),
      study_workload("table_10x10", "a study: a table of 10 x 10 cells with shares of rows, elements = records",
                     10'000'000, table_study)};
}

}  // namespace cohortium::bench
