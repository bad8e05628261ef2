#include "mpc/simulate.h"

#include <mutex>
#include <string>
#include <thread>

#include "mpc/protocols.h"
#include "mpc/session.h"
#include "net/memory_channel.h"

namespace cohortium::mpc {
namespace {

using Channels = std::vector<std::unique_ptr<net::Channel>>;

// channels[i][lane * parties + j] leads from party i to party j.
std::vector<Channels> connect_all(int parties, const Simulation& simulation) {
  std::vector<Channels> channels(parties);
  for (auto& row : channels) row.resize(parties * simulation.lanes);
  const WrapChannel& wrap = simulation.wrap;
  for (int lane = 0; lane < simulation.lanes; ++lane) {
    for (PartyId a = 0; a < parties; ++a) {
      for (PartyId b = a + 1; b < parties; ++b) {
        auto [first, second] =
            net::memory_channel_pair("party" + std::to_string(a), "party" + std::to_string(b), simulation.patience);
        channels[a][lane * parties + b] = wrap ? wrap(a, b, std::move(first)) : std::move(first);
        channels[b][lane * parties + a] = wrap ? wrap(b, a, std::move(second)) : std::move(second);
      }
    }
  }
  return channels;
}

}  // namespace

Outcomes run_parties(std::string_view protocol, const std::function<void(Engine&)>& body,
                     const Simulation& simulation) {
  const int parties = parties_of(protocol);
  std::vector<Channels> channels = connect_all(parties, simulation);
  Outcomes outcomes{.error = std::vector<std::optional<Error>>(parties), .cause = {}};
  std::mutex mutex;
  auto run_party = [&](PartyId self) {
    std::optional<Session>
        session;  // outlives the catch: what the others see of its end is the echo of a fault noted here
    try {
      session.emplace(SessionSettings{.self = self,
                                      .parties = parties,
                                      .protocol = std::string(protocol),
                                      .run = "simulation",
                                      .plan = "simulation",
                                      .lanes = simulation.lanes,
                                      .link = simulation.link},
                      std::move(channels[self]));
      body(*make_engine(protocol, *session));
      session->finish();
    } catch (...) {
      const std::lock_guard lock(mutex);
      outcomes.error[self] = error_from_current_exception();
      const auto is_echo = [&](PartyId party) { return outcomes.error[party]->code == "net.peer_closed"; };
      if (!outcomes.cause || (is_echo(*outcomes.cause) && !is_echo(self))) outcomes.cause = self;
    }
  };
  std::vector<std::thread> threads;
  for (PartyId party = 0; party < parties; ++party) threads.emplace_back(run_party, party);
  for (auto& thread : threads) thread.join();
  return outcomes;
}

}  // namespace cohortium::mpc
