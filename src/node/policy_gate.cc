#include "node/policy_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "governance/policy_signature.h"
#include "node/http.h"
#include "node/members.h"
#include "policy/demand.h"
#include "policy/policy_file.h"

namespace cohortium::node {

using nlohmann::json;

PolicyGate::PolicyGate(const NodeConfig& config, const governance::Consortium& consortium, StudyStore& store,
                       governance::AuditLog& log, governance::Signer sign_as_node)
    : site_(config.name), consortium_(consortium), store_(store), log_(log), sign_as_node_(std::move(sign_as_node)) {
  if (config.policy.empty()) return;
  policy_ = policy::read_policy(config.policy);
  if (policy_->site != site_)
    throw Failure({.code = "policy.other_site",
                   .message = "the policy is of \"" + policy_->site + "\", and this node is " + site_,
                   .where = config.policy.string(),
                   .rule = "a node goes by the policy of its own site",
                   .remedy = "name the right file, or correct \"site\" in it"});
  check_signature(config.policy);
  check_version(config.policy.string());
  runs_ = std::make_unique<policy::RunLedger>(config.state / "policy.runs");
}

void PolicyGate::check_signature(const std::filesystem::path& file) {
  if (governance::data_stewards_of(consortium_, site_).empty()) return;
  std::filesystem::path signature = file;
  signature += ".signature";
  const bool is_there = std::filesystem::exists(signature);
  signed_by_ = governance::check_policy_signature({.site = site_, .hash = policy_->hash, .version = policy_->version},
                                                  is_there ? read_file(signature, 1 << 16) : "", consortium_);
}

// A version names one text: what the log says of a verdict can then be looked up.
void PolicyGate::check_version(const std::string& file) const {
  const json start = json::parse(log_.last_start(), nullptr, false);
  if (!start.is_object()) return;
  const json& before = start["detail"];
  if (before.value("policy", policy_->hash) == policy_->hash || before.value("policy_version", 0) < policy_->version)
    return;
  throw Failure(
      {.code = "policy.same_version",
       .message = fmt::format("the policy has changed since the last start of the node, and its version {} has "
                              "not gone up",
                              policy_->version),
       .where = file,
       .rule = "a version of a policy is one text",
       .remedy = fmt::format("write version = {}", before.value("policy_version", 0) + 1)});
}

json PolicyGate::facts() const {
  if (!policy_) return json::object();
  json facts = {{"policy", policy_->hash}, {"policy_version", policy_->version}};
  if (!signed_by_.empty()) facts["policy_signed_by"] = signed_by_;
  return facts;
}

policy::Circumstances PolicyGate::circumstances(const governance::Envelope& envelope) const {
  return {
      .analyst = envelope.analyst, .fingerprint = governance::fingerprint_of(envelope.signature), .now = timestamp()};
}

policy::Verdict PolicyGate::verdict(const governance::Envelope& envelope) const {
  return policy::judge(*policy_, policy::demand_of(study::Plan(envelope.study)), circumstances(envelope));
}

void PolicyGate::log_denial(const std::string& study, const policy::Verdict& verdict, json detail) {
  detail["rule"] = verdict.rule;
  detail["policy"] = verdict.policy_hash;
  detail["policy_version"] = verdict.version;
  log_.append("policy.denied", study, detail);
}

void PolicyGate::check_approval(const governance::Envelope& envelope, const std::string& by) {
  if (!policy_) return;
  const policy::Verdict found = verdict(envelope);
  if (found.allowed) return;
  log_denial(envelope.study.hash, found, {{"by", by}});
  throw Failure(found.refusal());
}

int PolicyGate::needed(const governance::Envelope& envelope) const {
  const int people = std::max(1, member_named(consortium_, site_).approvals);
  return policy_ ? std::max(people, verdict(envelope).approvals) : people;
}

// Once: whoever withdraws has the last word until a person approves again, and a person's approval is enough.
bool PolicyGate::may_approve_alone(const governance::Envelope& envelope, const policy::Verdict& verdict) const {
  if (!verdict.allowed || verdict.approvals > 0 || member_named(consortium_, site_).approvals > 0) return false;
  const auto decisions = store_.decisions(envelope.study.hash);
  if (std::any_of(decisions.begin(), decisions.end(), [](const auto& each) { return !each.is_approval(); }))
    return false;
  return !governance::standing_of(site_, decisions, envelope, consortium_).enough();
}

json PolicyGate::approve_alone(const governance::Envelope& envelope, json answer) {
  if (!policy_) return answer;
  const std::string& hash = envelope.study.hash;
  const policy::Verdict found = verdict(envelope);
  if (may_approve_alone(envelope, found)) {
    const governance::PolicyGrounds grounds{.rule = found.rule, .hash = found.policy_hash, .version = found.version};
    const auto decision = governance::approve_by_policy(site_, envelope, consortium_, sign_as_node_, grounds);
    log_.append("study.approved", hash,
                {{"by", site_},
                 {"envelope", envelope.digest},
                 {"policy", found.policy_hash},
                 {"policy_version", found.version},
                 {"rule", found.rule}});
    store_.decide(decision);
    answer["decisions"].push_back(governance::to_json(decision));
  }
  const auto standing = governance::standing_of(site_, store_.decisions(hash), envelope, consortium_);
  answer["given"] = found.approvals > 0 ? standing.people : standing.given;
  answer["needed"] = std::max(standing.needed, found.approvals);
  answer["approved"] = found.allowed && answer["given"] >= answer["needed"];
  if (!found.allowed) {
    if (denied_.insert(hash).second) log_denial(hash, found, json::object());
    answer["error"] = to_json(found.refusal());
  }
  return answer;
}

void PolicyGate::check_people(const governance::Envelope& envelope, int people, const std::string& rule) const {
  const std::string& hash = envelope.study.hash;
  const auto standing = governance::standing_of(site_, store_.decisions(hash), envelope, consortium_);
  if (standing.people >= people) return;
  throw Failure(
      {.code = "node.not_approved",
       .message = fmt::format("{} has not approved this study: {} of {} approvals", site_, standing.people, people),
       .where = site_,
       .rule = rule,
       .remedy = "ask its approvers to run `cohortium study approve " + hash + "`"});
}

BeforeSharing PolicyGate::admit(const governance::Envelope& envelope, const std::string& run) {
  if (!policy_) {
    check_people(envelope, std::max(1, member_named(consortium_, site_).approvals),
                 "every site's approvers approve before data is touched");
    return {};
  }
  const std::string& hash = envelope.study.hash;
  const policy::Demand demand = policy::demand_of(study::Plan(envelope.study));
  policy::Circumstances now = circumstances(envelope);
  const std::vector<policy::PastRun> earlier = runs_->runs();
  now.runs = &earlier;
  const policy::Verdict found = policy::judge(*policy_, demand, now);
  if (!found.allowed) {
    log_denial(hash, found, {{"run", run}});
    throw Failure(found.refusal());
  }
  check_people(envelope, found.approvals, found.whose());
  // The rule that admits the run is the one that counts it, and no run beside it may have used up what it allows.
  policy::Policy by_this_rule = *policy_;
  std::erase_if(by_this_rule.rules, [&](const policy::Rule& rule) { return rule.name != found.rule; });
  return [this, by_this_rule, demand, found, run, analyst = now,
          recorded = std::make_shared<bool>(false)](std::optional<std::size_t> rows) {
    if (const auto too_few = rows ? policy::judge_rows(found, *rows) : std::nullopt) {
      log_denial(demand.study, found, {{"run", run}, {"code", too_few->code}});
      throw Failure(*too_few);
    }
    if (*recorded) return;
    policy::Circumstances at_last = analyst;
    at_last.now = timestamp();
    const policy::PastRun entry{.run = run,
                                .study = demand.study,
                                .analyst = at_last.analyst,
                                .rule = found.rule,
                                .columns = policy::column_names(demand),
                                .time = at_last.now};
    runs_->record(entry, [&](const std::vector<policy::PastRun>& runs) {
      at_last.runs = &runs;
      const policy::Verdict again = policy::judge(by_this_rule, demand, at_last);
      if (again.allowed) return;
      log_denial(demand.study, again, {{"run", run}});
      throw Failure(again.refusal());
    });
    *recorded = true;
  };
}

}  // namespace cohortium::node
