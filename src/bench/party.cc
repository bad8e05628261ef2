#include "bench/party.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/memory.h"
#include "mpc/protocols.h"
#include "mpc/session.h"

namespace cohortium::bench {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

double processor_seconds(bool whole_process) {
  timespec time{};
  ::clock_gettime(whole_process ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Makes the kernel count this process' peak of resident memory anew. Where it may not, the peak is that of all so far.
void reset_peak_memory() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5";
}

std::uint64_t peak_memory_bytes() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
  }
  return 0;
}

class Party {
 public:
  Party(mpc::PartyId self, const PartySettings& settings, const Transport& transport,
        const std::vector<Workload>& workloads, Control& control)
      : whole_process_(transport.processes),
        workloads_(workloads),
        control_(control),
        session_(connect(self, settings, transport)),
        engine_(mpc::make_engine(settings.protocol, session_)) {}

  void serve() {
    control_.send({{"connected", true}});
    for (;;) {
      // The starter has closed the line: a benchmark that is over needs no ceremony.
      const auto order = attempt([&] { return control_.receive(); });
      if (!order.ok()) return;
      control_.send({{"measured", measure(order.value())}});
    }
  }

 private:
  mpc::Session connect(mpc::PartyId self, const PartySettings& settings, const Transport& transport) {
    const auto exchange_ports = [&](std::uint16_t own) {
      control_.send({{"port", own}});
      return control_.receive().at("ports").get<std::vector<std::uint16_t>>();
    };
    Lanes lanes = shape_lanes(transport.connect(self, exchange_ports), settings.network);
    std::vector<std::unique_ptr<net::Channel>> channels;
    for (auto& lane : lanes) std::move(lane.begin(), lane.end(), std::back_inserter(channels));
    return mpc::Session({.self = self,
                         .parties = settings.parties,
                         .protocol = settings.protocol,
                         .run = "benchmark",
                         .plan = "benchmark",
                         .lanes = settings.lanes},
                        std::move(channels));
  }

  json measure(const json& order) {
    const Workload& workload = workloads_.at(order.at("workload").get<std::size_t>());
    release_memory();  // what earlier workloads left, so that the peak is this one's
    reset_peak_memory();
    const Task task = workload.prepare(*engine_, order.at("elements").get<std::size_t>());
    session_.flush();
    const int repeats = order.at("repeats").get<int>();
    std::vector<double> seconds;
    double processor = 0;
    mpc::Cost cost;
    for (int repeat = -1; repeat < repeats; ++repeat) {  // the first is the warm-up
      task.clear();
      control_.send({{"ready", true}});
      control_.receive();
      const mpc::Cost cost_before = engine_->cost();
      const double processor_before = processor_seconds(whole_process_);
      const auto start = Clock::now();
      task.run();
      session_.flush();
      if (repeat < 0) continue;
      seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
      processor += (processor_seconds(whole_process_) - processor_before) / repeats;
      cost = {.rounds = engine_->cost().rounds - cost_before.rounds,
              .bytes_sent = engine_->cost().bytes_sent - cost_before.bytes_sent};
    }
    const std::uint64_t peak = peak_memory_bytes();
    const std::string wrong = task.check();
    session_.flush();
    return {{"elements", task.elements},
            {"seconds", seconds},
            {"processor_seconds", processor},
            {"rounds", cost.rounds},
            {"bytes", cost.bytes_sent},
            {"peak_memory_bytes", peak},
            {"multiply_adds", task.multiply_adds},
            {"wrong", wrong}};
  }

  bool whole_process_;
  const std::vector<Workload>& workloads_;
  Control& control_;
  mpc::Session session_;
  std::unique_ptr<mpc::Engine> engine_;
};

}  // namespace

void run_party(mpc::PartyId self, const PartySettings& settings, const Transport& transport,
               const std::vector<Workload>& workloads, Control control) {
  const auto served = attempt([&] {
    Party(self, settings, transport, workloads, control).serve();
    return true;
  });
  if (served.ok()) return;
  const Error& error = served.error();
  attempt([&] {
    control.send({{"error",
                   {{"code", error.code},
                    {"message", error.message},
                    {"where", error.where},
                    {"rule", error.rule},
                    {"remedy", error.remedy}}}});
    return true;
  });
}

}  // namespace cohortium::bench
