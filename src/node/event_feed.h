// What happens to studies and runs, as server-sent events for whoever may see studies.
//
//   id: 17                                          the entry of this node's audit log that says so
//   event: study.submitted | study.approved | study.withdrawn | run.started | run.finished | run.failed
//   data: {"study": "…", "time": "…", "run": …, "by": …, "analyst": …, "expires": …, "code": …}
//
//   event: run.progress                             no id: where a run stands now; also what it was when the caller came
//   data: {"study": "…", "run": "…", "state": "running" | "done" | "failed", "version": …, "progress": …, "error": …}
//
// Events are read from the audit log at each caller's own pace, so nothing is queued for anybody, nothing is lost by a
// restart, and a caller that takes nothing is given up (http.h) without a run noticing. Progress is the latest only.
// Decisions stand in the log of the site's own node, runs in the coordinator's.
//
// Resuming    Last-Event-ID: every event after this one, of the last 100,000 entries; without it, from now on
// Heartbeat   a comment every 5 s; then, too, it is looked whether the caller's key is still good
// End         after an hour, or when the node stops: the caller resumes
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "governance/audit_log.h"
#include "node/http.h"

namespace cohortium::node {

class EventFeed {
 public:
  using Versions = std::map<std::string, std::uint64_t>;  // by study
  // Where runs stand that have another version than what was seen; of one study, or of all ("").
  using Runs = std::function<std::vector<nlohmann::json>(const std::string& study, Versions& seen)>;
  EventFeed(const governance::AuditLog& log, Runs runs) : log_(log), runs_(std::move(runs)) {}

  void changed();  // something may have happened
  void stop();     // ends all streams

  // The entry after which the caller wants to hear. Fails with node.bad_event_id.
  std::uint64_t start_of(const Request& request) const;
  // Tells until the end; `check` throws when the caller may not listen any longer.
  void tell(HttpConnection& connection, const Request& request, std::uint64_t after,
            const std::function<void()>& check);

 private:
  // As many as fit into one message.
  std::string events_after(std::uint64_t& entry, const std::string& study) const;

  const governance::AuditLog& log_;
  const Runs runs_;
  std::mutex mutex_;
  std::condition_variable condition_;
  std::uint64_t changes_ = 0;
  bool stopping_ = false;
};

}  // namespace cohortium::node
