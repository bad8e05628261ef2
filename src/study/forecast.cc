#include "study/forecast.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "mpc/forecast/run_cost.h"
#include "net/shaped_channel.h"

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
  std::size_t answers = 0, answer_elements = 0;  // of each site
  const mpc::RunCost cost = mpc::forecast_run(plan.study().protocol, link, 1, [&](mpc::Engine& engine) {
    return [&] {
      answers = answer_elements = 0;  // every party counts the same
      plan.secure(engine, {.aggregates = mpc::Shared<mpc::u128>(plan.aggregate_size(), 0),
                           .rows = mpc::Shared<mpc::u128>(plan.row_columns() * rows, 0),
                           .row_count = rows,
                           .ask = [&](std::size_t analysis, std::span<const double>) {
                             ++answers;
                             answer_elements += plan.step_size(analysis);
                             return mpc::Shared<mpc::u128>(plan.step_size(analysis), 0);
                           }});
    };
  });
  constexpr std::size_t sent = 2 * sizeof(mpc::u128);  // by a site, per element
  const std::size_t rows_per_site = rows / plan.study().sites.size();
  return {.rounds = cost.rounds + 2 * answers,
          .bytes_sent = cost.most_bytes(),
          .bytes_per_site = sent * (plan.aggregate_size() + plan.row_columns() * rows_per_site + answer_elements),
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
  leakage.site = {"its own records, as before, and the released result"};
  leakage.site.push_back(
      study.sites.size() == 2
          ? "by subtracting its own numbers from the released ones, the other site's: with two sites nothing prevents "
            "it"
          : "by subtracting its own numbers from the released ones, the sum over the other sites, and no more");
  leakage.compute_party = {
      "the released result and the outcome of the release rules (what is withheld, where a step ends)",
      "shares of every site's aggregates, which are uniformly random to it as long as no two compute parties pool "
      "theirs",
      "the study file, which sites take part and when they send"};
  if (plan.row_columns() > 0) {
    leakage.compute_party.push_back(
        "every site's number of rows, rounded up by up to an eighth, because rows are shared one by one");
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
