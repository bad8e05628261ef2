#include "statistics/curve_steps.h"

#include <nlohmann/json.hpp>

namespace cohortium::statistics {

using mpc::u128;
using nlohmann::json;

std::vector<std::string> curve_leakage(const mpc::ReleaseRule& rule) {
  const std::string minimum = std::to_string(rule.minimum_cell);
  if (rule.curve == mpc::CurveRule::kExact) {
    return {"for every group of at least " + minimum +
            " people, each time at which anyone had the event or was censored, with the numbers at risk, of events and "
            "of censorings over all sites together: single events show"};
  }
  return {"for every group of at least " + minimum +
              " people, the curve at the ends of time steps that each cover at least " + minimum +
              " events over all sites together, with the number of events of each step; its value depends on the order "
              "of events inside a step",
          "numbers at risk and of censorings, wherever no difference between released numbers covers some but " +
              below_minimum(rule)};
}

std::vector<std::string> column_names(const SurvivalColumns& columns) {
  std::vector<std::string> names{columns.time.name, columns.event.name};
  for (const auto& column : columns.grouping.columns()) names.push_back(column.name);
  return names;
}

json curve_json(const SurvivalColumns& columns, const mpc::ReleaseRule& rule, double confidence) {
  return {{"time", {{"column", columns.time.name}, {"unit", columns.time.unit}}},
          {"by", names_of(columns.grouping.columns())},
          {"curve", rule.curve == mpc::CurveRule::kExact ? "exact" : "merged"},
          {"confidence", confidence}};
}

json stratum_json(const SurvivalColumns& columns, std::size_t group, const mpc::ReleasedStratum& stratum) {
  json out = {{"stratum", columns.grouping.code(group)},
              {"label", columns.grouping.label(group)},
              {"withheld", !stratum.passed},
              {"n", count_json(stratum.people)},
              {"events", count_json(stratum.events)}};
  for (const char* name : {"time_from", "time", "n_risk", "n_event", "n_censor"}) out[name] = json::array();
  for (const mpc::ReleasedStep& step : stratum.steps) {
    out["time_from"].push_back(columns.time_at(step.from));
    out["time"].push_back(columns.time_at(step.to));
    out["n_risk"].push_back(count_json(step.at_risk));
    out["n_event"].push_back(static_cast<std::uint64_t>(step.events));
    out["n_censor"].push_back(count_json(step.censored));
  }
  return out;
}

std::vector<CurveRow> rows_of_steps(const SurvivalColumns& columns, const mpc::ReleasedStratum& stratum) {
  std::vector<CurveRow> rows;
  auto number = [](const std::optional<u128>& count) {
    return count ? std::optional(to_double(*count)) : std::nullopt;
  };
  for (const mpc::ReleasedStep& step : stratum.steps) {
    rows.push_back({.time_from = columns.time_at(step.from),
                    .time = columns.time_at(step.to),
                    .at_risk = number(step.at_risk),
                    .events = to_double(step.events),
                    .censored = number(step.censored)});
  }
  return rows;
}

}  // namespace cohortium::statistics
