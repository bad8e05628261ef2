#include "statistics/survival/curve_steps.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "statistics/distributions.h"

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

StepCurve::StepCurve(const EntryContext& context)
    : columns_(survival_columns(context)), rule_(context.rule), confidence_(context.entry.confidence) {
  check_survival_numbers(columns_.grid(), context.path);
}

double StepCurve::sampling_error() const {
  return 5 * static_cast<double>(columns_.grid()) * std::ldexp(1.0, -survival_fraction_bits);
}

double StepCurve::quantile() const { return normal_quantile((1 + confidence_) / 2); }

Declaration StepCurve::declare() const {
  Declaration declaration;
  declaration.computes = computes();
  declaration.analyst_learns = curve_leakage(rule_);
  declaration.columns = column_names(columns_);
  declaration.aggregate = columns_.key();
  declaration.aggregate_size = columns_.aggregate_size();
  declaration.error_bound = merged() ? largest_error() : 0;
  return declaration;
}

mpc::SharedOutcome StepCurve::secure(mpc::Engine& engine, const SiteInputs& inputs) const {
  const SurvivalCounts counts = split_aggregate(columns_, inputs.aggregate);
  mpc::SharedOutcome outcome;
  outcome.curve = mpc::SharedCurve{.strata = columns_.strata(),
                                   .grid = columns_.grid(),
                                   .events = counts.events,
                                   .censored = counts.censored,
                                   .sampled = {}};
  if (merged()) outcome.curve->sampled = estimate(engine, counts);
  return outcome;
}

std::vector<CurveRow> StepCurve::rows_of(const mpc::ReleasedStratum& stratum) const {
  std::vector<CurveRow> rows = rows_of_steps(columns_, stratum);
  if (!merged()) estimate_from_counts(rows);
  for (std::size_t i = 0; merged() && i < rows.size(); ++i) take(stratum.steps[i].sampled, rows[i]);
  return rows;
}

nlohmann::json StepCurve::present(const mpc::ReleasedOutcome& outcome) const {
  nlohmann::json strata = nlohmann::json::array();
  double error = 0;
  for (std::size_t s = 0; s < columns_.strata(); ++s) {
    const mpc::ReleasedStratum& stratum = (*outcome.curve)[s];
    const std::vector<CurveRow> rows = rows_of(stratum);
    strata.push_back(stratum_json(columns_, s, stratum));
    present_rows(rows, strata.back());
    for (const CurveRow& row : rows) error = merged() ? std::max(error, error_at(row)) : 0;
  }
  nlohmann::json out = curve_json(columns_, rule_, confidence_);
  out["error_bound"] = error;
  out["strata"] = std::move(strata);
  return out;
}

}  // namespace cohortium::statistics
