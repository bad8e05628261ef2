#include "study/check_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "mpc/protocols.h"
#include "study/dominance.h"
#include "study/forecast.h"
#include "study/privacy.h"
#include "study/result.h"
#include "study/rounding.h"
#include "study/site_agreement.h"
#include "study/site_protection.h"

namespace cohortium::study {

using nlohmann::json;

json check_summary(const Plan& plan) {
  const Study& study = plan.study();
  json computed = json::array();
  for (std::size_t i = 0; i < study.analyses.size(); ++i) {
    computed.push_back({{"id", study.analyses[i].id},
                        {"computes", plan.declarations()[i].computes},
                        {"columns", plan.declarations()[i].columns},
                        {"error_bound", plan.declarations()[i].error_bound}});
  }
  json costs = json::array();
  for (const Network& network : networks()) {
    const Forecast cost = forecast(plan, network);
    costs.push_back({{"network", network.name},
                     {"rounds", cost.rounds},
                     {"bytes_sent", cost.bytes_sent},
                     {"bytes_per_site", cost.bytes_per_site},
                     {"seconds", cost.seconds}});
  }
  json summary = study_facts(study);
  summary["where"] = study.data.where;
  summary["analyses"] = computed;
  if (study.harmonise.agreement) {
    const harmonise::AgreementRules& rules = *study.harmonise.agreement;
    summary["agreement"] = {{"about", rules.about},
                            {"coverage_within", rules.coverage_within},
                            {"days_within", rules.days_within},
                            {"items", agreement_size(study)}};
  }
  if (study.adjustment)
    summary["adjust"] = {{"method", study.adjustment->method}, {"analyses", study.adjustment->analyses}};
  if (plan.noise()) summary["privacy"] = privacy_facts(plan);
  if (study.release.round_to > 1) summary["rounding"] = rounding_facts(study);
  summary["leakage"] = to_json(leakage_statement(plan));
  summary["forecast"] = costs;
  return summary;
}

namespace {

std::string models_sentence(const mpc::ReleaseRule& rule) {
  const std::string left_over =
      rule.minimum_cell > 1 ? fmt::format("{} more people than parameters", rule.minimum_cell) : "";
  const double each = rule.people_per_parameter();
  if (each == 0) return left_over.empty() ? "whatever the number of people" : "at least " + left_over;
  return fmt::format("at least {} people per parameter{}{}", each, left_over.empty() ? "" : " and ", left_over);
}

}  // namespace

std::string check_text(const Plan& plan) {
  const Study& study = plan.study();
  const json summary = check_summary(plan);
  std::string text =
      fmt::format("{}\n{}\n\nstudy     {}\nsites     {}\nprotocol  {}: {}\nrelease   minimum cell {}, {} curves\n",
                  study.title, std::string(study.title.size(), '='), study.hash, fmt::join(study.sites, ", "),
                  study.protocol, mpc::facts_of(study.protocol).security, study.release.minimum_cell,
                  summary["release"]["curve"].get<std::string>());
  text += fmt::format("models    {}\n", models_sentence(study.release));
  if (protects_sites(study))
    text += fmt::format("sites     protected: no group of whom all but some, but fewer than {}, are of one site\n",
                        study.release.minimum_cell);
  if (!study.release.zero_and_full)
    text += "certainty no number tells that nobody, or everybody, of a group has the event\n";
  if (limits_dominance(study)) text += fmt::format("dominance {}\n", dominance_sentence(*study.release.dominance));
  if (study.release.round_to > 1) text += fmt::format("rounding  {}\n", rounding_sentence(rounding_facts(study)));
  if (plan.noise()) text += fmt::format("noise     {}\n", privacy_sentence(summary["privacy"]));
  if (!study.data.where.empty()) text += fmt::format("rows      where {}\n", study.data.where);
  if (study.harmonise.agreement)
    text += fmt::format("agreement {} items ({}) in which all sites must agree first\n", agreement_size(study),
                        fmt::join(study.harmonise.agreement->about, ", "));
  text += "\nWhat is computed\n";
  for (const json& analysis : summary["analyses"]) {
    const double bound = analysis["error_bound"];
    text += fmt::format("  {:<10} {} (error {})\n", analysis["id"].get<std::string>(),
                        analysis["computes"].get<std::string>(),
                        bound == 0 ? "none" : fmt::format("at most {:.0e}", bound));
  }
  if (study.adjustment) {
    text += fmt::format("  {:<10} p-values of {}, adjusted for one another after the release\n",
                        study.adjustment->method, fmt::join(study.adjustment->analyses, ", "));
  }
  text += "\nWhat each role will learn\n";
  for (const char* role : {"analyst", "site", "compute_party", "coordinator"}) {
    std::string heading = role;
    for (const json& sentence : summary["leakage"][role]) {
      text += fmt::format("  {:<14} {}\n", heading, sentence.get<std::string>());
      heading.clear();
    }
  }
  text += "\nWhat it will cost (the compute party that sends most; upper bounds)\n";
  text += fmt::format("  {:<12} {:>7} {:>12} {:>14} {:>10}\n", "network", "rounds", "bytes", "bytes a site", "seconds");
  for (const json& cost : summary["forecast"]) {
    text += fmt::format("  {:<12} {:>7} {:>12} {:>14} {:>10.2f}\n", cost["network"].get<std::string>(),
                        cost["rounds"].get<std::uint64_t>(), cost["bytes_sent"].get<std::uint64_t>(),
                        cost["bytes_per_site"].get<std::uint64_t>(), cost["seconds"].get<double>());
  }
  return text;
}

}  // namespace cohortium::study
