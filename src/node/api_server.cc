#include "node/api_server.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cohortium::node {

using nlohmann::json;

struct ApiServer::Call {
  Request request;
  const Route* route = nullptr;  // once it is known
  bool crowded = false;
  unsigned retry_seconds = 0;
  std::optional<std::uint64_t> events_after;  // instead of an answer
};

ApiServer::ApiServer(const NodeConfig& config, const governance::Consortium& consortium, EventFeed& feed, Act act,
                     Refusals::Log log_refusal)
    : name_(config.name),
      limits_(config.limits),
      consortium_(consortium),
      feed_(feed),
      act_(std::move(act)),
      rate_(config.limits),
      refusals_(std::move(log_refusal)),
      journal_(config.state) {}

void ApiServer::serve(net::TlsStream& stream, bool crowded) {
  HttpConnection connection(stream, std::chrono::seconds(limits_.request_seconds));
  Call call{.request = {}, .route = nullptr, .crowded = crowded, .retry_seconds = 0, .events_after = {}};
  call.request.caller = stream.peer();
  call.request.caller_is_gone = [&connection] { return connection.caller_is_gone(); };
  const Result<json> answered = attempt([&] { return answer(connection, call); });
  if (!answered.ok() && call.request.head.method.empty() && answered.error().code.starts_with("net.")) return;
  if (!answered.ok()) {
    const std::string& path = call.request.head.path;
    // What becomes of a run has entries of its own.
    const bool changes = call.route != nullptr && call.route->changes_state && !path.starts_with("/v1/runs");
    if (changes || call.retry_seconds > 0) {
      refusals_.count(call.request.caller, call.route == nullptr ? "" : std::string(call.route->name), path,
                      answered.error().code);
    }
  }
  if (call.events_after) {
    feed_.tell(connection, call.request, *call.events_after, [&] { check_caller(*call.route, call.request); });
  } else {
    connection.answer(answered, call.retry_seconds);
  }
  connection.close();
}

json ApiServer::answer(HttpConnection& connection, Call& call) {
  Request& request = call.request;
  request.head = connection.read_head();
  admit(call);
  const Route& route = *call.route;
  const std::size_t largest = std::min(route.largest_body, limits_.body_mebibytes << 20);
  if (request.head.content_length > largest) {
    throw Failure({.code = "node.too_large",
                   .message = std::to_string(request.head.content_length) + " bytes are more than the " +
                              std::to_string(largest) + " that this request may have",
                   .rule = "see docs/api/openapi.json, and limits.body_mebibytes of this node",
                   .remedy = "send less"});
  }
  request.body = connection.read_body(request.head);
  check_depth(request.body);
  if (route.operation == Operation::kWatchEvents) {
    call.events_after = feed_.start_of(request);
    return {};
  }
  const auto act = [&](const Request& admitted) { return act_(route, admitted); };
  return route.changes_state ? journal_.once(request, act) : act(request);
}

// Before anything of the body is read.
void ApiServer::admit(Call& call) {
  Request& request = call.request;
  const Result<RouteMatch> match = attempt([&] { return match_route(request.head.method, request.head.path); });
  if (match.ok()) call.route = match.value().route;
  if (call.crowded) {
    call.retry_seconds = 1;
    throw Failure({.code = "node.too_many_connections",
                   .message = request.caller + " has too many connections to " + name_,
                   .where = name_,
                   .rule = "limits.connections_per_caller of this node",
                   .remedy = "end some of them"});
  }
  const bool is_member = consortium_.find_member(request.caller) != nullptr;
  call.retry_seconds = rate_.take(request.caller, is_member, match.ok() && call.route->changes_state);
  if (call.retry_seconds > 0) {
    throw Failure({.code = "node.too_many_requests",
                   .message = request.caller + " asks too often of " + name_,
                   .where = name_,
                   .rule = "limits.requests_per_minute and changes_per_minute of this node",
                   .remedy = "wait " + std::to_string(call.retry_seconds) + " s"});
  }
  static_cast<void>(consortium_.good_key_of(request.caller));  // it may have expired while this node runs
  request.study = match.value().study;
  request.run = match.value().run;
  check_caller(*call.route, request);
  if (call.route->at_coordinator && name_ != consortium_.coordinator) {
    throw Failure({.code = "node.not_the_coordinator",
                   .message = name_ + " is not the coordinator",
                   .where = name_,
                   .remedy = "ask " + consortium_.coordinator});
  }
}

void ApiServer::check_caller(const Route& route, const Request& request) const {
  static_cast<void>(consortium_.good_key_of(request.caller));
  if (may_call(route, consortium_, name_, request.caller)) return;
  throw Failure({.code = "node.not_allowed",
                 .message = request.caller + " may not " + request.head.method + " " + request.head.path,
                 .where = name_,
                 .rule = "only " + callers_of(route) + " may, by the consortium file",
                 .remedy = "use that person's or node's key"});
}

void ApiServer::log_refusals(bool all) {
  refusals_.log_due(all ? Refusals::Time::max() : std::chrono::steady_clock::now());
}

}  // namespace cohortium::node
