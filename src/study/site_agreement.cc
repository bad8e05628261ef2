#include "study/site_agreement.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "harmonise/agreement.h"
#include "release/agreement.h"

namespace cohortium::study {
namespace {

using mpc::u128;
using nlohmann::json;

std::vector<harmonise::AgreementItem> items_of(const Study& study) {
  if (!study.harmonise.agreement) return {};
  return harmonise::agreement_items(study.data, study.cohort.get(), study.harmonise);
}

}  // namespace

std::size_t agreement_size(const Study& study) { return items_of(study).size(); }

std::vector<u128> site_agreement(data::Source& source, const Study& study, const harmonise::SiteRules& rules) {
  std::vector<u128> values;
  for (const harmonise::AgreementItem& item : items_of(study)) {
    const harmonise::AgreementValue value = item.measure(source, rules);
    values.push_back((static_cast<u128>(value.high) << 64) | value.low);
  }
  return values;
}

json open_site_agreement(mpc::Engine& engine, const Study& study, const std::vector<mpc::Shared<u128>>& sites,
                         bool name_sites) {
  const std::vector<harmonise::AgreementItem> items = items_of(study);
  std::vector<release::AgreementQuestion> questions;
  for (const harmonise::AgreementItem& item : items) questions.push_back({.same = item.same, .within = item.within});
  const release::Agreement agreement = release::open_agreement(engine, sites, questions, name_sites);
  json all = json::array();
  for (std::size_t i = 0; i < items.size(); ++i) {
    json apart = json::array();
    for (std::size_t site = 0; name_sites && site < study.sites.size(); ++site)
      if (agreement.apart[i][site]) apart.push_back(study.sites[site]);
    all.push_back({{"item", items[i].name}, {"agree", static_cast<bool>(agreement.agree[i])}, {"apart", apart}});
  }
  return all;
}

void require_agreement(const json& items) {
  std::string named;
  for (const json& item : items) {
    if (item.at("agree").get<bool>()) continue;
    named += (named.empty() ? "" : "; ") + item.at("item").get<std::string>();
    std::string sites;
    for (const json& site : item.at("apart")) sites += (sites.empty() ? " (" : ", ") + site.get<std::string>();
    if (!sites.empty()) named += sites + ")";
  }
  if (named.empty()) return;
  throw Failure({.code = "harmonise.sites_disagree",
                 .message = "the sites do not agree in: " + named,
                 .where = "/agreement",
                 .rule = "the study runs only where all sites have these in common",
                 .remedy =
                     "compare them between the sites' data engineers (docs/harmonisation.md), or ask for less in the "
                     "study"});
}

}  // namespace cohortium::study
