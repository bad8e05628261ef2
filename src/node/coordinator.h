// The coordinator's side of a run: asks for approvals, has every node take its part (run_driver.h), compares what the
// compute parties released, keeps the result with what every node signs under it. It never sees shares. Nothing of a failed run is kept, so it can run
// again.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <thread>
#include <vector>

#include "governance/audit_log.h"
#include "governance/consortium.h"
#include "node/http_client.h"
#include "node/store.h"
#include "study/plan.h"

namespace cohortium::node {

class Coordinator {
 public:
  // `changed` is called whenever a run stands elsewhere. Runs that a stop of this node ended are failed ones.
  Coordinator(std::string name, const governance::Consortium& consortium, const HttpClient& client, StudyStore& store,
              governance::AuditLog& audit, std::function<void()> changed);
  ~Coordinator();

  // Starts the study in the background, as the run `run`, unless that was started before. Fails with node.already_run,
  // node.running, node.not_approved, node.unknown_study, envelope.* or decision.*.
  nlohmann::json start(const std::string& hash, const std::string& analyst, const std::string& run);

  // {"hash", "analyst", "expires", "state": "submitted" | "running" | "done" | "failed", "version", "approvals", "run", "progress", "error"}.
  // With `version` it waits, up to 10 s, until the status has another one.
  nlohmann::json status(const std::string& hash, std::uint64_t version);
  // {"study", "run", "state", "version", "progress", "error"} of runs that have another version than what was seen; of one
  // study, or of all (""), then without those that had ended before anything was seen of them.
  std::vector<nlohmann::json> runs(const std::string& study, std::map<std::string, std::uint64_t>& seen);
  // Whether the sites agree in what the study asks, item by item; waits for the answer. Fails with node.not_approved,
  // node.no_agreement_check, node.results_differ, and as the nodes do.
  nlohmann::json agreement(const std::string& hash, const std::string& analyst, const std::string& run);

 private:
  struct Run;
  void restore_runs();
  void tell();  // of something that changed in runs_
  static nlohmann::json record_of(const Run& run);
  // Every site's approvals, asked from the sites themselves; a site that does not answer has an error instead.
  nlohmann::json approvals(const study::Study& study) const;
  // Those of all sites, or node.not_approved, envelope.*, decision.*.
  nlohmann::json required_approvals(const governance::Envelope& envelope) const;
  // What every node gets at the start, to check itself: the signed study, and what the sites' approvers signed.
  nlohmann::json order(const governance::Envelope& envelope, const nlohmann::json& approvals,
                       const std::string& run) const;
  void drive(const std::string& hash, const study::Plan& plan, const nlohmann::json& order, Run& run);
  nlohmann::json finish(const study::Plan& plan, const std::vector<std::string>& nodes,
                        const std::vector<nlohmann::json>& answers, const nlohmann::json& order, const Run& run) const;
  nlohmann::json statements(const study::Study& study, const std::vector<std::string>& nodes,
                            const std::vector<nlohmann::json>& answers, const std::string& run) const;
  nlohmann::json ask(const std::string& node, const std::string& method, const std::string& target,
                     const nlohmann::json& body, std::chrono::milliseconds patience,
                     const std::function<bool()>& give_up = {}) const;

  std::string name_;
  const governance::Consortium& consortium_;
  const HttpClient& client_;
  StudyStore& store_;
  governance::AuditLog& audit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()> tell_others_;
  std::map<std::string, std::unique_ptr<Run>> runs_;  // the latest of each study
};

}  // namespace cohortium::node
