// Where studies and their runs stand, as the coordinator tells it, also after it was stopped (coordinator.h).
#include <nlohmann/json.hpp>
#include <utility>

#include "crypto/hash.h"
#include "node/coordinator_run.h"
#include "node/http.h"

namespace cohortium::node {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds status_patience{10};

bool log_says_finished(const governance::AuditLog& audit, const std::string& run) {
  for (std::uint64_t number = audit.head().size; number > 0; --number) {
    const json entry = json::parse(audit.entry(number));
    if (entry.at("event") == "run.finished" && entry.at("detail").at("run") == run) return true;
  }
  return false;
}

// A result that was kept when this node was stopped: all nodes had released it and signed that, so it counts. Unless the run
// has failed since, because the log could not be written: then nobody was told of the result.
void complete(StudyStore& store, governance::AuditLog& audit, const std::string& hash, const json& record) {
  const std::optional<std::string> finished = store.finished(hash);
  if (!finished) return;
  const std::string run = json::parse(*finished).at("run").at("id");
  if (!log_says_finished(audit, run)) {
    if (record.at("run") != run || record.contains("error")) return store.discard_finished(hash);
    audit.append("run.finished", hash, {{"run", run}, {"result_sha256", crypto::sha256_hex(*finished)}});
  }
  store.publish(hash);
}

}  // namespace

// The latest run of each study, as far as this node knows.
void Coordinator::restore_runs() {
  for (const std::string& hash : store_.hashes()) {
    const auto record = store_.run(hash);
    if (!record) continue;
    complete(store_, audit_, hash, *record);
    auto run = std::make_unique<Run>();
    run->id = record->at("run");
    run->analyst = record->at("analyst");
    run->started = record->at("started");
    run->state = store_.result(hash) ? "done" : "failed";
    if (record->contains("error")) run->error = error_from_json(record->at("error"));
    if (run->state == "failed" && !run->error) {
      run->error = Error{.code = "node.run_interrupted",
                         .message = "the coordinator was stopped while this run went on",
                         .where = name_,
                         .remedy = "run the study again"};
    }
    runs_[hash] = std::move(run);
  }
}

void Coordinator::tell() {
  changed_.notify_all();
  tell_others_();
}

json Coordinator::record_of(const Run& run) {
  json record = {{"run", run.id}, {"analyst", run.analyst}, {"started", run.started}};
  if (run.error) record["error"] = to_json(*run.error);
  return record;
}

json Coordinator::status(const std::string& hash, std::uint64_t version) {
  const governance::Envelope envelope = store_.find(hash);
  const study::Study& study = envelope.study;
  json status = {{"hash", hash},
                 {"title", study.title},
                 {"sites", study.sites},
                 {"analyst", envelope.analyst},
                 {"expires", envelope.expires},
                 {"state", "submitted"},
                 {"version", 0}};
  std::unique_lock lock(mutex_);
  const auto found = runs_.find(hash);
  if (found != runs_.end() && found->second) {
    if (version != 0) {
      changed_.wait_for(lock, status_patience, [&] {  // meanwhile another run may have begun
        return found->second->version != version || found->second->state != "running";
      });
    }
    const Run& run = *found->second;
    status["state"] = run.state;
    status["version"] = run.version;
    status["run"] = run.id;
    status["progress"] = run.progress;
    if (run.error) status["error"] = to_json(*run.error);
    if (!run.approvals.empty() || run.state == "done") {
      status["approvals"] = run.approvals;
      return status;
    }
  }
  lock.unlock();
  if (store_.result(hash)) {
    status["state"] = "done";
  } else {
    status["approvals"] = approvals(study);
  }
  return status;
}

std::vector<json> Coordinator::runs(const std::string& study, std::map<std::string, std::uint64_t>& seen) {
  std::vector<json> changed;
  const std::lock_guard lock(mutex_);
  for (const auto& [hash, run] : runs_) {
    if (!run || (!study.empty() && hash != study)) continue;
    const auto [known, is_new] = seen.try_emplace(hash, 0);
    if (std::exchange(known->second, run->version) == run->version) continue;
    if (is_new && study.empty() && run->state != "running") continue;
    json state = {{"study", hash},
                  {"run", run->id},
                  {"state", run->state},
                  {"version", run->version},
                  {"progress", run->progress}};
    if (run->error) state["error"] = to_json(*run->error);
    changed.push_back(std::move(state));
  }
  return changed;
}

}  // namespace cohortium::node
