// All parties of a protocol in one process, each in its own thread, over memory channels.
//
//   std::vector<double> means = simulate("replicated3", [&](Engine& engine) { … return mean; });
//
// A party that fails closes its channels, so that the others end too.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "mpc/engine.h"
#include "net/channel.h"

namespace cohortium::mpc {

// Stands between `self` and its channel to `peer`: records it, or makes it faulty.
using WrapChannel =
    std::function<std::unique_ptr<net::Channel>(PartyId self, PartyId peer, std::unique_ptr<net::Channel> channel)>;

// The network that is played.
struct Simulation {
  WrapChannel wrap = {};  // called for every lane
  std::chrono::milliseconds patience = std::chrono::seconds(30);
  int lanes = 1;
  Link link = {};  // what the engines take it for; nothing is slowed down
};

// How a simulated run ended at every party. The cause is the party that failed first; one that failed because a peer
// had closed counts only if all did.
struct Outcomes {
  std::vector<std::optional<Error>> error;  // by party
  std::optional<PartyId> cause;
};

// Runs body(engine) at every party and takes leave (Session::finish). Peers are called party0, party1, …. A party waits
// for a peer's message no longer than the patience.
Outcomes run_parties(std::string_view protocol, const std::function<void(Engine&)>& body,
                     const Simulation& simulation = {});

// What every party returned. Throws the error of the cause.
template <class Body>
auto simulate(std::string_view protocol, Body body, const Simulation& simulation = {}) {
  using Value = std::invoke_result_t<Body, Engine&>;
  auto check = [](const Outcomes& outcomes) {
    if (outcomes.cause) throw Failure(*outcomes.error[*outcomes.cause]);
  };
  if constexpr (std::is_void_v<Value>) {
    check(run_parties(protocol, body, simulation));
  } else {
    std::array<std::optional<Value>, 8> values;  // one party's thread writes one place
    const Outcomes outcomes = run_parties(
        protocol, [&](Engine& e) { values.at(e.self()) = body(e); }, simulation);
    check(outcomes);
    std::vector<Value> results;
    for (std::size_t party = 0; party < outcomes.error.size(); ++party) results.push_back(std::move(*values[party]));
    return results;
  }
}

}  // namespace cohortium::mpc
