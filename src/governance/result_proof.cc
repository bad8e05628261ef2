#include "governance/result_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "crypto/canonical_json.h"
#include "governance/audit_files.h"
#include "governance/decision.h"
#include "mpc/protocols.h"
#include "study/result.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

constexpr const char* domain = "result statement";

json to_json(const RunFacts& facts) {
  return {{"study", facts.study},
          {"consortium", facts.consortium},
          {"run", facts.run},
          {"protocol", facts.protocol},
          {"compute_parties", facts.compute_parties},
          {"sites", facts.sites},
          {"released_sha256", facts.released_sha256}};
}

[[noreturn]] void refuse(const std::string& code, const std::string& message, const std::string& where) {
  throw Failure({.code = "result." + code,
                 .message = message,
                 .where = where,
                 .rule = "a result counts with the signatures of all sites and compute parties of its run",
                 .remedy = "do not use this result; fetch it again, and ask the nodes' operators what their logs say"});
}

// A member that a stranger's document must have.
const json& member(const json& object, const char* name) {
  if (!object.is_object() || !object.contains(name))
    refuse("bad_proof", std::string("the proof has no \"") + name + "\"", "/proof");
  return object[name];
}

std::string text(const json& object, const char* name) {
  const json& value = member(object, name);
  if (!value.is_string()) refuse("bad_proof", std::string("\"") + name + "\" is no text", "/proof");
  return value;
}

// The first place where two documents differ.
std::string first_difference(const json& expected, const json& found) {
  const json changes = json::diff(expected, found);
  return changes.empty() ? "" : changes.front().at("path").get<std::string>();
}

std::vector<std::string> nodes_of(const RunFacts& facts) {
  std::set<std::string> nodes(facts.sites.begin(), facts.sites.end());
  nodes.insert(facts.compute_parties.begin(), facts.compute_parties.end());
  return {nodes.begin(), nodes.end()};
}

TreeHead check_in_log(const json& anchored, const RunFacts& facts, const std::string& node,
                      const SignatureCheck& check) {
  const std::string line = text(anchored, "entry");
  const TreeHead head = tree_head_from_json(member(anchored, "head"), check);
  const json entry = json::parse(line, nullptr, false);
  const json detail = {
      {"run", facts.run}, {"released_sha256", facts.released_sha256}, {"statement_sha256", statement_sha256(anchored)}};
  const bool says_so = entry.is_object() && entry.value("event", json()) == "run.released" &&
                       entry.value("study", json()) == facts.study && entry.value("detail", json()) == detail;
  const std::uint64_t number = entry_number(line).value_or(0);
  const bool is_there = number > 0 && proves_inclusion(digests_from_json(member(anchored, "path")), leaf_hash(line),
                                                       number - 1, head.size, head.root);
  if (head.node != node || !says_so || !is_there)
    refuse("not_in_log", "the audit log of " + node + " is not shown to say that this was released", node);
  return head;
}

// As people read it in a result.
std::string by_rule(const PolicyGrounds& policy) {
  return fmt::format("policy version {}, rule \"{}\"", policy.version, policy.rule);
}

bool counts(const Decision& decision, const std::string& site, const Envelope& envelope, const Consortium& consortium) {
  const Person* person = consortium.find_person(decision.signature.by);
  const Member* node = consortium.find_member(site);
  const bool may_decide = decision.policy
                              ? decision.signature.by == site && node != nullptr && node->approvals == 0
                              : person != nullptr && person->member == site && may(person->role, Action::kApproveStudy);
  return decision.study == envelope.study.hash && decision.envelope == envelope.digest &&
         decision.consortium == consortium.digest && decision.site == site && may_decide;
}

// Each as it was signed, with keys that may have expired since; enough of them for every site.
void check_approvals(const json& decisions, const Envelope& envelope, const Consortium& consortium,
                     const SignatureCheck& check) {
  std::map<std::string, std::set<std::string>> approvers;
  for (const study::Approval& approval : approvals_in(decisions, envelope, consortium))
    approvers[approval.site].insert(approval.by);
  for (const std::string& site : envelope.study.sites) {
    for (const json& each : member(decisions, site.c_str())) {
      const Decision decision = decision_from_json(each);
      if (counts(decision, site, envelope, consortium)) check(decision.signature, "decision", each["statement"]);
    }
    const Member* node = consortium.find_member(site);
    if (node == nullptr || static_cast<int>(approvers[site].size()) < std::max(1, node->approvals))
      refuse("not_approved", "the approvers of " + site + " have not signed enough approvals of this study", site);
  }
}

// What result.json would be if the coordinator had made it honestly.
json made_anew(const study::Plan& plan, const json& result, const Consortium& consortium, const RunFacts& facts,
               const std::vector<study::Approval>& approvals, const json& statements) {
  const json& run = member(result, "run");
  study::RunRecord record{.id = facts.run,
                          .started = text(run, "started"),
                          .finished = text(run, "finished"),
                          .compute_parties = facts.compute_parties,
                          .coordinator = consortium.coordinator,
                          .approvals = approvals,
                          .network = consortium.network,
                          .measured = {}};
  for (const json& each : statements) {
    if (!each["statement"].contains("cost")) continue;
    const auto added = attempt([&] { return add_cost(record, each["statement"]["cost"]), true; });
    if (!added.ok()) refuse("bad_proof", "a statement's cost is none", "/proof/statements");
  }
  json made = study::assemble_result(plan, result, record);
  // Another version of this program may word and forecast otherwise.
  if (run.value("version", json()) != made["run"]["version"]) {
    made["run"]["version"] = run.value("version", json());
    made["leakage"] = result.value("leakage", json());
    made["cost"]["forecast"] = member(result, "cost").value("forecast", json());
  }
  return made;
}

}  // namespace

