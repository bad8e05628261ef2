// What a node answers, operation by operation (routes.h). Who calls has been looked at (api_server.h).
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "governance/audit_files.h"
#include "node/node.h"

namespace cohortium::node {

using nlohmann::json;

namespace {

constexpr std::size_t entries_at_once = std::size_t{4} << 20;  // bytes of an audit log that an auditor fetches

// 0 where there is none.
std::uint64_t number_in(const std::string& query, const std::string& name) {
  const std::string text = query_value(query, name);
  return text.size() > 20 ? 0 : std::strtoull(text.c_str(), nullptr, 10);
}

}  // namespace

json Node::act(const Route& route, const Request& request) {
  switch (route.operation) {
    case Operation::kStatus:
      return {{"name", config_.name},
              {"version", COHORTIUM_VERSION},
              {"coordinator", consortium_.coordinator},
              {"consortium", consortium_.digest},
              {"consortium_version", consortium_.version}};
    case Operation::kListStudies:
      return studies();
    case Operation::kSubmitStudy:
      return submit(request);
    case Operation::kShowStudy:
      return coordinator_->status(request.study, number_in(request.head.query, "version"));
    case Operation::kShowEnvelope:
      return {{"envelope", governance::envelope_text(store_.find(request.study))}};
    case Operation::kShowApproval:
      return approval_of(request.study);
    case Operation::kDecide:
      return decide(request);
    case Operation::kRunStudy:
      return coordinator_->start(request.study, request.caller, request.token);
    case Operation::kCheckAgreement:
      refuse_interrupted(request, request.study);
      return coordinator_->agreement(request.study, request.caller, request.token);
    case Operation::kFetchResult:
      return result_of(request.study);
    case Operation::kWatchEvents:
      break;  // no single answer: event_feed.h
    case Operation::kTakePart:
      return take_part_in_run(request);
    case Operation::kShowRun:
      return state_of_run(request.run);
    case Operation::kAbortRun:
      return abort_run(request);
    case Operation::kReleaseRun:
      return release_run(request);
    case Operation::kShowHead:
      return audit_head(request);
    case Operation::kReadLog:
      return audit_log(request);
  }
  COHORTIUM_CHECK(!"an operation without an answer");
  return {};
}

json Node::studies() const {
  json all = json::array();
  for (const std::string& hash : store_.hashes())
    all.push_back({{"hash", hash}, {"title", store_.find(hash).study.title}});
  return {{"studies", all}};
}

json Node::result_of(const std::string& hash) const {
  static_cast<void>(store_.find(hash));
  if (const auto text = store_.result(hash)) return json::parse(*text);
  throw Failure({.code = "node.no_result",
                 .message = "this study has no result yet",
                 .where = hash,
                 .remedy = "see `cohortium study status " + hash + "`"});
}

json Node::audit_head(const Request& request) const { return witness_.answer(query_value(request.head.query, "from")); }

json Node::audit_log(const Request& request) const {
  const std::uint64_t from = number_in(request.head.query, "from");
  const std::filesystem::path heads = governance::audit_paths(audit_.folder()).heads;
  const governance::TreeHead head = audit_.head();
  json answer = {{"head", governance::to_json(head)}, {"entries", audit_.entries(from, entries_at_once)}};
  if (from == 1 && std::filesystem::exists(heads)) answer["heads"] = read_file(heads);
  return answer;
}

json Node::abort_run(const Request& request) {
  const Error reason = error_from_json(parse_json(request.body));
  spdlog::warn("run {} is given up: {}", request.run, reason.text());
  rendezvous_.cancel(request.run, reason);
  return json::object();
}

json Node::release_run(const Request& request) {
  const json body = parse_json(request.body);
  const bool whole = body.is_object() && body.contains("statements") && body["statements"].is_array() &&
                     !body["statements"].empty() && body["statements"][0].is_object() &&
                     body["statements"][0].contains("statement") && body["statements"][0]["statement"].is_object();
  if (!whole) {
    throw Failure({.code = "node.bad_body",
                   .message = "these are no statements of compute parties",
                   .remedy = "see docs/api.md"});
  }
  json released = desk_.release(request.run, body);
  heads_.soon();
  return released;
}

json Node::state_of_run(const std::string& run) {
  const std::lock_guard lock(mutex_);
  const auto found = active_.find(run);
  if (found == active_.end()) return {{"phase", "not here"}};
  const Progress& progress = found->second->progress;
  return {{"phase", progress.phase.load()}, {"done", progress.done.load()}, {"total", progress.total.load()}};
}

}  // namespace cohortium::node
