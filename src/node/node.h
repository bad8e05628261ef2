// One node: the API its operators, analysts and fellow nodes call, and the channels of runs, on one TLS port.
// What can be asked of it, and by whom, stands in routes.h; docs/api.md explains it.
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

#include "governance/audit_log.h"
#include "governance/consortium.h"
#include "governance/identity.h"
#include "governance/privacy_ledger.h"
#include "governance/release_ledger.h"
#include "governance/witness.h"
#include "node/admission.h"
#include "node/api_server.h"
#include "node/config.h"
#include "node/connections.h"
#include "node/coordinator.h"
#include "node/event_feed.h"
#include "node/head_exchange.h"
#include "node/http_client.h"
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

  void log_start();
  void serve_connection(std::unique_ptr<net::TlsStream> stream, bool crowded);
  // node_requests.cc: every operation of routes.h, for whoever was found to be allowed it.
  nlohmann::json act(const Route& route, const Request& request);
  nlohmann::json studies() const;
  nlohmann::json result_of(const std::string& hash) const;
  nlohmann::json audit_head(const Request& request) const;
  nlohmann::json audit_log(const Request& request) const;
  nlohmann::json abort_run(const Request& request);
  nlohmann::json release_run(const Request& request);
  nlohmann::json state_of_run(const std::string& run);

  nlohmann::json submit(const Request& request);
  nlohmann::json decide(const Request& request);
  // What this site has approved, for the coordinator; its policy decides where nobody else has to.
  nlohmann::json approval_of(const std::string& hash);
  nlohmann::json take_part_in_run(const Request& request);
  nlohmann::json run_and_watch(const Request& request, const RunSettings& settings, ActiveRun& active);

  // The study, fetched from the coordinator if this node has not seen it; checked against its hash.
  governance::Envelope study_named(const std::string& hash);
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
  governance::ReleaseLedger releases_;
  PolicyGate policy_;
  governance::Witness witness_;
  ReleaseDesk desk_;
  net::TlsListener listener_;
  Rendezvous rendezvous_;
  EventFeed feed_;
  std::unique_ptr<Coordinator> coordinator_;
  HeadExchange heads_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<ActiveRun>> active_;  // by run
  ApiServer api_;
  Connections connections_;
};

}  // namespace cohortium::node
