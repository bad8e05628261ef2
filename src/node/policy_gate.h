// The site's own policy (policy/policy.h) at its own node: asked before anybody approves, before a run begins, and before
// anything is shared. Where the node has no policy, people's approvals alone decide.
//
// Guaranteed  nothing is read or shared for a study that the policy of this start of the node does not allow, whoever has
//             approved it; approvals by policy are signed only where no withdrawal stands against them
// Logged      policy.denied: the rule, the policy's version and hash, never a value
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>

#include "governance/audit_log.h"
#include "governance/decision.h"
#include "node/config.h"
#include "node/run.h"
#include "node/store.h"
#include "policy/judge.h"
#include "policy/run_ledger.h"

namespace cohortium::node {

class PolicyGate {
 public:
  // Reads the policy. Fails with file.*, policy.bad_file, policy.other_site, policy.bad_signature, policy.same_version and as
  // policy::RunLedger.
  PolicyGate(const NodeConfig& config, const governance::Consortium& consortium, StudyStore& store,
             governance::AuditLog& log, governance::Signer sign_as_node);

  // {"policy": hash, "policy_version"} and who signed it, "policy_signed_by", for the log's "node.started"; an empty object
  // where there is none.
  nlohmann::json facts() const;
  bool has_policy() const { return policy_.has_value(); }

  // Before a person's approval counts. Fails with policy.denied.
  void check_approval(const governance::Envelope& envelope, const std::string& by);
  // How many people must approve: as many as the consortium file and the policy ask for.
  int needed(const governance::Envelope& envelope) const;
  // For one thread at a time. Approves by policy where that is for the policy alone and nobody has decided yet; then `answer`, which is
  // Admission::approvals_of, with what the policy adds: "approved", "given" and "needed", "error" where it denies.
  nlohmann::json approve_alone(const governance::Envelope& envelope, nlohmann::json answer);
  // As a run begins; without a policy, that people approved it, not a policy that was here before. Fails with
  // policy.denied or node.not_approved. Returns what is to be asked before anything is shared.
  BeforeSharing admit(const governance::Envelope& envelope, const std::string& run);

 private:
  void check_signature(const std::filesystem::path& file);
  void check_version(const std::string& file) const;
  policy::Circumstances circumstances(const governance::Envelope& envelope) const;
  policy::Verdict verdict(const governance::Envelope& envelope) const;  // but for how often it ran
  void log_denial(const std::string& study, const policy::Verdict& verdict, nlohmann::json detail);
  void check_people(const governance::Envelope& envelope, int people, const std::string& rule) const;
  bool may_approve_alone(const governance::Envelope& envelope, const policy::Verdict& verdict) const;

  const std::string site_;
  const governance::Consortium& consortium_;
  StudyStore& store_;
  governance::AuditLog& log_;
  const governance::Signer sign_as_node_;
  std::optional<policy::Policy> policy_;
  std::string signed_by_;                    // empty: the site has no data steward
  std::unique_ptr<policy::RunLedger> runs_;  // where there is a policy
  std::set<std::string> denied_;             // studies whose denial has been logged when the coordinator asked
};

}  // namespace cohortium::node
