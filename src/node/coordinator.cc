#include "node/coordinator.h"

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/random_generator.h"
#include "node/members.h"
#include "node/run_driver.h"
#include "study/forecast.h"
#include "study/result.h"

namespace cohortium::node {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds approval_patience{5};
constexpr std::chrono::seconds status_patience{10};

}  // namespace

struct Coordinator::Run {
  std::string id, state = "running", analyst, started;
  std::uint64_t version = 1;
  double forecast_seconds = 0;
  json approvals = json::array();
  json progress = json::object();
  std::optional<Error> error;
  std::thread thread;
};

Coordinator::Coordinator(std::string name, const governance::Consortium& consortium, const HttpClient& client,
                         StudyStore& store, governance::AuditLog& audit)
    : name_(std::move(name)), consortium_(consortium), client_(client), store_(store), audit_(audit) {}

Coordinator::~Coordinator() {
  for (auto& [hash, run] : runs_) {
    if (run->thread.joinable()) run->thread.join();
  }
}

json Coordinator::ask(const std::string& node, const std::string& method, const std::string& target, const json& body,
                      std::chrono::milliseconds patience, const std::function<bool()>& give_up) const {
  return client_.call(member_named(consortium_, node), method, target, body.is_null() ? "" : body.dump(), patience,
                      give_up);
}

std::vector<std::string> Coordinator::nodes_of(const study::Study& study) const {
  std::vector<std::string> nodes = study.sites;
  for (const std::string& party : compute_party_names(consortium_)) {
    if (std::find(nodes.begin(), nodes.end(), party) == nodes.end()) nodes.push_back(party);
  }
  return nodes;
}

json Coordinator::approvals(const study::Study& study) const {
  std::vector<std::future<json>> answers;
  for (const std::string& site : study.sites) {
    answers.push_back(std::async(std::launch::async, [&, site]() -> json {
      const auto answer = attempt(
          [&] { return ask(site, "GET", "/v1/studies/" + study.hash + "/approval", nullptr, approval_patience); });
      if (answer.ok()) return answer.value();
      return {{"site", site}, {"approved", false}, {"error", to_json(answer.error())}};
    }));
  }
  json all = json::array();
  for (auto& answer : answers) all.push_back(answer.get());
  return all;
}

json Coordinator::start(const std::string& hash, const std::string& analyst) {
  const study::Study study = store_.find(hash);
  if (store_.result(hash)) {
    throw Failure({.code = "node.already_run",
                   .message = "this study has run; a study runs once",
                   .where = hash,
                   .remedy = "fetch its result with `cohortium study result`, or submit a new study"});
  }
  const json given = approvals(study);
  for (const json& approval : given) {
    if (approval.at("approved").get<bool>()) continue;
    if (approval.contains("error")) throw Failure(error_from_json(approval["error"]));
    throw Failure({.code = "node.not_approved",
                   .message = approval.at("site").get<std::string>() + " has not approved this study",
                   .where = approval.at("site"),
                   .rule = "every site's operator approves before data is touched",
                   .remedy = "ask its operator to run `cohortium study approve " + hash + "`"});
  }
  const study::Plan plan(study);
  std::lock_guard lock(mutex_);
  std::unique_ptr<Run>& slot = runs_[hash];
  if (slot && slot->state == "running") {
    throw Failure(
        {.code = "node.running", .message = "this study is running", .where = hash, .remedy = "wait for it to end"});
  }
  const std::uint64_t version = slot ? slot->version + 1 : 1;
  if (slot && slot->thread.joinable()) slot->thread.join();
  slot = std::make_unique<Run>();
  slot->id = to_hex(bytes_of(crypto::random_seed()));
  slot->version = version;
  slot->analyst = analyst;
  slot->started = timestamp();
  slot->approvals = given;
  slot->forecast_seconds = study::forecast(plan, study::network_named(consortium_.network)).seconds;
  audit_.append("run.started", hash, {{"run", slot->id}, {"analyst", analyst}});
  Run& run = *slot;
  run.thread = std::thread([this, hash, study, &run] { drive(hash, study::Plan(study), run); });
  return {{"run", run.id}, {"version", run.version}};
}

