#include "policy/run_ledger.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/file.h"

namespace cohortium::policy {
namespace {

using nlohmann::json;

constexpr std::size_t largest_ledger = std::size_t{1} << 30;

[[noreturn]] void unwritable(const std::filesystem::path& path) {
  throw Failure({.code = "policy.unwritable",
                 .message = std::string("the record of runs cannot be written: ") + std::strerror(errno),
                 .where = path.string(),
                 .remedy = "check permissions and free space; nothing is shared for a run that is not recorded"});
}

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
  return entry.dump() + "\n";
}

}  // namespace

struct RunLedger::State {
  std::filesystem::path path;
  int file = -1;
  mutable std::mutex mutex;
  std::vector<PastRun> runs;
  std::size_t bytes = 0;  // of whole lines

  ~State() {
    if (file >= 0) ::close(file);  // and with it the lock
  }

  void read() {
    const std::string text = read_file(path, largest_ledger);
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', bytes)) {
      runs.push_back(parse(path, runs.size() + 1, text.substr(bytes, end - bytes)));
      bytes = end + 1;
    }
  }

  // At the end of what is whole; what a write that failed left behind goes first.
  void append(const std::string& line) {
    std::size_t written = 0;
    if (::ftruncate(file, static_cast<off_t>(bytes)) != 0) unwritable(path);
    while (written < line.size()) {
      const ssize_t count =
          ::pwrite(file, line.data() + written, line.size() - written, static_cast<off_t>(bytes + written));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) unwritable(path);
      written += static_cast<std::size_t>(count);
    }
    if (::fdatasync(file) != 0) unwritable(path);
    bytes += line.size();
  }
};

RunLedger::RunLedger(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  if (!std::filesystem::exists(path)) write_file(path, "", FileAccess::kOwnerOnly);  // with its folder synced
  state_->file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (state_->file < 0) unwritable(path);
  if (::flock(state_->file, LOCK_EX | LOCK_NB) != 0) {
    throw Failure({.code = "policy.in_use",
                   .message = "another process has this record of runs open",
                   .where = path.string(),
                   .remedy = "stop the other node that uses the same state folder"});
  }
  state_->read();
  if (::ftruncate(state_->file, static_cast<off_t>(state_->bytes)) != 0) unwritable(path);
}

RunLedger::~RunLedger() = default;

std::vector<PastRun> RunLedger::runs() const {
  const std::lock_guard lock(state_->mutex);
  return state_->runs;
}

void RunLedger::record(const PastRun& run, const std::function<void(const std::vector<PastRun>&)>& check) {
  const std::lock_guard lock(state_->mutex);
  check(state_->runs);
  state_->append(line_of(run));
  state_->runs.push_back(run);
}

}  // namespace cohortium::policy
