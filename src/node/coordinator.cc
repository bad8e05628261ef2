#include "node/coordinator.h"

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "crypto/hash.h"
#include "governance/result_proof.h"
#include "node/coordinator_run.h"
#include "node/http.h"
#include "node/members.h"
#include "node/run_driver.h"
#include "study/forecast.h"
#include "study/result.h"
#include "study/site_agreement.h"

namespace cohortium::node {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds approval_patience{5};
constexpr std::chrono::seconds release_patience{30};

// Of what a site answers: the signed decisions of its approvers.
std::vector<governance::Decision> decisions_in(const json& approval) {
  std::vector<governance::Decision> decisions;
  for (const json& each : approval.at("decisions")) decisions.push_back(governance::decision_from_json(each));
  return decisions;
}

}  // namespace

Coordinator::Coordinator(std::string name, const governance::Consortium& consortium, const HttpClient& client,
                         StudyStore& store, governance::AuditLog& audit, std::function<void()> changed)
    : name_(std::move(name)),
      consortium_(consortium),
      client_(client),
      store_(store),
      audit_(audit),
      tell_others_(std::move(changed)) {
  restore_runs();
}

Coordinator::~Coordinator() {
  for (auto& [hash, run] : runs_) {
    if (run && run->thread.joinable()) run->thread.join();
  }
}

