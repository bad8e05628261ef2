#include "bench/survival_study.h"

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

constexpr const char* study_text = R"({
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

// Constant hazards, survival half as long again in one arm, a third of the patients lost at a uniform time.
data::Table made_patients(std::size_t patients) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> unit(0, 1);
  data::Table table{.rows = patients};
  for (const auto& declaration : survival_plan().study().data.columns) {
    table.columns.push_back({.declaration = declaration});
  }
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
  for (data::Column& column : table.columns) column.missing.assign(patients, 0);
  return table;
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

const study::Plan& survival_plan() {
  static const study::Plan plan(study::parse_study(study_text, "survival_study"));
  return plan;
}

std::vector<u128> survival_aggregates(std::size_t patients) { return survival_plan().local(made_patients(patients)); }

std::string compare_with_plaintext(const std::vector<mpc::ReleasedOutcome>& outcomes,
                                   const std::vector<u128>& aggregates) {
  const study::Plan& plan = survival_plan();
  const auto expected = mpc::simulate("plaintext", [&](Engine& engine) {
    return plan.secure(engine, {.aggregates = engine.constant(std::span<const u128>(aggregates))});
  });
  std::string found = difference(plan.present(outcomes), plan.present(expected[0]), "");
  return found.empty() ? difference(plan.withheld(outcomes), plan.withheld(expected[0]), "/withheld") : found;
}

std::vector<Workload> study_workloads() {
  return {make_workload(
      "kaplan_meier_log_rank", "a study: curves and test of two arms on 1,096 days, elements = patients", 300'000,
      [](Engine& engine, std::size_t n) {
        return share_from_first<u128>(engine, survival_plan().aggregate_size(), [=] { return survival_aggregates(n); });
      },
      [](Engine& engine, const Shared<u128>& aggregates) {
        return survival_plan().secure(engine, {.aggregates = aggregates});
      },
      [](Engine& engine, const std::vector<mpc::ReleasedOutcome>& out, std::size_t n) -> std::string {
        return engine.self() == 0 ? compare_with_plaintext(out, survival_aggregates(n)) : "";
      })};
}

}  // namespace cohortium::bench
