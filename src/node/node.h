// One node: the API its operators, analysts and fellow nodes call, and the channels of runs, on one TLS port.
//
//   who                                 request
//   anyone in the consortium file       GET  /v1/status
//   analyst, at the coordinator         POST /v1/studies                     body: study file
//   analyst, at the coordinator         POST /v1/studies/HASH/run
//   anyone, at the coordinator          GET  /v1/studies, /v1/studies/HASH?version=N, /v1/studies/HASH/result
//   anyone                              GET  /v1/studies/HASH/file
//   operator, at her own node           POST /v1/studies/HASH/approve
//   coordinator                         GET  /v1/studies/HASH/approval
//   coordinator                         POST /v1/runs, /v1/runs/RUN/abort; GET /v1/runs/RUN
//
// A site runs a study only if its own operator has approved exactly that study (its hash), whatever the coordinator
// says.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "governance/audit_log.h"
#include "governance/consortium.h"
#include "node/config.h"
#include "node/coordinator.h"
#include "node/http.h"
#include "node/rendezvous.h"
#include "node/run.h"
#include "node/store.h"

namespace cohortium::node {

class Node {
 public:
  // Verifies the audit log and starts to listen. Fails with node.*, consortium.*, audit.*, net.*.
  explicit Node(NodeConfig config);
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
  nlohmann::json answer(const Request& request);
  nlohmann::json answer_study(const Request& request, const std::string& hash, const std::string& action);
  nlohmann::json answer_run(const Request& request, const std::string& run, const std::string& action);

  nlohmann::json submit(const Request& request);
  nlohmann::json approve(const Request& request, const std::string& hash);
  nlohmann::json take_part_in_run(const Request& request);
  nlohmann::json run_and_watch(const Request& request, const RunSettings& settings, ActiveRun& active);

  // The study, fetched from the coordinator if this node has not seen it; checked against its hash.
  study::Study study_named(const std::string& hash);
  void check_release_floor(const study::Study& study) const;
  void allow(bool allowed, const Request& request, const std::string& who) const;
  bool is_coordinator() const { return config_.name == consortium_.coordinator; }
  void audit(const std::string& event, const std::string& study, const nlohmann::json& detail);

  NodeConfig config_;
  governance::Consortium consortium_;
  net::TlsIdentity identity_;
  net::PinnedPeers peers_;
  HttpClient client_;
  StudyStore store_;
  governance::AuditLog audit_;
  net::TlsListener listener_;
  Rendezvous rendezvous_;
  std::unique_ptr<Coordinator> coordinator_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<ActiveRun>> active_;  // by run
};

}  // namespace cohortium::node
