// What the approvers of a site say to a study: signed statements, which every node checks itself.
//
//   {"statement": {"consortium", "decision": "approve", "envelope", "site", "study", "time"}, "signature": {...}}
//
// Where the site's policy alone approves, its node signs, and the statement has "policy": {"hash", "rule", "version"} too.
// That counts where the consortium file asks for no approver (approvals = 0), and for the node's own site.
//
// Signed in the domain "decision". An approval names the study, the envelope (thus analyst and expiry) and the version
// of the consortium file by their digests: it counts for nothing else, and ends with the version. A withdrawal ends
// all approvals that the site has given the study before.
//
// A site approves once as many of its approvers have as the consortium file asks (Member::approvals). This is the one
// place that says so: another way to approve belongs into check_approvals. A site's policy may ask for more, which its own
// node sees to (node/policy_gate.h).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "governance/envelope.h"
#include "governance/tree_head.h"

namespace cohortium::governance {

// The rule by which a policy approves, and of which policy.
struct PolicyGrounds {
  std::string rule, hash;
  int version = 0;
  bool operator==(const PolicyGrounds&) const = default;
};

struct Decision {
  std::string decision;  // "approve" or "withdraw"
  std::string site, study, envelope, consortium, time;
  Signature signature;
  std::optional<PolicyGrounds> policy = {};  // of an approval by policy
  bool is_approval() const { return decision == "approve"; }
  bool says_the_same_as(const Decision& other) const;  // the same statement by the same person
};

Decision decide(const std::string& decision, const std::string& site, const Envelope& envelope,
                const Consortium& consortium, const Identity& identity, const std::string& approver);

// The approval of a site's policy, which its own node signs.
Decision approve_by_policy(const std::string& site, const Envelope& envelope, const Consortium& consortium,
                           const Signer& sign_as_node, const PolicyGrounds& grounds);

nlohmann::json to_json(const Decision& decision);
// Of a stranger's text. Fails with decision.malformed or signature.malformed; nothing is verified yet.
Decision decision_from_json(const nlohmann::json& json);

// Whether an approver of the site, or its policy, has decided this on this very study. Fails with decision.other_study,
// .other_consortium, .not_an_approver, .not_by_policy, or as verify (consortium.h).
void check_decision(const Decision& decision, const Envelope& envelope, const Consortium& consortium);

// The approvals that no withdrawal followed; `decisions` in the order in which they were given.
std::vector<Decision> standing_approvals(const std::vector<Decision>& decisions);

// How a site stands: how many different approvers it has whose standing approvals are good, its policy included.
struct ApprovalStanding {
  int given = 0, needed = 0;
  int people = 0;  // of those given
  bool enough() const { return given >= needed; }
};
ApprovalStanding standing_of(const std::string& site, const std::vector<Decision>& decisions, const Envelope& envelope,
                             const Consortium& consortium);

// Fails with decision.withdrawn or node.not_approved unless the site has approved; with why its approvals do not count
// (as check_decision) where there are some.
void check_approvals(const std::string& site, const std::vector<Decision>& decisions, const Envelope& envelope,
                     const Consortium& consortium);

}  // namespace cohortium::governance
