// result.json (docs/schema/result.schema.json): what a run released, with its study, course, cost and approvals.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "mpc/engine.h"
#include "study/plan.h"

namespace cohortium::study {

struct Approval {
  std::string site, by, time;
};

struct RunRecord {
  std::string id, started, finished;  // times as RFC 3339, UTC
  std::vector<std::string> compute_parties;
  std::string coordinator;
  std::vector<Approval> approvals;
  std::string network;          // that the forecast is for
  mpc::Cost measured;           // of the compute party that sent most
  double measured_seconds = 0;  // of the secure part, at the slowest compute party
};

// What a study is, for people and for the result: title, purpose, hash, sites, protocol, release rules.
nlohmann::json study_facts(const Study& study);

// The result's "adjusted": the released p-values of the tests that the study names, and what they come to together.
nlohmann::json adjusted(const Adjustment& adjustment, const nlohmann::json& analyses);

// `released` holds "analyses" and "withheld" as made by Plan at the compute parties.
nlohmann::json assemble_result(const Plan& plan, const nlohmann::json& released, const RunRecord& run);

}  // namespace cohortium::study
