#include "study/result.h"

#include <nlohmann/json.hpp>

#include "statistics/adjustment.h"
#include "study/forecast.h"
#include "study/privacy.h"
#include "study/rounding.h"
#include "study/withheld.h"

namespace cohortium::study {

using nlohmann::json;

namespace {

json release_facts(const mpc::ReleaseRule& rule) {
  json facts = {{"minimum_cell", rule.minimum_cell},
                {"curve", rule.curve == mpc::CurveRule::kExact ? "exact" : "merged"},
                {"rows_per_parameter", rule.people_per_parameter()}};
  if (rule.round_to > 1) facts["round_to"] = rule.round_to;
  if (rule.protect_sites) facts["protect_sites"] = true;
  if (!rule.zero_and_full) facts["zero_and_full"] = false;
  if (rule.dominance) facts["dominance"] = {{"largest", rule.dominance->largest}, {"share", rule.dominance->share}};
  return facts;
}

}  // namespace

json study_facts(const Study& study) {
  return {{"title", study.title}, {"purpose", study.purpose},   {"hash", study.hash},
          {"sites", study.sites}, {"protocol", study.protocol}, {"release", release_facts(study.release)}};
}

json adjusted(const Adjustment& adjustment, const json& analyses) {
  std::vector<std::optional<double>> p;
  for (const std::string& id : adjustment.analyses) {
    const json& value = analyses.at(id).at("p");
    p.push_back(value.is_null() ? std::nullopt : std::optional(value.get<double>()));
  }
  const auto values = statistics::adjust_p(adjustment.method, p);
  json tests = json::array();
  for (std::size_t i = 0; i < p.size(); ++i) {
    tests.push_back({{"analysis", adjustment.analyses[i]},
                     {"p", analyses.at(adjustment.analyses[i]).at("p")},
                     {"p_adjusted", values[i] ? json(*values[i]) : json(nullptr)}});
  }
  return {{"method", adjustment.method}, {"tests", std::move(tests)}};
}

json assemble_result(const Plan& plan, const json& released, const RunRecord& run) {
  const Study& study = plan.study();
  const Forecast expected = forecast(plan, network_named(run.network));
  json approvals = json::array();
  for (const Approval& approval : run.approvals) {
    approvals.push_back({{"site", approval.site}, {"by", approval.by}, {"time", approval.time}});
  }
  json result = {{"cohortium_result", 1},
                 {"study", study_facts(study)},
                 {"run",
                  {{"id", run.id},
                   {"started", run.started},
                   {"finished", run.finished},
                   {"compute_parties", run.compute_parties},
                   {"coordinator", run.coordinator},
                   {"approvals", approvals},
                   {"version", COHORTIUM_VERSION}}},
                 {"leakage", to_json(leakage_statement(plan))},
                 {"cost",
                  {{"forecast",
                    {{"network", run.network},
                     {"rounds", expected.rounds},
                     {"bytes_sent", expected.bytes_sent},
                     {"seconds", expected.seconds}}},
                   {"measured",
                    {{"rounds", run.measured.rounds},
                     {"bytes_sent", run.measured.bytes_sent},
                     {"seconds", run.measured_seconds}}}}},
                 {"withheld", released.at("withheld")},
                 {"withheld_by_rule", withheld_by_rule(released.at("withheld"))},
                 {"analyses", released.at("analyses")}};
  if (plan.noise()) result["privacy"] = privacy_facts(plan);
  if (study.release.round_to > 1) result["rounding"] = rounding_facts(study);
  if (study.adjustment) result["adjusted"] = adjusted(*study.adjustment, released.at("analyses"));
  return result;
}

}  // namespace cohortium::study
