#include "statistics/models/glm_diagnostics.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/calibration.h"
#include "oblivious/fixed_point.h"
#include "oblivious/working_model.h"
#include "statistics/distributions.h"
#include "statistics/models/discrimination.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

struct Group {
  double people = 0, risk = 0, events = 0;
};

// Over groups, of events and of others: (observed - expected)^2 / expected.
nlohmann::json hosmer_lemeshow(const std::vector<Group>& groups) {
  const double df = static_cast<double>(groups.size()) - 2;
  double statistic = 0;
  for (const Group& group : groups) {
    const double off = group.events - group.risk;
    statistic += off * off / group.risk + off * off / (group.people - group.risk);
  }
  const bool defined = df >= 1 && std::isfinite(statistic);
  nlohmann::json test = {{"name", "calibration (Hosmer and Lemeshow)"},
                         {"statistic_name", "chi-square"},
                         {"statistic", nullptr},
                         {"df", nlohmann::json::array()},
                         {"p", nullptr}};
  if (!defined) return test;
  test["statistic"] = statistic;
  test["df"].push_back(df);
  test["p"] = chi_square_upper_tail(statistic, df);
  return test;
}

}  // namespace

GlmDiagnostics::GlmDiagnostics(const GlmModel& model, const EntryContext& context)
    : groups_(context.entry.calibration),
      minimum_(std::max<mpc::u64>(model.rule.minimum_cell, 1)),
      confidence_(model.confidence) {
  const bool possible = model.family.name == "binomial" && model.counts_events && model.weight.empty();
  any_ = possible && (context.entry.strength == "hidden" || groups_ > 0);
  if (groups_ == 0 || (possible && groups_ >= 3 && groups_ <= 100)) return;
  throw Failure({.code = "study.no_calibration",
                 .message = possible ? "calibration takes 3 to 100 groups"
                                     : "calibration is for a binomial outcome that is there or not, without weights",
                 .where = context.at("calibration"),
                 .remedy = possible ? "ask for 10 groups" : "leave \"calibration\" out, or name an event"});
}

std::vector<std::string> GlmDiagnostics::learns() const {
  if (!any_) return {};
  std::vector<std::string> sentences = {
      "how well the model tells the outcomes apart: the area under its receiver operating characteristic"};
  if (groups_ > 0) {
    sentences.push_back(
        "its calibration: of " + std::to_string(groups_) +
        " groups by predicted risk how many people they have, their mean risk and their events; groups are "
        "joined until each has nobody or at least " +
        std::to_string(minimum_) + " people with and without the event");
  }
  return sentences;
}

std::vector<Shared<u128>> GlmDiagnostics::values(mpc::Engine& engine, const GlmNumbers& numbers,
                                                 const Shared<u128>& rows, std::size_t row_count,
                                                 const Shared<u128>& coefficients) const {
  if (!any_) return {};
  if (row_count == 0) {
    const auto none = [&](std::size_t count) { return oblivious::constant_fill(engine, count, u128{0}); };
    return {none(1), none(groups_), none(groups_), none(groups_)};
  }
  const oblivious::ModelRecords records = model_records(numbers, rows, row_count);
  const RankedPredictions ranked = rank_predictions(engine, records, coefficients);
  std::vector<Shared<u128>> values{twice_rank_sum_of_events(engine, records, ranked.ranks)};
  if (groups_ == 0) return values;
  const auto risk = oblivious::probabilities(engine, numbers.family(), ranked.predictor);
  const oblivious::RiskGroups groups =
      oblivious::risk_groups(engine, ranked.ranks.before, records.weight, records.y, risk, groups_);
  oblivious::RiskGroups merged = oblivious::merged_groups(engine, groups, minimum_);
  values.insert(values.end(), {std::move(merged.people), std::move(merged.events), std::move(merged.risk)});
  return values;
}

void GlmDiagnostics::present(nlohmann::json& out, std::span<const std::vector<u128>> values, double n,
                             double events) const {
  if (!any_) return;
  if (events > 0 && events < n) {
    const AreaUnderCurve curve = area_under_curve(to_double(values[0][0]), events, n - events, confidence_);
    out["fit"]["auc"] = curve.area;
    out["fit"]["auc_se"] = curve.error;
    out["fit"]["auc_lower"] = curve.lower;
    out["fit"]["auc_upper"] = curve.upper;
  }
  if (groups_ == 0) return;
  std::vector<Group> groups;
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t k = 0; k < groups_; ++k) {
    if (values[1][k] == 0) continue;
    const Group group{.people = to_double(values[1][k]),
                      .risk = mpc::decode_fixed(values[3][k], oblivious::model_bits),
                      .events = to_double(values[2][k])};
    list.push_back({{"n", count_json(std::optional(group.people))},
                    {"events", count_json(std::optional(group.events))},
                    {"mean_risk", group.risk / group.people},
                    {"observed", group.events / group.people}});
    groups.push_back(group);
  }
  out["calibration"] = {{"asked", groups_}, {"groups", std::move(list)}};
  out["tests"].push_back(hosmer_lemeshow(groups));
}

}  // namespace cohortium::statistics
