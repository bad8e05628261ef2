// A study and a policy that the tests of this folder share.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "policy/demand.h"
#include "policy/policy_file.h"

namespace cohortium::policy {

inline nlohmann::json test_study() {
  return nlohmann::json::parse(R"({"cohortium": 1, "title": "t", "purpose": "outcomes research: survival by arm",
    "sites": ["north", "west"], "data": {"table": "trial", "columns": {
      "time": {"type": "duration", "unit": "d", "range": [0, 50]},
      "event": {"type": "event", "event": [1], "censored": [0]},
      "arm": {"type": "category", "levels": ["a", "b"]}}},
    "analyses": [{"id": "km", "kind": "kaplan_meier", "time": "time", "event": "event", "by": "arm"}]})");
}

inline Demand demand_of(const nlohmann::json& study) {
  return demand_of(study::Plan(study::parse_study(study.dump(), "study.json")));
}

inline constexpr const char* test_policy = R"(version = 7
site = "north"
[columns.trial]
time = "outcome"
event = "outcome"
arm = "other"
age = "quasi_identifier"
hiv = "sensitive"
name = "identifier"
[[deny]]
name = "nobody filters on HIV"
columns = { sensitive = ["filter"] }
[[rule]]
name = "outcomes"
analyses = ["kaplan_meier", "count", "glm"]
protocols = ["replicated3"]
analysts = ["ana"]
purposes = ["outcomes research"]
columns = { outcome = ["any"], other = ["any"], quasi_identifier = ["group", "filter"] }
minimum_rows = 50
approvals = 2
[[rule.frequency]]
runs = 2
days = 30
per = "analyst"
[[rule]]
name = "counts"
analyses = ["count"]
protocols = ["any"]
analysts = ["any"]
purposes = ["any"]
columns = ["other"]
maximum_privacy_loss = 0.1
approvals = 0
)";

}  // namespace cohortium::policy
