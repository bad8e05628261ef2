// `cohortium bench` with one channel more: TCP without TLS, to see what TLS costs. Not installed; see plain_channel.h.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/output.h"
#include "bench/bench.h"
#include "bench/costs.h"
#include "bench/plain_channel.h"

namespace {

using namespace cohortium;

volatile std::sig_atomic_t interrupted = 0;

constexpr std::chrono::seconds connect_patience{10};

bench::Lanes connect_plain(mpc::PartyId self, int parties, int lanes, const bench::ExchangePorts& exchange) {
  const net::Socket listener = net::listen_on("127.0.0.1", 0);
  const std::vector<std::uint16_t> ports = exchange(net::port_of(listener));
  auto connections = bench::connect_streams<bench::PlainConnection>(
      self, parties, lanes, ports,
      [&](std::uint16_t port, mpc::PartyId peer) {
        return bench::call_plain(port, self, peer, net::after(connect_patience));
      },
      [&] { return bench::answer_plain(listener, connect_patience); },
      [](const bench::PlainConnection& connection) { return connection.peer; });
  bench::Lanes result;
  for (auto& lane : connections) {
    lane.erase(lane.begin() + self);
    result.push_back(bench::make_plain_channels(std::move(lane)));
    result.back().insert(result.back().begin() + self, nullptr);
  }
  return result;
}

std::optional<bench::Transport> plain_transport(const std::string& channel, int parties, int lanes) {
  if (channel != "tcp") return std::nullopt;
  return bench::Transport{
      .name = "tcp", .processes = true, .connect = [=](mpc::PartyId self, const bench::ExchangePorts& exchange) {
        return connect_plain(self, parties, lanes, exchange);
      }};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The engine's benchmark, also over TCP without TLS");
  bench::Options options;
  bool json = false;
  app.add_option("--only", options.only, "NAME,…: workloads to run; default all")->delimiter(',');
  app.add_option("--network", options.network, "loopback, lan, national-wan, wan or bad-wan")->capture_default_str();
  app.add_option("--channel", options.channel, "tls, memory or tcp")->capture_default_str();
  app.add_option("--protocol", options.protocol, "Protocol")->capture_default_str();
  app.add_option("--lanes", options.lanes, "Threads and connections per party")->capture_default_str();
  app.add_option("--repeats", options.repeats, "Timed runs, after one warm-up")->capture_default_str();
  app.add_option("--elements", options.elements, "Of every workload, instead of its own number");
  app.add_flag("--json", json, "Print JSON");
  bool costs = false;
  app.add_flag("--costs", costs, "Measure nothing: print what every kernel costs");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  bench::Hooks hooks;
  hooks.progress = [](const std::string& what) { std::fprintf(stderr, "measuring %s\n", what.c_str()); };
  hooks.keep_going = [] {
    if (interrupted) throw Failure({.code = "cli.interrupted", .message = "interrupted"});
  };
  hooks.transport = plain_transport;
  const auto report = attempt([&] {
    if (costs) {
      std::fputs(bench::cost_tables().c_str(), stdout);
    } else {
      const auto measured = bench::run(options, hooks);
      std::fputs((json ? measured.dump(2) + "\n" : bench::as_table(measured)).c_str(), stdout);
    }
    finish_output();
    return true;
  });
  if (!report.ok()) {
    std::fprintf(stderr, "%s\n", report.error().text().c_str());
    return report.error().code == "cli.interrupted" ? 130 : 1;
  }
  return 0;
}
