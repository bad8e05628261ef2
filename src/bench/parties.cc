#include "bench/parties.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "base/error.h"
#include "bench/party.h"

namespace cohortium::bench {
namespace {

using nlohmann::json;

// What a child process does: the parties given to it, one thread each.
void run_parties_here(const PartySettings& settings, const Transport& transport, const std::vector<Workload>& workloads,
                      std::vector<std::optional<Control>>& lines) {
  std::vector<std::thread> threads;
  for (mpc::PartyId party = 0; party < settings.parties; ++party) {
    if (!lines[party]) continue;
    threads.emplace_back([&, party] { run_party(party, settings, transport, workloads, std::move(*lines[party])); });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

Parties::Parties(const PartySettings& settings, const Transport& transport, const std::vector<Workload>& workloads,
                 std::function<void()> keep_going)
    : keep_going_(std::move(keep_going)) {
  try {
    start(settings, transport, workloads);
  } catch (...) {
    stop();
    throw;
  }
}

Parties::~Parties() { stop(); }

void Parties::start(const PartySettings& settings, const Transport& transport, const std::vector<Workload>& workloads) {
  const pid_t parent = ::getpid();
  std::vector<std::optional<Control>> lines(settings.parties);
  for (mpc::PartyId party = 0; party < settings.parties; ++party) {
    auto [here, there] = control_pair();
    controls_.push_back(std::move(here));
    lines[party] = std::move(there);
    if (!transport.processes && party + 1 < settings.parties) continue;
    const pid_t child = ::fork();
    COHORTIUM_CHECK(child >= 0);
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);
      ::setpgid(0, 0);  // Ctrl-C reaches the starter alone, which then ends its parties
      controls_.clear();
      run_parties_here(settings, transport, workloads, lines);
      ::_exit(0);
    }
    processes_.push_back(child);
    for (auto& line : lines) line.reset();
  }

  std::vector<json> first;
  for (std::size_t party = 0; party < controls_.size(); ++party) first.push_back(answer_of(party));
  if (!first.front().contains("port")) return;
  json ports = json::array();
  for (const json& message : first) ports.push_back(message.at("port"));
  for (Control& control : controls_) control.send({{"ports", ports}});
  for (std::size_t party = 0; party < controls_.size(); ++party) answer_of(party);
}

Measurement Parties::measure(std::size_t workload, std::size_t elements, int repeats) {
  for (Control& control : controls_) {
    control.send({{"workload", workload}, {"elements", elements}, {"repeats", repeats}});
  }
  for (int repeat = -1; repeat < repeats; ++repeat) {
    for (std::size_t party = 0; party < controls_.size(); ++party) answer_of(party);
    for (Control& control : controls_) control.send({{"go", true}});
  }
  Measurement all;
  all.seconds.assign(repeats, 0);
  for (std::size_t party = 0; party < controls_.size(); ++party) {
    const json one = answer_of(party).at("measured");
    if (const std::string wrong = one.at("wrong"); !wrong.empty()) {
      throw Failure({.code = "bench.wrong_result",
                     .message = "the result is not that of plain arithmetic: " + wrong,
                     .remedy = "report it; no time is printed for a wrong result"});
    }
    for (int repeat = 0; repeat < repeats; ++repeat) {
      all.seconds[repeat] = std::max(all.seconds[repeat], one.at("seconds").at(repeat).get<double>());
    }
    all.elements = one.at("elements");
    all.multiply_adds = one.at("multiply_adds");
    all.processor_seconds += one.at("processor_seconds").get<double>();
    all.rounds = std::max(all.rounds, one.at("rounds").get<std::uint64_t>());
    all.bytes.push_back(one.at("bytes"));
    all.peak_memory_bytes = std::max(all.peak_memory_bytes, one.at("peak_memory_bytes").get<std::uint64_t>());
  }
  return all;
}

json Parties::answer_of(std::size_t party) {
  json message = controls_[party].receive(keep_going_);
  if (message.contains("error")) fail_with_cause(message.at("error"));
  return message;
}

// A party that failed takes the others down with it: of all accounts, that of the first fault is wanted.
void Parties::fail_with_cause(const json& first) {
  json cause = first;
  const auto is_echo = [](const json& error) { return error.at("code") == "net.peer_closed"; };
  const auto patience = net::after(std::chrono::seconds(2));
  for (Control& control : controls_) {
    while (is_echo(cause)) {
      const auto message = attempt([&] {
        return control.receive([&] {
          if (std::chrono::steady_clock::now() > patience) throw std::exception();
        });
      });
      if (!message.ok()) break;
      if (message.value().contains("error")) cause = message.value().at("error");
    }
  }
  throw Failure({.code = cause.at("code"),
                 .message = cause.at("message"),
                 .where = cause.at("where"),
                 .rule = cause.at("rule"),
                 .remedy = cause.at("remedy")});
}

void Parties::stop() {
  controls_.clear();
  for (const pid_t process : processes_) {
    ::kill(process, SIGKILL);
    ::waitpid(process, nullptr, 0);
  }
  processes_.clear();
}

}  // namespace cohortium::bench
