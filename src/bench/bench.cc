#include "bench/bench.h"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "bench/limits.h"
#include "bench/parties.h"
#include "bench/ratio.h"
#include "mpc/forecast/run_cost.h"
#include "mpc/protocols.h"

namespace cohortium::bench {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& where, const std::string& message, const std::string& remedy) {
  throw Failure({.code = "bench.bad_option", .message = message, .where = where, .remedy = remedy});
}

void check(const Options& options) {
  constexpr int most = 64;
  if (options.repeats < 1) refuse("--repeats", "there must be a run to time", "use 1 or more");
  if (options.lanes < 1 || options.lanes > most) refuse("--lanes", "there are 1 to 64 lanes", "use 1 or more");
  shape_of_network(options.network);
  if (options.elements == std::size_t{0}) refuse("--elements", "there is nothing to measure", "use 1 or more");
}

Transport transport_for(const Options& options, const Hooks& hooks) {
  const int parties = mpc::parties_of(options.protocol);
  if (options.channel == "tls") return tls_transport(parties, options.lanes);
  if (options.channel == "memory") return memory_transport(parties, options.lanes);
  if (hooks.transport) {
    if (auto transport = hooks.transport(options.channel, parties, options.lanes)) return *transport;
  }
  refuse("--channel", "there is no channel \"" + options.channel + "\"", "use tls or memory");
}

int cores() {
  cpu_set_t set;
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

json machine() {
  std::string processor = "unknown";
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    processor = line.substr(line.find(':') + 2);
    break;
  }
  return {{"processor", processor}, {"cores", cores()}};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// On networks that are played; on loopback three parties share the processors, which no forecast is made for.
json forecast_of(const Workload& workload, const Options& options) {
  const net::LinkShape shape = shape_of_network(options.network);
  if (shape == net::LinkShape{}) return nullptr;
  const mpc::Link link{.latency_seconds = std::chrono::duration<double>(shape.latency).count(),
                       .bytes_per_second = shape.bytes_per_second};
  const auto prepare = [&](mpc::Engine& engine) {
    return workload.prepare(engine, options.elements.value_or(workload.elements)).run;
  };
  return mpc::forecast_run(options.protocol, link, options.lanes, prepare).seconds;
}

json entry(const Workload& workload, const Options& options, const Measurement& measured, const Limits& limits) {
  const json forecast = forecast_of(workload, options);
  const double seconds = median(measured.seconds), elements = static_cast<double>(measured.elements);
  const std::uint64_t most = *std::max_element(measured.bytes.begin(), measured.bytes.end());
  const Floor floor = floor_of(measured, limits, shape_of_network(options.network), options.channel, cores());
  return {{"name", workload.name},
          {"protocol", options.protocol},
          {"network", options.network},
          {"channel", options.channel},
          {"lanes", options.lanes},
          {"elements", measured.elements},
          {"seconds", seconds},
          {"all_seconds", measured.seconds},
          {"elements_per_second", elements / seconds},
          {"bytes_per_element", static_cast<double>(most) / elements},
          {"bytes_by_party", measured.bytes},
          {"rounds", measured.rounds},
          {"processor_seconds", measured.processor_seconds},
          {"peak_memory_bytes", measured.peak_memory_bytes},
          {"verified", true},
          {"forecast_seconds", forecast},
          {"limit", floor.resource},
          {"ratio_to_limit", floor.seconds / seconds}};
}

}  // namespace

json run(const Options& options, const Hooks& hooks, const std::vector<Workload>& workloads) {
  check(options);
  const std::vector<Workload> chosen = options.only.empty() ? workloads : workloads_named(workloads, options.only);
  const Transport transport = transport_for(options, hooks);
  hooks.progress("the machine's limits");
  const Limits limits = measure_limits(hooks.keep_going);
  json report = {{"machine", machine()}, {"limits", to_json(limits)}, {"workloads", json::array()}};

  hooks.progress("connecting the parties");
  const PartySettings settings{.protocol = options.protocol,
                               .parties = mpc::parties_of(options.protocol),
                               .lanes = options.lanes,
                               .network = options.network};
  Parties parties(settings, transport, chosen, hooks.keep_going);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    hooks.progress(chosen[i].name);
    const auto measured =
        attempt([&] { return parties.measure(i, options.elements.value_or(chosen[i].elements), options.repeats); });
    if (!measured.ok()) {
      Error error = measured.error();
      if (error.code == "bench.wrong_result") error.where = chosen[i].name;
      throw Failure(error);
    }
    report["workloads"].push_back(entry(chosen[i], options, measured.value(), limits));
  }
  return report;
}

}  // namespace cohortium::bench
