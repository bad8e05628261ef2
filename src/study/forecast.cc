#include "study/forecast.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "mpc/forecast/forecast.h"
#include "mpc/measure_link.h"
#include "mpc/protocols.h"

namespace cohortium::study {
namespace {

// A message that has arrived still has to be woken up for, decrypted and added: measured on loopback, where nothing
// else is left. `scripts/bench` prints both.
constexpr double seconds_per_round = 60e-6;
constexpr double seconds_per_byte = 4e-9;

}  // namespace

const std::vector<Network>& networks() {
  static const std::vector<Network> all = {
      {"loopback", 0, 1e9}, {"lan", 1e-3, 125e6}, {"wan", 20e-3, 12.5e6}, {"bad-wan", 100e-3, 0.25e6}};
  return all;
}

const Network& network_named(std::string_view name) {
  for (const Network& network : networks()) {
    if (network.name == name) return network;
  }
  throw Failure({.code = "study.unknown_network",
                 .message = "there is no network \"" + std::string(name) + "\"",
                 .remedy = "use loopback, lan, wan or bad-wan"});
}

Forecast forecast(const Plan& plan, const Network& network) {
  Forecast result;
  // What the parties will agree on when they meet; where messages take little time, Link's default.
  mpc::Link agreed;
  if (network.round_trip_seconds / 2 >= mpc::near_seconds) {
    agreed = {.latency_seconds = network.round_trip_seconds / 2, .bytes_per_second = network.bytes_per_second};
  }
  const std::string& protocol = plan.study().protocol;
  for (mpc::PartyId party = 0; party < mpc::parties_of(protocol); ++party) {
    const auto engine = mpc::make_forecast_engine(protocol, party, agreed);
    plan.secure(*engine, mpc::Shared<mpc::u128>(plan.aggregate_size(), 0));
    result.rounds = std::max(result.rounds, engine->cost().rounds);
    result.bytes_sent = std::max(result.bytes_sent, engine->cost().bytes_sent);
  }
  result.bytes_per_site = 2 * sizeof(mpc::u128) * plan.aggregate_size();
  const mpc::Link link{.latency_seconds = network.round_trip_seconds / 2 + seconds_per_round,
                       .bytes_per_second = 1 / (1 / network.bytes_per_second + seconds_per_byte)};
  result.seconds = mpc::forecast_seconds({.rounds = result.rounds, .bytes_sent = result.bytes_sent}, link);
  return result;
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
