// What the coordinator knows of the latest run of a study.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>

#include "base/error.h"
#include "node/coordinator.h"

namespace cohortium::node {

struct Coordinator::Run {
  std::string id, state = "running", analyst, started;
  std::uint64_t version = 1;
  double forecast_seconds = 0;
  nlohmann::json approvals = nlohmann::json::array();
  nlohmann::json progress = nlohmann::json::object();
  std::optional<Error> error;
  std::thread thread;
};

}  // namespace cohortium::node
