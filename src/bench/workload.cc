#include "bench/workload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"

namespace cohortium::bench {

const std::vector<Workload>& all_workloads() {
  static const std::vector<Workload> all = [] {
    std::vector<Workload> workloads = kernel_workloads();
    for (const auto& more : {number_workloads(), table_workloads(), query_workloads(), learning_workloads(),
                             hazard_workloads(), study_workloads(), safety_workloads()}) {
      workloads.insert(workloads.end(), more.begin(), more.end());
    }
    return workloads;
  }();
  return all;
}

std::vector<Workload> workloads_named(const std::vector<Workload>& all, const std::vector<std::string>& names) {
  std::vector<Workload> chosen;
  for (const std::string& name : names) {
    const std::size_t before = chosen.size();
    std::copy_if(all.begin(), all.end(), std::back_inserter(chosen), [&](const Workload& w) { return w.name == name; });
    if (chosen.size() > before) continue;
    std::vector<std::string> known;
    for (const Workload& workload : all) {
      if (known.empty() || known.back() != workload.name) known.push_back(workload.name);
    }
    throw Failure({.code = "bench.unknown_workload",
                   .message = "there is no workload \"" + name + "\"",
                   .where = "--only",
                   .remedy = fmt::format("choose from {}", fmt::join(known, ", "))});
  }
  return chosen;
}

}  // namespace cohortium::bench
