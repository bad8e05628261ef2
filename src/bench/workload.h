// What is measured: a workload shares its inputs, runs, and compares its result with plain arithmetic.
//
// Everything is written against mpc::Engine, so the cost forecast runs the same workloads. Inputs follow from the number
// of elements alone: they are made when they are shared and once more when the result is checked, so that neither the
// time nor the peak of memory counts them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "mpc/engine.h"

namespace cohortium::bench {

// A workload whose inputs are shared, at one party.
struct Task {
  std::size_t elements = 0;            // what elements_per_second and bytes_per_element count
  double multiply_adds = 0;            // 64-bit multiply-adds of all parties together, where they are the limit
  std::function<void()> run;           // what is timed; may be called again
  std::function<void()> clear;         // frees the last result
  std::function<std::string()> check;  // at party 0: what is wrong with the last result, or nothing; elsewhere nothing
};

struct Workload {
  std::string name;
  std::string summary;       // one line
  std::size_t elements = 0;  // unless the user asks for others
  std::function<Task(mpc::Engine& engine, std::size_t elements)> prepare;
};

// All workloads, in the order in which they run.
const std::vector<Workload>& all_workloads();
// Those named, in that order; a name may stand for several sizes. Fails with bench.unknown_workload.
std::vector<Workload> workloads_named(const std::vector<Workload>& all, const std::vector<std::string>& names);

// By topic, each in its file.
std::vector<Workload> kernel_workloads();
std::vector<Workload> number_workloads();
std::vector<Workload> table_workloads();
std::vector<Workload> query_workloads();
std::vector<Workload> learning_workloads();
std::vector<Workload> hazard_workloads();
std::vector<Workload> study_workloads();
std::vector<Workload> safety_workloads();

// The parts of a workload as functions: share(engine, n) gives the inputs, run(engine, inputs) the result,
// check(engine, result, n) what is wrong with it.
template <class Share, class Run, class Check>
auto make_task(mpc::Engine& engine, std::size_t n, Share share, Run run, Check check) {
  using Inputs = std::invoke_result_t<Share, mpc::Engine&, std::size_t>;
  using Output = std::invoke_result_t<Run, mpc::Engine&, const Inputs&>;
  const auto inputs = std::make_shared<const Inputs>(share(engine, n));
  const auto output = std::make_shared<Output>();
  Task task;
  task.elements = n;
  task.run = [&engine, inputs, output, run] { *output = run(engine, *inputs); };
  task.clear = [output] { *output = Output(); };
  task.check = [&engine, output, check, n] { return check(engine, *output, n); };
  return task;
}

template <class Share, class Run, class Check>
Workload make_workload(std::string name, std::string summary, std::size_t elements, Share share, Run run, Check check) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .elements = elements,
          .prepare = [=](mpc::Engine& engine, std::size_t n) { return make_task(engine, n, share, run, check); }};
}

}  // namespace cohortium::bench
