// A node's part in runs that the coordinator orders: what is checked, logged and told (node.h).
#include <spdlog/spdlog.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "crypto/hash.h"
#include "data/table.h"
#include "node/members.h"
#include "node/node.h"
#include "study/site_agreement.h"

namespace cohortium::node {

using nlohmann::json;

namespace {

// 32 hexadecimal digits, in a body that has what an order has.
std::string run_of(const json& body) {
  const bool whole = body.is_object() && body.contains("run") && body["run"].is_string() &&
                     body.contains("consortium") && body.contains("envelope") && body.contains("decisions") &&
                     body["decisions"].is_object() && (!body.contains("only") || body["only"].is_string());
  if (!whole) {
    throw Failure({.code = "node.bad_body",
                   .message = "this is no order of a run as this program writes it",
                   .remedy = "see docs/api.md"});
  }
  const std::string run = body["run"];
  check_hash(run + run);
  return run;
}

// Errors that name checks, items, budgets, rules and studies alone.
bool is_made_for_all(const std::string& code) {
  return code == "quality.check_failed" || code == "harmonise.sites_disagree" || code.starts_with("privacy.") ||
         code == "policy.denied" || code == "policy.too_few_rows" || code == "release.small_difference" ||
         code == "release.too_many_groups" || code == "release.busy";
}

}  // namespace

json Node::take_part_in_run(const Request& request) {
  const json body = parse_json(request.body);
  const std::string run = run_of(body);
  refuse_interrupted(request, run);
  BeforeSharing before_sharing;
  const auto checked = attempt([&] {
    governance::Envelope admitted = admission_.check_order(body);
    heads_.require(nodes_of(admitted.study, consortium_));
    const auto& sites = admitted.study.sites;
    if (std::find(sites.begin(), sites.end(), config_.name) != sites.end())
      before_sharing = policy_.admit(admitted, run);
    return admitted;
  });
  if (!checked.ok()) {
    audit("run.refused", "", {{"run", run}, {"code", checked.error().code}, {"where", checked.error().where}});
    throw Failure(checked.error());
  }
  const governance::Envelope& envelope = checked.value();
  const study::Study& study = envelope.study;
  const std::string& hash = study.hash;
  store_.save(envelope);
  const bool is_site = std::find(study.sites.begin(), study.sites.end(), config_.name) != study.sites.end();
  const bool only_agreement = body.value("only", "") == "agreement";
  if (is_site && study::agreement_size(study) > 0) store_.count_agreement_check(hash);
  const auto active = std::make_shared<ActiveRun>();
  {
    std::lock_guard lock(mutex_);
    if (!active_.emplace(run, active).second) {
      throw Failure({.code = "node.running", .message = "this run has been started before", .where = run});
    }
  }
  audit(only_agreement ? "agreement.joined" : "run.joined", hash, {{"run", run}});
  const study::Plan plan(study);
  const RunSettings settings{run,  config_, consortium_, identity_,      peers_,
                             plan, ledger_, releases_,   only_agreement, before_sharing};
  Result<json> result = attempt([&] { return run_and_watch(request, settings, *active); });
  // A connection that broke because the run was cancelled says less than the reason for that.
  if (const auto reason = rendezvous_.forget(run); reason && !result.ok() && result.error().code.starts_with("net."))
    result = *reason;
  {
    std::lock_guard lock(mutex_);
    active_.erase(run);
  }
  if (result.ok()) {
    json answer = result.value(), detail = {{"run", run}};
    if (answer.contains("agreement")) detail["agreement_sha256"] = crypto::sha256_hex(answer["agreement"].dump());
    if (!only_agreement) {
      if (const std::string released = desk_.done(study, run, answer); !released.empty())
        detail["released_sha256"] = released;
    }
    audit(only_agreement ? "agreement.completed" : "run.completed", hash, detail);
    return answer;
  }
  // The full error stays here; what leaves holds no value and no line of a record.
  spdlog::error("run {}: {}", run, result.error().text());
  write_file(config_.state / "last_error.json", json{{"run", run}, {"error", to_json(result.error())}}.dump(),
             FileAccess::kOwnerOnly);
  const std::string& code = result.error().code;
  json detail = {{"run", run}, {"code", code}};
  if (code == "mpc.cheating_detected" || code == "mpc.inconsistent_shares" || code == "study.impossible_share")
    detail["suspects"] = result.error().where;
  audit("run.failed", hash, detail);
  const bool made_for_all = is_made_for_all(code);
  Error outward = made_for_all ? result.error() : data::without_values(result.error());
  if (!made_for_all && (outward.code.starts_with("data.") || outward.code.starts_with("harmonise.")))
    outward.where = config_.name + (outward.where.empty() ? "" : ": " + outward.where);
  throw Failure(outward);
}

json Node::run_and_watch(const Request& request, const RunSettings& settings, ActiveRun& active) {
  const auto cancel_if_alone = [&] {
    if (!request.caller_is_gone()) return false;
    rendezvous_.cancel(settings.run, {.code = "net.peer_closed",
                                      .message = "the coordinator " + consortium_.coordinator + " has gone",
                                      .where = consortium_.coordinator,
                                      .remedy = "run the study again when it is back"});
    return true;
  };
  std::future<json> part =
      std::async(std::launch::async, [&] { return take_part(settings, rendezvous_, active.progress); });
  while (part.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready && !cancel_if_alone()) {
  }
  Result<json> done = attempt([&] { return part.get(); });
  // Another node may have noticed first, and closed its connections to this one.
  if (!done.ok()) cancel_if_alone();
  return std::move(done).value();
}

}  // namespace cohortium::node
