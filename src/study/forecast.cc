#include "study/forecast.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "mpc/dealing.h"
#include "mpc/forecast/run_cost.h"
#include "mpc/protocols.h"
#include "net/shaped_channel.h"
#include "study/rounding.h"
#include "study/site_agreement.h"
#include "study/site_bounds.h"
#include "study/site_protection.h"

namespace cohortium::study {
namespace {

Network network_of_shape(const std::string& name) {
  const auto shape = net::link_shape(name);
  COHORTIUM_CHECK(shape.has_value());
  constexpr double as_fast_as_it_goes = 1e9;
  return {.name = name,
          .latency_seconds = std::chrono::duration<double>(shape->latency).count(),
          .bytes_per_second = shape->bytes_per_second > 0 ? shape->bytes_per_second : as_fast_as_it_goes};
}

}  // namespace

const std::vector<Network>& networks() {
  static const std::vector<Network> all = [] {
    std::vector<Network> networks;
    for (const char* name : {"loopback", "lan", "national-wan", "wan", "bad-wan"}) {
      networks.push_back(network_of_shape(name));
    }
    return networks;
  }();
  return all;
}

const Network& network_named(std::string_view name) {
  for (const Network& network : networks()) {
    if (network.name == name) return network;
  }
  throw Failure({.code = "study.unknown_network",
                 .message = "there is no network \"" + std::string(name) + "\"",
                 .remedy = "use loopback, lan, national-wan, wan or bad-wan"});
}

Forecast forecast(const Plan& plan, const Network& network) {
  const mpc::Link link{.latency_seconds = network.latency_seconds, .bytes_per_second = network.bytes_per_second};
  const std::size_t rows = plan.row_columns() == 0 ? 0 : plan.study().data.expected_rows;
  const std::size_t items = agreement_size(plan.study());
  std::size_t answers = 0, answer_elements = 0;  // of each site
  const mpc::RunCost cost = mpc::forecast_run(plan.study().protocol, link, 1, [&](mpc::Engine& engine) {
    return [&] {
      answers = answer_elements = 0;  // every party counts the same
      const std::size_t sites = plan.study().sites.size();
      if (items > 0) {
        for (std::size_t site = 0; site < sites; ++site) engine.adopt({}, items);
        const std::vector<mpc::Shared<mpc::u128>> agreements(sites, mpc::Shared<mpc::u128>(items, 0));
        static_cast<void>(open_site_agreement(engine, plan.study(), agreements, true));
      }
      std::vector<SiteShares> shared;
      for (const std::string& site : plan.study().sites) {
        const std::size_t count = plan.aggregate_size() + plan.row_columns() * (rows / sites);
        engine.adopt({}, count);
        shared.push_back({.site = site, .values = mpc::Shared<mpc::u128>(count, 0), .rows = rows / sites});
      }
      static_cast<void>(sites_out_of_bounds(engine, plan, shared));
      plan.secure(engine,
                  {.aggregates = mpc::Shared<mpc::u128>(plan.aggregate_size(), 0),
                   .rows = mpc::Shared<mpc::u128>(plan.row_columns() * rows, 0),
                   .row_count = rows,
                   .sites = std::vector(plan.by_site() ? sites : 0, mpc::Shared<mpc::u128>(plan.aggregate_size(), 0)),
                   .ask = [&](std::size_t analysis, std::span<const double>) {
                     ++answers;
                     answer_elements += plan.step_size(analysis);
                     for (std::size_t site = 0; site < sites; ++site) {
                       engine.adopt({}, plan.step_size(analysis));
                     }
                     return mpc::Shared<mpc::u128>(plan.step_size(analysis), 0);
                   }});
    };
  });
  const std::size_t sent = mpc::dealt_bytes_per_element(plan.study().protocol);  // by a site
  const std::size_t rows_per_site = rows / plan.study().sites.size();
  return {
      .rounds = cost.rounds + 2 * answers,
      .bytes_sent = cost.most_bytes(),
      .bytes_per_site = sent * (items + plan.aggregate_size() + plan.row_columns() * rows_per_site + answer_elements),
      .seconds = cost.seconds + 2 * static_cast<double>(answers) * link.latency_seconds +
                 static_cast<double>(sent * answer_elements) / link.bytes_per_second};
}

Leakage leakage_statement(const Plan& plan) {
  const Study& study = plan.study();
  Leakage leakage;
  for (const auto& declaration : plan.declarations()) {
    leakage.analyst.insert(leakage.analyst.end(), declaration.analyst_learns.begin(), declaration.analyst_learns.end());
  }
  leakage.analyst.push_back("nothing about any single site: every number is over all " +
                            std::to_string(study.sites.size()) + " sites together");
  if (plan.noise()) {
    leakage.analyst.push_back(
        "every count and sum with random noise that nobody knows, and what follows from these: of one person next to "
        "nothing, whatever else is known (release/privacy of the study says how little)");
  }
  if (study.release.round_to > 1)
    leakage.analyst.push_back("of numbers of people not these but " + rounding_sentence(rounding_facts(study)));
  if (protects_sites(study))
    leakage.analyst.push_back("no number of people of whom all but some, but fewer than " +
                              std::to_string(study.release.minimum_cell) + ", are of one site");
  leakage.site = {"its own records, as before, and the released result"};
  leakage.site.push_back(
      study.sites.size() == 2
          ? "by subtracting its own numbers from the released ones, the other site's: with two sites nothing prevents "
            "it"
          : "by subtracting its own numbers from the released ones, the sum over the other sites, and no more");
  leakage.compute_party = {
      "the released result and the outcome of the release rules (what is withheld, where a step ends)",
      std::string(mpc::facts_of(study.protocol).shares), "the study file, which sites take part and when they send"};
  const auto opened = std::any_of(study.analyses.begin(), study.analyses.end(),
                                  [](const auto& entry) { return entry.strength == "opened"; });
  if (opened) {
    leakage.compute_party.push_back(
        "of the analyses whose strength is opened: the coefficients of every step and the sums over all sites that "
        "lead "
        "to the next, once enough people take part");
  }
  if (plan.steps() > 0) leakage.site.push_back("the coefficients of every step at which it is asked for sums");
  if (plan.row_columns() > 0) {
    leakage.compute_party.push_back(
        "every site's number of rows, rounded up by up to an eighth, because rows are shared one by one");
  }
  if (agreement_size(study) > 0) {
    leakage.analyst.push_back(
        "of each item of the agreement check, whether all sites agree; where the consortium lets sites be named, also "
        "which of them differ from more than half of the others");
    leakage.site.push_back("the outcome of the agreement check, thus whether all others have what it has itself");
    leakage.compute_party.push_back(
        "the outcome of the agreement check; of what the sites have in each item, shares that are uniformly random to "
        "it");
  }
  leakage.coordinator = {"the study file, approvals, the course of the run and the released result; no shares"};
  return leakage;
}

nlohmann::json to_json(const Leakage& leakage) {
  return {{"analyst", leakage.analyst},
          {"site", leakage.site},
          {"compute_party", leakage.compute_party},
          {"coordinator", leakage.coordinator}};
}

}  // namespace cohortium::study