void Coordinator::drive(const std::string& hash, const study::Plan& plan, Run& run) {
  const std::vector<std::string> nodes = nodes_of(plan.study());
  const auto begun = std::chrono::steady_clock::now();
  auto report = [&](const json& nodes_progress) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begun;
    std::lock_guard lock(mutex_);
    run.progress = {
        {"nodes", nodes_progress}, {"seconds", elapsed.count()}, {"forecast_seconds", run.forecast_seconds}};
    ++run.version;
    changed_.notify_all();
  };
  const auto ask_node = [this](const std::string& node, const std::string& method, const std::string& target,
                               const json& body, std::chrono::milliseconds patience,
                               const std::function<bool()>& give_up) {
    return ask(node, method, target, body, patience, give_up);
  };
  const Result<bool> ended = attempt([&] {
    const std::string result = finish(plan, nodes, RunDriver(ask_node, run.id, hash, nodes).drive(report), run);
    store_.save_result(hash, result);
    audit_.append("run.finished", hash, {{"run", run.id}, {"result_sha256", crypto::sha256_hex(result)}});
    return true;
  });
  if (!ended.ok()) {
    static_cast<void>(attempt([&] {
      audit_.append("run.failed", hash,
                    {{"run", run.id}, {"code", ended.error().code}, {"where", ended.error().where}});
      return true;
    }));
  }
  std::lock_guard lock(mutex_);
  if (!ended.ok()) run.error = ended.error();
  run.state = ended.ok() ? "done" : "failed";
  ++run.version;
  changed_.notify_all();
}

// result.json, if all compute parties agree on what was released.
std::string Coordinator::finish(const study::Plan& plan, const std::vector<std::string>& nodes,
                                const std::vector<json>& answers, const Run& run) const {
  study::RunRecord record{.id = run.id,
                          .started = run.started,
                          .finished = timestamp(),
                          .compute_parties = compute_party_names(consortium_),
                          .coordinator = name_,
                          .approvals = {},
                          .network = consortium_.network,
                          .measured = {}};
  json released;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!answers[i].contains("released")) continue;
    if (released.is_null()) released = answers[i]["released"];
    if (released != answers[i]["released"]) {
      throw Failure({.code = "node.results_differ",
                     .message = "the compute parties report different results",
                     .where = nodes[i],
                     .remedy = "do not use this result; one of the parties is faulty"});
    }
    const json& cost = answers[i].at("cost");
    record.measured.rounds = std::max(record.measured.rounds, cost.at("rounds").get<std::uint64_t>());
    record.measured.bytes_sent = std::max(record.measured.bytes_sent, cost.at("bytes_sent").get<std::uint64_t>());
    record.measured_seconds = std::max(record.measured_seconds, cost.at("seconds").get<double>());
  }
  for (const json& approval : run.approvals) {
    record.approvals.push_back({approval.at("site"), approval.at("by"), approval.at("time")});
  }
  return study::assemble_result(plan, released, record).dump(2) +
         "\n";  // as people keep it: the audit log has its hash
}

json Coordinator::status(const std::string& hash, std::uint64_t version) {
  const study::Study study = store_.find(hash);
  json status = {
      {"hash", hash}, {"title", study.title}, {"sites", study.sites}, {"state", "submitted"}, {"version", 0}};
  std::unique_lock lock(mutex_);
  const auto found = runs_.find(hash);
  if (found != runs_.end()) {
    Run& run = *found->second;
    if (version != 0) {
      changed_.wait_for(lock, status_patience, [&] { return run.version != version || run.state != "running"; });
    }
    status["state"] = run.state;
    status["version"] = run.version;
    status["run"] = run.id;
    status["approvals"] = run.approvals;
    status["progress"] = run.progress;
    if (run.error) status["error"] = to_json(*run.error);
    return status;
  }
  lock.unlock();
  if (store_.result(hash)) {
    status["state"] = "done";
  } else {
    status["approvals"] = approvals(study);
  }
  return status;
}

}  // namespace cohortium::node
