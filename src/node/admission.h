// What a node asks of a study, and of the consortium file, before it believes anyone: the checks that do not depend on
// who sent it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "governance/decision.h"
#include "governance/envelope.h"
#include "node/config.h"
#include "node/store.h"

namespace cohortium::node {

// The consortium file of a node: in force, no older than what it has accepted before, and with this very key for it.
// Fails with consortium.*, node.unknown_member, node.other_key.
governance::Consortium accept_consortium(const NodeConfig& config, const std::string& fingerprint);

// The signed study of this hash in what somebody sent. Fails with node.altered_study when it is another one, or as
// governance::parse_envelope.
governance::Envelope envelope_of(const std::string& hash, const std::string& text);

class Admission {
 public:
  Admission(std::string node, const governance::Consortium& consortium, const StudyStore& store)
      : node_(std::move(node)), consortium_(consortium), store_(store) {}

  // Signed by an analyst, not expired, by the consortium's rules for studies (study_rules.h). Fails with envelope.*,
  // signature.*, consortium.*, and as check_study_rules.
  void check_study(const governance::Envelope& envelope) const;
  // Whether the store has this study, and it passes check_study's signature and expiry.
  bool has_good(const std::string& hash) const;
  // And computable, at sites of this consortium. Fails with study.*, node.unknown_site, too.
  void check_submission(const governance::Envelope& envelope) const;
  // What this site's approvers have signed, for the coordinator to pass on to all nodes: {"site", "approved", "given",
  // "needed", "decisions"}.
  nlohmann::json approvals_of(const std::string& hash) const;
  // The study of a coordinator's order, if it may run here now: the same version of the consortium file everywhere, and
  // enough approvals of every site; for this site, those that its own approvers handed to it. Fails with
  // node.other_consortium, node.not_approved, decision.*, too.
  governance::Envelope check_order(const nlohmann::json& order) const;

 private:
  std::string node_;
  const governance::Consortium& consortium_;
  const StudyStore& store_;
};

}  // namespace cohortium::node
