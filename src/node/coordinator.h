// The coordinator's side of a run: asks for approvals, has every node take its part (run_driver.h), compares what the
// compute parties released, keeps the result. It never sees shares. Nothing of a failed run is kept, so it can run
// again.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <thread>
#include <vector>

#include "governance/audit_log.h"
#include "governance/consortium.h"
#include "node/http.h"
#include "node/store.h"

namespace cohortium::node {

class Coordinator {
 public:
  Coordinator(std::string name, const governance::Consortium& consortium, const HttpClient& client, StudyStore& store,
              governance::AuditLog& audit);
  ~Coordinator();

  // Starts the study in the background. Fails with node.already_run, node.running, node.not_approved or
  // node.unknown_study.
  nlohmann::json start(const std::string& hash, const std::string& analyst);

  // {"hash", "state": "submitted" | "running" | "done" | "failed", "version", "approvals", "run", "progress", "error"}.
  // With `version` it waits, up to 10 s, until the status has another one.
  nlohmann::json status(const std::string& hash, std::uint64_t version);

 private:
  struct Run;
  // Every site's approval, asked from the sites themselves; a site that does not answer has an error instead.
  nlohmann::json approvals(const study::Study& study) const;
  void drive(const std::string& hash, const study::Plan& plan, Run& run);
  std::string finish(const study::Plan& plan, const std::vector<std::string>& nodes,
                     const std::vector<nlohmann::json>& answers, const Run& run) const;
  std::vector<std::string> nodes_of(const study::Study& study) const;
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
  std::map<std::string, std::unique_ptr<Run>> runs_;  // the latest of each study
};

}  // namespace cohortium::node
