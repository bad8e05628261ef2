#include "statistics/survival/cox_baseline.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "oblivious/baseline_hazard.h"

namespace cohortium::statistics {

using mpc::Shared;
using mpc::u128;
using nlohmann::json;

std::vector<std::string> baseline_leakage(const mpc::ReleaseRule& rule) {
  const std::string what =
      "the baseline hazard of every stratum, for covariates of 0, and the predictor of the "
      "covariates' means, to which it belongs before";
  if (rule.curve == mpc::CurveRule::kExact)
    return {what + ", at each time at which anyone had the event, with the number of events: single events show"};
  return {
      what + ", at the ends of time steps that each cover at least " + std::to_string(rule.minimum_cell) +
      " events over all sites together, with the number of events of each step; its value depends on who is at risk "
      "inside a step"};
}

mpc::SharedCurve shared_baseline(mpc::Engine& engine, const CoxDesign& design, const oblivious::RiskSets& sets,
                                 const oblivious::RiskTerms& terms, const Shared<u128>& events,
                                 const mpc::SharedBits& shown) {
  const SurvivalColumns columns = design.curve_columns();
  const std::vector<mpc::SharedBits> everywhere(events.size, shown);
  const std::vector<u128> nobody(events.size);
  return {.strata = columns.strata(),
          .grid = columns.grid(),
          .events = engine.keep_where(mpc::concatenate(std::span(everywhere)), events),
          .censored = engine.constant(std::span<const u128>(nobody)),
          .sampled = {oblivious::baseline_hazard(engine, sets, terms, design.point_keys())}};
}

json baseline_json(const CoxDesign& design, const mpc::ReleaseRule& rule, double predictor_of_zero,
                   const std::vector<mpc::ReleasedStratum>& strata) {
  const SurvivalColumns columns = design.curve_columns();
  json out = {{"time", {{"column", columns.time.name}, {"unit", columns.time.unit}}},
              {"curve", rule.curve == mpc::CurveRule::kExact ? "exact" : "merged"},
              {"strata", json::array()}};
  for (std::size_t s = 0; s < strata.size(); ++s) {
    const bool withheld = !strata[s].passed || strata[s].steps.empty();
    json stratum = {{"stratum", columns.grouping.code(s)},
                    {"label", columns.grouping.label(s)},
                    {"withheld", withheld},
                    {"events", count_json(withheld ? std::nullopt : strata[s].events)}};
    for (const char* name : {"time_from", "time", "n_event", "cumhaz", "surv"}) stratum[name] = json::array();
    for (const mpc::ReleasedStep& step : strata[s].steps) {
      const double of_means = std::max(0.0, mpc::decode_fixed(step.sampled[0], oblivious::hazard_fraction_bits));
      const double hazard = of_means * std::exp(predictor_of_zero);
      stratum["time_from"].push_back(columns.time_at(step.from));
      stratum["time"].push_back(columns.time_at(step.to));
      stratum["n_event"].push_back(static_cast<std::uint64_t>(step.events));
      stratum["cumhaz"].push_back(std::isfinite(hazard) ? json(hazard) : json(nullptr));
      stratum["surv"].push_back(std::exp(-hazard));
    }
    out["strata"].push_back(std::move(stratum));
  }
  return out;
}

}  // namespace cohortium::statistics
