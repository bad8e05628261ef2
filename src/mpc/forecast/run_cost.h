// What a run costs all parties together, and how long it takes on a given link: the forecast engine's figures, call by
// call.
//
// Time       a call takes its rounds, each of the link's latency and of waking up for a message, and the bytes of the party
//            that sends most in it, each of the link's bandwidth and of being masked, encrypted and added
// Assumes    parties on like machines; every party's links to the two others work side by side
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "mpc/engine.h"

namespace cohortium::mpc {

struct RunCost {
  std::uint64_t rounds = 0;
  std::vector<std::uint64_t> bytes_sent;  // by party
  double seconds = 0;

  std::uint64_t most_bytes() const;  // of the party that sends most
};

// `prepare` does what is not counted, at every party's forecast engine in turn, and returns what is.
using PrepareRun = std::function<std::function<void()>(Engine& engine)>;
RunCost forecast_run(std::string_view protocol, const Link& link, int lanes, const PrepareRun& prepare);

// The time of calls that cost `rounds` and send `bytes`.
double forecast_seconds(const Cost& cost, const Link& link);

}  // namespace cohortium::mpc