std::vector<study::Approval> approvals_in(const json& decisions, const Envelope& envelope,
                                          const Consortium& consortium) {
  std::vector<study::Approval> approvals;
  for (const std::string& site : envelope.study.sites) {
    std::vector<Decision> counting;
    for (const json& each : member(decisions, site.c_str())) {
      const Decision decision = decision_from_json(each);
      if (counts(decision, site, envelope, consortium)) counting.push_back(decision);
    }
    for (const Decision& decision : standing_approvals(counting))
      approvals.push_back({site, decision.policy ? by_rule(*decision.policy) : decision.signature.by, decision.time});
  }
  return approvals;
}

std::string released_sha256(const json& released) {
  return crypto::sha256_hex(
      crypto::canonical_json({{"analyses", member(released, "analyses")}, {"withheld", member(released, "withheld")}}));
}

json sign_statement(const RunFacts& facts, const std::string& node, const json& cost, const Signer& signer) {
  json statement = to_json(facts);
  statement["node"] = node;
  if (!cost.is_null()) statement["cost"] = cost;
  return {{"statement", statement}, {"signature", governance::to_json(signer(domain, statement))}};
}

void check_statement(const json& signed_statement, const RunFacts& facts, const std::string& node,
                     const SignatureCheck& check) {
  const json& statement = member(signed_statement, "statement");
  const Signature signature = signature_from_json(member(signed_statement, "signature"));
  json expected = to_json(facts);
  expected["node"] = node;
  json found = statement;
  if (found.is_object()) found.erase("cost");
  if (signature.by != node || found != expected)
    refuse("other_statement", node + " has signed something else: " + first_difference(expected, found), node);
  check(signature, domain, statement);
}

std::string statement_sha256(const json& signed_statement) {
  return crypto::sha256_hex(crypto::canonical_json(member(signed_statement, "statement")));
}

void add_cost(study::RunRecord& record, const json& cost) {
  record.measured.rounds = std::max(record.measured.rounds, cost.at("rounds").get<std::uint64_t>());
  record.measured.bytes_sent = std::max(record.measured.bytes_sent, cost.at("bytes_sent").get<std::uint64_t>());
  record.measured_seconds = std::max(record.measured_seconds, cost.at("seconds").get<double>());
}

std::string consortium_digest_of(const json& result) {
  static const json::json_pointer place("/proof/statements/0/statement/consortium");
  const json digest = result.is_object() && result.contains(place) ? result[place] : json();
  return digest.is_string() ? digest.get<std::string>() : "";
}

ProvedResult prove_result(const json& result, const Consortium& consortium, const SignatureCheck& check) {
  if (!result.is_object() || !result.contains("proof")) refuse("no_proof", "the result has no proof", "/proof");
  const json& proof = result["proof"];
  if (consortium_digest_of(result) != consortium.digest)
    refuse("other_consortium", "the result was made by another version of the consortium file", "/proof/statements");
  const json& signed_study = member(proof, "envelope");
  const Envelope envelope = parse_envelope(signed_study.dump());
  check(envelope.signature, "study", member(signed_study, "statement"));
  const study::Plan plan(envelope.study);
  const study::Study& study = plan.study();
  ProvedResult proved{.facts = {}, .analyst = envelope.analyst, .heads = {}};
  RunFacts& facts = proved.facts;
  facts = {.study = study.hash,
           .consortium = consortium.digest,
           .run = text(member(result, "run"), "id"),
           .protocol = study.protocol,
           .compute_parties = {},
           .sites = study.sites,
           .released_sha256 = released_sha256(result)};
  for (const Member& party : consortium.compute_parties()) facts.compute_parties.push_back(party.name);
  const auto parties = static_cast<std::size_t>(mpc::parties_of(facts.protocol));
  if (facts.compute_parties.size() > parties) facts.compute_parties.resize(parties);
  const json& statements = member(proof, "statements");
  for (const json& each : statements)
    if (!member(each, "statement").is_object()) refuse("bad_proof", "a statement is none", "/proof/statements");
  const std::vector<std::string> nodes = nodes_of(facts);
  for (const std::string& node : nodes) {
    const auto found = std::find_if(statements.begin(), statements.end(),
                                    [&](const json& each) { return each["statement"].value("node", json()) == node; });
    if (found == statements.end()) refuse("missing_statement", node + " has not signed the result", node);
    check_statement(*found, facts, node, check);
    proved.heads.push_back(check_in_log(*found, facts, node, check));
  }
  if (statements.size() != nodes.size())
    refuse("bad_proof", "someone has signed who took no part", "/proof/statements");
  json shown = result;
  shown.erase("proof");
  const json& decisions = member(proof, "decisions");
  check_approvals(decisions, envelope, consortium, check);
  const auto approvals = approvals_in(decisions, envelope, consortium);
  const std::string place = first_difference(made_anew(plan, result, consortium, facts, approvals, statements), shown);
  if (!place.empty()) refuse("altered", "this does not follow from what the nodes have signed", place);
  return proved;
}

}  // namespace cohortium::governance
