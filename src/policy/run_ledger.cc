#include "policy/run_ledger.h"

#include <fmt/format.h>

#include <mutex>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/line_file.h"

namespace cohortium::policy {
namespace {

using nlohmann::json;

const LineFile::Refusals refusals = {
    .in_use = {.code = "policy.in_use",
               .message = "another process has this record of runs open",
               .remedy = "stop the other node that uses the same state folder"},
    .unwritable = {.code = "policy.unwritable",
                   .message = "the record of runs cannot be written",
                   .remedy = "check permissions and free space; nothing is shared for a run that is not recorded"}};

PastRun parse(const std::filesystem::path& path, std::size_t number, const std::string& line) {
  const json entry = json::parse(line, nullptr, false);
  PastRun run;
  bool good = entry.is_object() && entry.contains("columns") && entry["columns"].is_array();
  for (const auto& [name, field] : {std::pair("run", &run.run),
                                    {"study", &run.study},
                                    {"analyst", &run.analyst},
                                    {"rule", &run.rule},
                                    {"time", &run.time}}) {
    good = good && entry.contains(name) && entry[name].is_string();
    if (good) *field = entry[name];
  }
  if (good) {
    for (const json& column : entry["columns"]) {
      good = good && column.is_string();
      if (good) run.columns.push_back(column);
    }
  }
  if (good && is_timestamp(run.time)) return run;
  throw Failure({.code = "policy.bad_ledger",
                 .message = "the line is not a run as this program writes it",
                 .where = fmt::format("{}:{}", path.string(), number),
                 .remedy = "restore the file; without it the node cannot tell how often studies ran"});
}

std::string line_of(const PastRun& run) {
  const json entry = {{"run", run.run},   {"study", run.study},     {"analyst", run.analyst},
                      {"rule", run.rule}, {"columns", run.columns}, {"time", run.time}};
  return entry.dump();
}

}  // namespace

struct RunLedger::State {
  explicit State(const std::filesystem::path& path)
      : file(path, refusals,
             [&](std::size_t number, const std::string& line) { runs.push_back(parse(path, number, line)); }) {}

  mutable std::mutex mutex;
  std::vector<PastRun> runs;
  LineFile file;
};

RunLedger::RunLedger(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {}

RunLedger::~RunLedger() = default;

std::vector<PastRun> RunLedger::runs() const {
  const std::lock_guard lock(state_->mutex);
  return state_->runs;
}

void RunLedger::record(const PastRun& run, const std::function<void(const std::vector<PastRun>&)>& check) {
  const std::lock_guard lock(state_->mutex);
  check(state_->runs);
  state_->file.append(line_of(run));
  state_->runs.push_back(run);
}

}  // namespace cohortium::policy
