#include "node/admission.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "governance/consortium_history.h"
#include "node/members.h"
#include "node/study_rules.h"
#include "study/plan.h"

namespace cohortium::node {

using nlohmann::json;

governance::Consortium accept_consortium(const NodeConfig& config, const std::string& fingerprint) {
  const auto history = governance::ConsortiumHistory::read(config.consortium);
  const governance::Consortium& consortium = history.in_force();
  if (consortium.good_key_of(member_named(consortium, config.name).name) != fingerprint) {
    throw Failure({.code = "node.other_key",
                   .message = "the key of this node is not the one that the consortium file pins for " + config.name,
                   .where = config.certificate.string(),
                   .rule = "version " + std::to_string(consortium.version) + " of the consortium file",
                   .remedy = "use the key that belongs to this version of the file, or the version with this key"});
  }
  std::filesystem::create_directories(config.state);
  governance::accept_consortium(config.state / "consortium.json", history);
  return consortium;
}

governance::Envelope envelope_of(const std::string& hash, const std::string& text) {
  governance::Envelope envelope = governance::parse_envelope(text);
  if (envelope.study.hash == hash) return envelope;
  throw Failure({.code = "node.altered_study",
                 .message = "the coordinator sent another study than the one asked for",
                 .where = hash,
                 .remedy = "do not approve; ask the coordinator's operator"});
}

void Admission::check_study(const governance::Envelope& envelope) const {
  governance::check_envelope(envelope, consortium_);
  check_study_rules(envelope.study, consortium_);
}

bool Admission::has_good(const std::string& hash) const {
  return store_.contains(hash) &&
         attempt([&] { return governance::check_envelope(store_.find(hash), consortium_), true; }).ok();
}

void Admission::check_submission(const governance::Envelope& envelope) const {
  const study::Study& study = envelope.study;
  static_cast<void>(study::Plan(study));
  check_study(envelope);
  for (std::size_t i = 0; i < study.sites.size(); ++i) {
    const bool known = std::any_of(consortium_.members.begin(), consortium_.members.end(),
                                   [&](const auto& member) { return member.name == study.sites[i] && member.site; });
    if (!known) {
      throw Failure({.code = "node.unknown_site",
                     .message = "\"" + study.sites[i] + "\" is not a site of this consortium",
                     .where = "/sites/" + std::to_string(i),
                     .remedy = "name sites as in the consortium file"});
    }
  }
}

json Admission::approvals_of(const std::string& hash) const {
  json decisions = json::array();
  governance::ApprovalStanding standing;
  if (store_.contains(hash)) {
    const auto all = store_.decisions(hash);
    standing = governance::standing_of(node_, all, store_.find(hash), consortium_);
    for (const auto& each : all) decisions.push_back(governance::to_json(each));
  }
  return {{"site", node_},
          {"approved", standing.needed > 0 && standing.enough()},
          {"given", standing.given},
          {"needed", std::max(1, member_named(consortium_, node_).approvals)},
          {"decisions", decisions}};
}

governance::Envelope Admission::check_order(const json& order) const {
  if (order.at("consortium") != consortium_.digest) {
    throw Failure({.code = "node.other_consortium",
                   .message = node_ + " has version " + std::to_string(consortium_.version) +
                              " of the consortium file, and the coordinator another one",
                   .where = node_,
                   .rule = "all nodes of a run have the same consortium file",
                   .remedy = "put the newest file and its signatures in place at every node, and restart them"});
  }
  governance::Envelope envelope = governance::parse_envelope(order.at("envelope").dump());
  check_study(envelope);
  for (const std::string& site : envelope.study.sites) {
    static_cast<void>(consortium_.good_key_of(site));
    std::vector<governance::Decision> decisions;
    if (site == node_) {
      decisions = store_.decisions(envelope.study.hash);
    } else if (order.at("decisions").contains(site)) {
      for (const json& each : order["decisions"][site]) decisions.push_back(governance::decision_from_json(each));
    }
    governance::check_approvals(site, decisions, envelope, consortium_);
  }
  for (const std::string& party : compute_party_names(consortium_, envelope.study.protocol))
    static_cast<void>(consortium_.good_key_of(party));
  return envelope;
}

}  // namespace cohortium::node
