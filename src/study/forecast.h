// Before anything runs: what a study will cost, and what each role will learn.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "study/plan.h"

namespace cohortium::study {

struct Network {
  std::string name;
  double latency_seconds = 0;  // one way
  double bytes_per_second = 0;
};
// The links of net/shaped_channel.h: loopback, lan, national-wan, wan, bad-wan. Fails with
// study.unknown_network.
const Network& network_named(std::string_view name);
const std::vector<Network>& networks();

struct Forecast {
  std::uint64_t rounds = 0;
  std::uint64_t bytes_sent = 0;      // by the compute party that sends most, input sharing excluded
  std::uint64_t bytes_per_site = 0;  // that each site sends to the compute parties
  double seconds = 0;                // of the secure part on the given network
};
// Runs the plan on the cost engine, for the rows that the study expects: what can be opened counts as opened, so the figures are upper bounds.
Forecast forecast(const Plan& plan, const Network& network);

// Sentences per role: what it learns, beyond the study file itself.
struct Leakage {
  std::vector<std::string> analyst, site, compute_party, coordinator;
};
Leakage leakage_statement(const Plan& plan);
nlohmann::json to_json(const Leakage& leakage);

}  // namespace cohortium::study
