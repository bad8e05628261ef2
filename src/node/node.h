// One node: the API its operators, analysts and fellow nodes call, and the channels of runs, on one TLS port.
//
//   who (governance/roles.h)            request
//   anyone in the consortium file       GET  /v1/status, /v1/studies
//   kSubmitStudy, at the coordinator    POST /v1/studies                     body: envelope (governance/envelope.h)
//   kRunStudy, at the coordinator       POST /v1/studies/HASH/run, /v1/studies/HASH/agreement
//   kSeeStudies, at the coordinator     GET  /v1/studies/HASH?version=N
//   kFetchResult, at the coordinator    GET  /v1/studies/HASH/result
//   kSeeStudies, members                GET  /v1/studies/HASH/file
//   kApproveStudy, at her own node      POST /v1/studies/HASH/decide         body: decision (governance/decision.h)
//   coordinator                         GET  /v1/studies/HASH/approval
//   coordinator                         POST /v1/runs, /v1/runs/RUN/abort; GET /v1/runs/RUN
//   coordinator                         POST /v1/runs/RUN/release            body: statements (node/release_desk.h)
//   anyone in the consortium file       GET  /v1/audit/head?from=SIZE,…      (governance/witness.h)
//   kReadAuditLog, at her own node      GET  /v1/audit/log?from=ENTRY        a few MB of entries; with the first, heads
//
// Before it takes part in a run, every node checks for itself that the version of the consortium file is its own, that
// an analyst signed the study and it has not expired, and that every site's approvers signed enough approvals of this
// very study; a site goes by what its own approvers handed to its own node, and by its policy (policy_gate.h). And every other node of the run must have
// shown that its audit log only grew.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "governance/audit_log.h"
#include "governance/consortium.h"
#include "governance/identity.h"
#include "governance/privacy_ledger.h"
#include "governance/witness.h"
#include "node/admission.h"
#include "node/config.h"
#include "node/coordinator.h"
#include "node/head_exchange.h"
#include "node/http.h"
#include "node/policy_gate.h"
#include "node/release_desk.h"
#include "node/rendezvous.h"
#include "node/run.h"
#include "node/store.h"

namespace cohortium::node {

class Node {
 public:
  // Verifies the audit log and starts to listen. Fails with node.*, consortium.*, audit.*, net.*.
  Node(NodeConfig config, const governance::Identity& identity);
  ~Node();

  std::uint16_t port() const { return listener_.port(); }
  // Serves until `stop`; then ends what is running.
  void serve(const std::atomic<bool>& stop);

 private:
  struct ActiveRun {
    Progress progress;
  };
  struct Connection;

  void handle(net::TlsStream& stream);
  void log_start();
  nlohmann::json answer(const Request& request);
  nlohmann::json answer_study(const Request& request, const std::string& hash, const std::string& action);
  nlohmann::json answer_audit(const Request& request, const std::string& what);
  nlohmann::json answer_run(const Request& request, const std::string& run, const std::string& action);

  nlohmann::json submit(const Request& request);
  nlohmann::json decide(const Request& request, const std::string& hash);
  // What this site has approved, for the coordinator; its policy decides where nobody else has to.
  nlohmann::json approval_of(const std::string& hash);
  nlohmann::json take_part_in_run(const Request& request);
  nlohmann::json run_and_watch(const Request& request, const RunSettings& settings, ActiveRun& active);

  // The study, fetched from the coordinator if this node has not seen it; checked against its hash.
  governance::Envelope study_named(const std::string& hash);
  void allow(bool allowed, const Request& request, const std::string& who) const;
  // Whether the caller's role allows this; at this very node, where her role is bound to a member.
  void allow(governance::Action action, const Request& request, bool at_own_node = false) const;
  bool is_coordinator() const { return config_.name == consortium_.coordinator; }
  void audit(const std::string& event, const std::string& study, const nlohmann::json& detail);

  NodeConfig config_;
  governance::Consortium consortium_;
  net::TlsIdentity identity_;
  net::PinnedPeers peers_;
  HttpClient client_;
  StudyStore store_;
  Admission admission_;
  const std::string fingerprint_;
  governance::Signer signer_;
  governance::SignatureCheck check_;
  governance::AuditLog audit_;
  governance::PrivacyLedger ledger_;
  PolicyGate policy_;
  governance::Witness witness_;
  ReleaseDesk desk_;
  net::TlsListener listener_;
  Rendezvous rendezvous_;
  std::unique_ptr<Coordinator> coordinator_;
  HeadExchange heads_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<ActiveRun>> active_;  // by run
};

}  // namespace cohortium::node
