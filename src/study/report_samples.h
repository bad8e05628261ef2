// Results to render, for the report's tests.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cohortium::study::report {

using nlohmann::json;

// A stratum whose survival falls by equal steps, with intervals of +-0.1.
inline json stratum(const std::string& label, std::size_t steps, double last_survival = 0.2) {
  json s = {{"stratum", label},        {"label", label},         {"n", 100}, {"events", 80}, {"median", nullptr},
            {"median_lower", nullptr}, {"median_upper", nullptr}};
  for (const char* name : {"time_from", "time", "n_risk", "n_event", "n_censor", "surv", "std_err_surv", "lower_log",
                           "upper_log", "lower_loglog", "upper_loglog"}) {
    s[name] = json::array();
  }
  for (std::size_t i = 0; i < steps; ++i) {
    const double survival = 1 - (1 - last_survival) * static_cast<double>(i + 1) / static_cast<double>(steps);
    s["time_from"].push_back(10 * i + 1);
    s["time"].push_back(10 * (i + 1));
    s["n_risk"].push_back(100 * (steps - i));
    s["n_event"].push_back(99);
    s["n_censor"].push_back(1);
    s["surv"].push_back(survival);
    s["std_err_surv"].push_back(0.05);
    for (const char* scale : {"log", "loglog"}) {
      const bool defined = survival > 0;
      s[std::string("lower_") + scale].push_back(defined ? json(std::max(0.0, survival - 0.1)) : json());
      s[std::string("upper_") + scale].push_back(defined ? json(std::min(1.0, survival + 0.1)) : json());
    }
  }
  return s;
}

inline json withheld_stratum(const std::string& label) {
  json s = stratum(label, 0);
  s["withheld"] = true;
  s["n"] = s["events"] = nullptr;
  return s;
}

inline json no_records(const std::string& label) {
  json s = stratum(label, 0);
  s["n"] = s["events"] = 0;
  return s;
}

inline json curves(std::vector<json> strata) {
  return {{"kind", "kaplan_meier"},
          {"title", "Survival"},
          {"time", {{"column", "time"}, {"unit", "d"}}},
          {"by", "arm"},
          {"curve", "exact"},
          {"confidence", 0.95},
          {"error_bound", 1e-9},
          {"strata", std::move(strata)}};
}

inline json sample() {
  return json::parse(R"({
    "cohortium_result": 1,
    "study": {"title": "Survival by arm", "purpose": "Does it help?",
              "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
              "sites": ["north", "west", "south"], "protocol": "replicated3",
              "release": {"minimum_cell": 11, "curve": "merged"}},
    "run": {"id": "5b1c", "started": "2026-11-20T10:00:00.000Z", "finished": "2026-11-20T10:00:03.412Z",
            "compute_parties": ["north", "west", "south"], "coordinator": "north",
            "approvals": [{"site": "north", "by": "operator-north", "time": "2026-11-20T09:00:00.000Z"}],
            "version": "0.1.0"},
    "leakage": {"analyst": ["The curve."], "compute_party": ["Sizes."], "site": [], "coordinator": ["The schedule."]},
    "cost": {"forecast": {"network": "lan", "rounds": 123, "bytes_sent": 4560, "seconds": 0.2},
             "measured": {"rounds": 120, "bytes_sent": 4560000, "seconds": 0.25}},
    "withheld": [{"analysis": "tab", "what": "1 of 2 cells", "rule": "minimum cell size 11 of the study", "numbers": 1}],
    "withheld_by_rule": [{"rule": "minimum cell size 11 of the study", "numbers": 1}],
    "analyses": {
      "lr": {"kind": "log_rank", "title": "Test", "chisq": 10.33, "df": 1, "p": 0.00013, "groups": ["0", "1"], "labels": ["control", "treated"],
             "n": [100, 1200], "observed": [80, 60], "expected": [70.04, 69.96],
             "variance": [[30, -30], [-30, 30]], "error_bound": 1e-9},
      "age": {"kind": "describe", "title": "Age", "column": {"name": "age", "unit": "a"}, "by": ["arm"],
              "groups": [{"group": "0", "label": "control", "n": 100, "missing": 0, "mean": 61.2345, "variance": 100, "sd": 10},
                         {"group": "1", "label": "treated", "n": null, "missing": null, "mean": null, "variance": null, "sd": null}]},
      "tab": {"kind": "count", "title": "Arm", "by": ["arm"],
              "cells": [{"levels": ["0"], "labels": ["control"], "n": 1234},
                        {"levels": ["1"], "labels": ["treated"], "n": null}]}}})");
}

inline json sample_with(const json& analysis) {
  json result = sample();
  result["analyses"]["km"] = analysis;
  return result;
}

}  // namespace cohortium::study::report
