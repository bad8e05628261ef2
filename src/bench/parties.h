// The parties of a benchmark, as processes (or, for memory channels, threads of one process) that prepare, run and check
// workloads at the word of the process that started them.
//
// They end with that process, whatever becomes of it, and leave no files.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/control.h"
#include "bench/transport.h"
#include "bench/workload.h"

namespace cohortium::bench {

struct PartySettings {
  std::string protocol = "replicated3";
  int parties = 3;
  int lanes = 1;
  std::string network = "loopback";
};

struct Measurement {
  std::size_t elements = 0;
  std::vector<double> seconds;          // per repeat, the slowest party's
  double processor_seconds = 0;         // of all parties together, per repeat
  std::uint64_t rounds = 0;             // per repeat
  std::vector<std::uint64_t> bytes;     // sent per repeat, by party
  std::uint64_t peak_memory_bytes = 0;  // of the largest process
  double multiply_adds = 0;
};

class Parties {
 public:
  // Starts them; call it before this process has threads. `keep_going` is called while waiting, here and in measure():
  // what it throws ends both. Fails with what the parties fail with.
  Parties(const PartySettings& settings, const Transport& transport, const std::vector<Workload>& workloads,
          std::function<void()> keep_going);
  ~Parties();
  Parties(const Parties&) = delete;
  Parties& operator=(const Parties&) = delete;

  // One warm-up and `repeats` timed runs. Fails with bench.wrong_result when the last result is not right.
  Measurement measure(std::size_t workload, std::size_t elements, int repeats);

 private:
  void start(const PartySettings& settings, const Transport& transport, const std::vector<Workload>& workloads);
  nlohmann::json answer_of(std::size_t party);
  [[noreturn]] void fail_with_cause(const nlohmann::json& first);
  void stop();

  std::function<void()> keep_going_;
  std::vector<Control> controls_;  // by party
  std::vector<pid_t> processes_;
};

}  // namespace cohortium::bench
