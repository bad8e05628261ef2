// The benchmark of the engine: machine limits and workloads, measured together and checked, as JSON.
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/transport.h"
#include "bench/workload.h"

namespace cohortium::bench {

struct Options {
  std::vector<std::string> only = {};  // names of workloads; none: all
  std::string network = "loopback";
  std::string channel = "tls";
  std::string protocol = "replicated3";
  int lanes = 1;
  int repeats = 7;
  std::optional<std::size_t> elements = {};  // of every workload, instead of its own number
};

struct Hooks {
  std::function<void()> keep_going = [] {};  // called often; what it throws ends the benchmark
  std::function<void(const std::string&)> progress = [](const std::string&) {};  // what is being measured
  // Makes transports that are not the product's own; null where it knows none of this name.
  std::function<std::optional<Transport>(const std::string& channel, int parties, int lanes)> transport = {};
};

// Fails with bench.*, mpc.unknown_protocol or with what a party fails with. A wrong result is bench.wrong_result.
nlohmann::json run(const Options& options, const Hooks& hooks,
                   const std::vector<Workload>& workloads = all_workloads());

// The report as a table for people.
std::string as_table(const nlohmann::json& report);

}  // namespace cohortium::bench