json Coordinator::ask(const std::string& node, const std::string& method, const std::string& target, const json& body,
                      std::chrono::milliseconds patience, const std::function<bool()>& give_up) const {
  return client_.call(member_named(consortium_, node), method, target, body.is_null() ? "" : body.dump(), patience,
                      give_up);
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

json Coordinator::required_approvals(const governance::Envelope& envelope) const {
  governance::check_envelope(envelope, consortium_);
  const json given = approvals(envelope.study);
  for (const json& approval : given) {
    if (approval.contains("error")) throw Failure(error_from_json(approval["error"]));
    governance::check_approvals(approval.at("site"), decisions_in(approval), envelope, consortium_);
    if (approval.value("approved", false)) continue;
    throw Failure(
        {.code = "node.not_approved",
         .message = approval.at("site").get<std::string>() + "'s own policy asks for more approvals of this study",
         .where = approval.at("site"),
         .rule = "a site may ask for more approvals than the consortium file does",
         .remedy = "ask its approvers to run `cohortium study approve " + envelope.study.hash + "`"});
  }
  return given;
}

json Coordinator::agreement(const std::string& hash, const std::string& analyst, const std::string& run) {
  const governance::Envelope envelope = store_.find(hash);
  const study::Study& study = envelope.study;
  if (study::agreement_size(study) == 0) {
    throw Failure({.code = "node.no_agreement_check",
                   .message = "the study does not ask that the sites agree",
                   .where = hash,
                   .remedy = "add \"agreement\": {} to the study"});
  }
  const json given = required_approvals(envelope);
  json checking = order(envelope, given, run);
  checking["only"] = "agreement";
  audit_.append("agreement.started", hash, {{"run", run}, {"analyst", analyst}});
  const auto ask_node = [this](const std::string& node, const std::string& method, const std::string& target,
                               const json& body, std::chrono::milliseconds patience,
                               const std::function<bool()>& give_up) {
    return ask(node, method, target, body, patience, give_up);
  };
  json items;
  for (const json& answer : RunDriver(ask_node, checking, nodes_of(study, consortium_)).drive([](const json&) {})) {
    if (!answer.contains("agreement")) continue;
    if (items.is_null()) items = answer["agreement"];
    if (items != answer["agreement"]) {
      throw Failure({.code = "node.results_differ",
                     .message = "the compute parties report different outcomes of the agreement check",
                     .where = hash,
                     .remedy = "do not use them; one of the parties is faulty"});
    }
  }
  audit_.append("agreement.finished", hash, {{"run", run}, {"result_sha256", crypto::sha256_hex(items.dump())}});
  return {{"hash", hash}, {"title", study.title}, {"items", items}};
}

json Coordinator::start(const std::string& hash, const std::string& analyst, const std::string& run_name) {
  const governance::Envelope envelope = store_.find(hash);
  const study::Study& study = envelope.study;
  {
    const std::lock_guard lock(mutex_);
    const auto found = runs_.find(hash);
    if (found != runs_.end() && found->second && found->second->id == run_name)
      return {{"run", run_name}, {"version", found->second->version}};
  }
  if (store_.result(hash)) {
    throw Failure({.code = "node.already_run",
                   .message = "this study has run; a study runs once",
                   .where = hash,
                   .remedy = "fetch its result with `cohortium study result`, or submit a new study"});
  }
  static_cast<void>(nodes_of(study, consortium_));  // fails where the consortium cannot run it
  const json given = required_approvals(envelope);
  const study::Plan plan(study);
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Run>& slot = runs_[hash];
  if (slot && slot->state == "running") {
    throw Failure(
        {.code = "node.running", .message = "this study is running", .where = hash, .remedy = "wait for it to end"});
  }
  auto next = std::make_unique<Run>();
  next->id = run_name;
  next->version = slot ? slot->version + 1 : 1;
  next->analyst = analyst;
  next->started = timestamp();
  next->approvals = given;
  next->forecast_seconds = study::forecast(plan, study::network_named(consortium_.network)).seconds;
  store_.save_run(hash, record_of(*next));
  audit_.append("run.started", hash, {{"run", next->id}, {"analyst", analyst}});
  if (slot && slot->thread.joinable()) slot->thread.join();
  slot = std::move(next);
  Run& run = *slot;
  run.thread = std::thread([this, hash, study, order = order(envelope, given, run.id), &run] {
    drive(hash, study::Plan(study), order, run);
  });
  tell();
  return {{"run", run.id}, {"version", run.version}};
}

json Coordinator::order(const governance::Envelope& envelope, const json& approvals, const std::string& run) const {
  json decisions = json::object();
  for (const json& approval : approvals) decisions[approval.at("site").get<std::string>()] = approval.at("decisions");
  return {{"run", run},
          {"consortium", consortium_.digest},
          {"consortium_version", consortium_.version},
          {"envelope", json::parse(governance::envelope_text(envelope))},
          {"decisions", decisions}};
}

void Coordinator::drive(const std::string& hash, const study::Plan& plan, const json& order, Run& run) {
  const std::vector<std::string> nodes = nodes_of(plan.study(), consortium_);
  const auto begun = std::chrono::steady_clock::now();
  auto report = [&](const json& nodes_progress) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begun;
    std::lock_guard lock(mutex_);
    run.progress = {
        {"nodes", nodes_progress}, {"seconds", elapsed.count()}, {"forecast_seconds", run.forecast_seconds}};
    ++run.version;
    tell();
  };
  const auto ask_node = [this](const std::string& node, const std::string& method, const std::string& target,
                               const json& body, std::chrono::milliseconds patience,
                               const std::function<bool()>& give_up) {
    return ask(node, method, target, body, patience, give_up);
  };
  const Result<bool> ended = attempt([&] {
    const std::vector<json> answers = RunDriver(ask_node, order, nodes).drive(report);
    json result = finish(plan, nodes, answers, order, run);
    result["proof"] = {{"envelope", order.at("envelope")},
                       {"decisions", order.at("decisions")},
                       {"statements", statements(plan.study(), nodes, answers, run.id)}};
    const std::string text = result.dump(2) + "\n";  // as people keep it
    store_.keep_finished(hash, text);
    audit_.append("run.finished", hash, {{"run", run.id}, {"result_sha256", crypto::sha256_hex(text)}});
    store_.publish(hash);
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
  if (!ended.ok()) {
    run.error = ended.error();
    static_cast<void>(attempt([&] { return store_.save_run(hash, record_of(run)), true; }));
  }
  run.state = ended.ok() ? "done" : "failed";
  ++run.version;
  tell();
}

// result.json, if all compute parties agree on what was released.
json Coordinator::finish(const study::Plan& plan, const std::vector<std::string>& nodes,
                         const std::vector<json>& answers, const json& order, const Run& run) const {
  study::RunRecord record{
      .id = run.id,
      .started = run.started,
      .finished = timestamp(),
      .compute_parties = compute_party_names(consortium_, plan.study().protocol),
      .coordinator = name_,
      .approvals = governance::approvals_in(order.at("decisions"),
                                            governance::parse_envelope(order.at("envelope").dump()), consortium_),
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
    governance::add_cost(record, answers[i].at("cost"));
  }
  return study::assemble_result(plan, released, record);
}

// Every node's, with the proof that its audit log has it (release_desk.h).
json Coordinator::statements(const study::Study& study, const std::vector<std::string>& nodes,
                             const std::vector<json>& answers, const std::string& run) const {
  json of_parties = json::array();
  for (const std::string& party : compute_party_names(consortium_, study.protocol)) {
    const auto at = static_cast<std::size_t>(std::find(nodes.begin(), nodes.end(), party) - nodes.begin());
    of_parties.push_back(answers.at(at).at("statement"));
  }
  std::vector<std::future<json>> released;
  for (const std::string& node : nodes) {
    released.push_back(std::async(std::launch::async, [&, node] {
      return ask(node, "POST", "/v1/runs/" + run + "/release", {{"statements", of_parties}}, release_patience);
    }));
  }
  json all = json::array();
  for (auto& each : released) all.push_back(each.get());
  return all;
}

}  // namespace cohortium::node
