#include "governance/decision.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/clock.h"
#include "base/error.h"

namespace cohortium::governance {
namespace {

using nlohmann::json;

constexpr const char* domain = "decision";

json statement_of(const Decision& decision) {
  json statement = {{"consortium", decision.consortium}, {"decision", decision.decision},
                    {"envelope", decision.envelope},     {"site", decision.site},
                    {"study", decision.study},           {"time", decision.time}};
  if (const auto& policy = decision.policy)
    statement["policy"] = {{"hash", policy->hash}, {"rule", policy->rule}, {"version", policy->version}};
  return statement;
}

// An approval that nobody but the time has decided on yet.
Decision undecided(const std::string& decision, const std::string& site, const Envelope& envelope,
                   const Consortium& consortium) {
  return {.decision = decision,
          .site = site,
          .study = envelope.study.hash,
          .envelope = envelope.digest,
          .consortium = consortium.digest,
          .time = timestamp(),
          .signature = {}};
}

// None where it is not as this program writes it.
std::optional<PolicyGrounds> grounds_in(const json& policy) {
  const auto is_text = [&](const char* name, std::size_t most) {
    return policy.contains(name) && policy[name].is_string() &&
           policy[name].get_ref<const std::string&>().size() <= most;
  };
  if (!policy.is_object() || policy.size() != 3 || !is_text("hash", 64) || !is_text("rule", 200) ||
      !policy.contains("version") || !policy["version"].is_number_integer())
    return std::nullopt;
  const auto version = policy["version"].get<std::int64_t>();
  if (version < 1 || version > 1'000'000'000) return std::nullopt;
  return PolicyGrounds{policy["rule"], policy["hash"], static_cast<int>(version)};
}

[[noreturn]] void refuse(const std::string& code, const std::string& message, const Decision& decision,
                         const std::string& rule, const std::string& remedy) {
  throw Failure(
      {.code = "decision." + code, .message = message, .where = decision.site, .rule = rule, .remedy = remedy});
}

}  // namespace

bool Decision::says_the_same_as(const Decision& other) const {
  return statement_of(*this) == statement_of(other) && signature.by == other.signature.by;
}

Decision decide(const std::string& decision, const std::string& site, const Envelope& envelope,
                const Consortium& consortium, const Identity& identity, const std::string& approver) {
  Decision made = undecided(decision, site, envelope, consortium);
  made.signature = sign(identity.tls.key, approver, domain, statement_of(made));
  return made;
}

Decision approve_by_policy(const std::string& site, const Envelope& envelope, const Consortium& consortium,
                           const Signer& sign_as_node, const PolicyGrounds& grounds) {
  Decision made = undecided("approve", site, envelope, consortium);
  made.policy = grounds;
  made.signature = sign_as_node(domain, statement_of(made));
  return made;
}

json to_json(const Decision& decision) {
  return {{"statement", statement_of(decision)}, {"signature", to_json(decision.signature)}};
}

Decision decision_from_json(const json& value) {
  const auto malformed = [] {
    throw Failure({.code = "decision.malformed",
                   .message = "this is no approval and no withdrawal as this program writes it",
                   .remedy = "use `cohortium study approve` or `withdraw`"});
  };
  if (!value.is_object() || value.size() != 2 || !value.contains("statement") || !value.contains("signature"))
    malformed();
  const json& statement = value["statement"];
  Decision decision;
  const bool by_policy = statement.is_object() && statement.contains("policy");
  for (const auto& [name, field] : {std::pair("consortium", &decision.consortium),
                                    {"decision", &decision.decision},
                                    {"envelope", &decision.envelope},
                                    {"site", &decision.site},
                                    {"study", &decision.study},
                                    {"time", &decision.time}}) {
    const bool good = statement.is_object() && statement.size() == (by_policy ? 7 : 6) && statement.contains(name) &&
                      statement[name].is_string() && statement[name].get_ref<const std::string&>().size() <= 64;
    if (!good) malformed();
    *field = statement[name];
  }
  if ((decision.decision != "approve" && decision.decision != "withdraw") || !is_timestamp(decision.time)) malformed();
  if (by_policy) decision.policy = grounds_in(statement["policy"]);
  if (by_policy && (!decision.policy || !decision.is_approval())) malformed();
  decision.signature = signature_from_json(value["signature"]);
  return decision;
}

void check_decision(const Decision& decision, const Envelope& envelope, const Consortium& consortium) {
  const std::string by = decision.signature.by;
  if (decision.study != envelope.study.hash || decision.envelope != envelope.digest)
    refuse("other_study", by + " has decided on another study, or on this one as it was signed before", decision,
           "an approval counts for the study, analyst and expiry it names", "have this study approved");
  if (decision.consortium != consortium.digest)
    refuse("other_consortium", by + " has decided under another version of the consortium file", decision,
           fmt::format("an approval counts while the consortium file is the same; now it is version {}",
                       consortium.version),
           "have the study approved again");
  if (decision.policy) {
    const Member* member = consortium.find_member(decision.site);
    if (by != decision.site || member == nullptr || !member->site || member->approvals != 0)
      refuse("not_by_policy", "\"" + by + "\" cannot approve by policy for " + decision.site, decision,
             "a policy approves for its own site, signed by that site's node, where the consortium file asks for no "
             "approver",
             "have an approver of the site decide");
    return verify(decision.signature, consortium, domain, statement_of(decision));
  }
  const Person* person = consortium.find_person(by);
  if (person == nullptr || !may(person->role, Action::kApproveStudy) || person->member != decision.site)
    refuse("not_an_approver", "\"" + by + "\" is no approver of " + decision.site, decision,
           "only its own approvers decide for a site, by the consortium file", "have one of them decide");
  verify(decision.signature, consortium, domain, statement_of(decision));
}

std::vector<Decision> standing_approvals(const std::vector<Decision>& decisions) {
  const auto last_withdrawal = std::find_if(decisions.rbegin(), decisions.rend(),
                                            [](const Decision& decision) { return !decision.is_approval(); });
  return {last_withdrawal.base(), decisions.end()};
}

namespace {

struct Count {
  ApprovalStanding standing;
  std::optional<Error> first_fault;  // of an approval that does not count
};

Count count(const std::string& site, const std::vector<Decision>& decisions, const Envelope& envelope,
            const Consortium& consortium) {
  const Member* member = consortium.find_member(site);
  Count result{.standing = {.given = 0, .needed = member != nullptr ? std::max(1, member->approvals) : 1},
               .first_fault = {}};
  std::set<std::string> approvers, people;
  for (const Decision& decision : standing_approvals(decisions)) {
    if (decision.site != site) continue;
    const auto good = attempt([&] {
      check_decision(decision, envelope, consortium);
      return true;
    });
    if (good.ok()) approvers.insert(decision.signature.by);
    if (good.ok() && !decision.policy) people.insert(decision.signature.by);
    if (!good.ok() && !result.first_fault) result.first_fault = good.error();
  }
  result.standing.given = static_cast<int>(approvers.size());
  result.standing.people = static_cast<int>(people.size());
  return result;
}

}  // namespace

ApprovalStanding standing_of(const std::string& site, const std::vector<Decision>& decisions, const Envelope& envelope,
                             const Consortium& consortium) {
  return count(site, decisions, envelope, consortium).standing;
}

void check_approvals(const std::string& site, const std::vector<Decision>& decisions, const Envelope& envelope,
                     const Consortium& consortium) {
  const auto [standing, fault] = count(site, decisions, envelope, consortium);
  if (standing.enough()) return;
  if (fault) throw Failure(*fault);
  if (standing_approvals(decisions).empty() && !decisions.empty())
    refuse("withdrawn", site + " has withdrawn its approval of this study", decisions.back(),
           "a site that withdraws takes part in no further run", "ask its approvers; they may approve again");
  throw Failure(
      {.code = "node.not_approved",
       .message = site + " has not approved this study" +
                  (standing.needed > 1 ? fmt::format(": {} of {} approvals", standing.given, standing.needed) : ""),
       .where = site,
       .rule = "every site's approvers approve before data is touched",
       .remedy = "ask them to run `cohortium study approve " + envelope.study.hash + "`"});
}

}  // namespace cohortium::governance
