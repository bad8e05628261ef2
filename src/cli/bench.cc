// `cohortium bench`: measures the engine on this machine, by real processes over mutual TLS.
#include "bench/bench.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "bench/costs.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/progress_line.h"

namespace cohortium::cli {

void run_bench(const bench::Options& options, const Output& output) {
  ProgressLine progress(output.json);
  bench::Hooks hooks;
  hooks.progress = [&](const std::string& what) { progress.show("measuring " + what); };
  hooks.keep_going = [] {
    if (!interrupted()) return;
    throw Failure({.code = "cli.interrupted",
                   .message = "interrupted",
                   .remedy = "run it again; no process and no file is left"});
  };
  const nlohmann::json report = bench::run(options, hooks);
  progress.show("");
  const std::string text = output.json ? report.dump(2) + "\n" : bench::as_table(report);
  std::fputs(text.c_str(), stdout);
}

void print_costs() { std::fputs(bench::cost_tables().c_str(), stdout); }

}  // namespace cohortium::cli
