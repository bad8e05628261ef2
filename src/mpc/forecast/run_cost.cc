#include "mpc/forecast/run_cost.h"

#include <algorithm>

#include "base/error.h"
#include "mpc/forecast/forecast.h"
#include "mpc/measure_link.h"
#include "mpc/protocols.h"

namespace cohortium::mpc {
namespace {

// What a round and a byte take beside the wire: fitted to what `cohortium bench --network lan` measures with three parties
// on two cores. A round counts waking up and the local work between rounds, most of a byte's work is done while others
// are on the wire.
constexpr double seconds_per_round = 300e-6;
constexpr double seconds_per_byte = 2e-9;

}  // namespace

std::uint64_t RunCost::most_bytes() const {
  return bytes_sent.empty() ? 0 : *std::max_element(bytes_sent.begin(), bytes_sent.end());
}

double forecast_seconds(const Cost& cost, const Link& link) {
  return static_cast<double>(cost.rounds) * (link.latency_seconds + seconds_per_round) +
         static_cast<double>(cost.bytes_sent) * (1 / link.bytes_per_second + seconds_per_byte);
}

RunCost forecast_run(std::string_view protocol, const Link& link, int lanes, const PrepareRun& prepare) {
  std::vector<std::vector<Cost>> calls(parties_of(protocol));
  RunCost result;
  // What the parties will agree on when they meet.
  const Link agreed = link.latency_seconds >= near_seconds ? link : Link{};
  for (PartyId party = 0; party < parties_of(protocol); ++party) {
    const auto engine = make_forecast_engine(protocol, party, agreed, lanes, &calls[party]);
    const auto run = prepare(*engine);
    const Cost before = engine->cost();
    calls[party].clear();
    run();
    result.rounds = std::max(result.rounds, engine->cost().rounds - before.rounds);
    result.bytes_sent.push_back(engine->cost().bytes_sent - before.bytes_sent);
  }
  for (std::size_t call = 0; call < calls[0].size(); ++call) {
    Cost dearest;
    for (const auto& of_party : calls) {
      COHORTIUM_CHECK(of_party.size() == calls[0].size());
      dearest.rounds = std::max(dearest.rounds, of_party[call].rounds);
      dearest.bytes_sent = std::max(dearest.bytes_sent, of_party[call].bytes_sent);
    }
    result.seconds += forecast_seconds(dearest, link);
  }
  return result;
}

}  // namespace cohortium::mpc
