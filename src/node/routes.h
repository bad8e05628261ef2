// The control-plane API as one table: what can be asked of a node, by whom and how. Requests are dispatched from it, and a
// test compares docs/api/openapi.json with it.
//
//   {study}  a study's SHA-256, 64 hexadecimal digits     {run}  a run, 32 hexadecimal digits
//
// Who calls is known from the TLS key alone. People are let in by their role (governance/roles.h), some at the node of
// their own member only; a member's node is let in everywhere, nowhere, or as the coordinator.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "governance/consortium.h"

namespace cohortium::node {

enum class Operation {
  kStatus,
  kListStudies,
  kSubmitStudy,
  kShowStudy,
  kShowEnvelope,
  kShowApproval,
  kDecide,
  kRunStudy,
  kCheckAgreement,
  kFetchResult,
  kWatchEvents,
  kTakePart,
  kShowRun,
  kAbortRun,
  kReleaseRun,
  kShowHead,
  kReadLog
};

enum class Members { kNone, kCoordinator, kAll };

struct Route {
  Operation operation;
  std::string_view name;  // operationId of the document
  std::string_view method, path;
  std::optional<governance::Action> people = {};  // none: no person
  bool at_own_node = false;  // people: at the node of their own member, where their role is bound to one
  Members members = Members::kNone;
  bool at_coordinator = false;  // other nodes answer node.not_the_coordinator
  bool changes_state = false;   // needs an Idempotency-Key, has the stricter limit
  std::size_t largest_body = 0;
};

std::span<const Route> routes();

struct RouteMatch {
  const Route* route = nullptr;
  std::string study, run;  // what stood for {study} and {run}
};
// Fails with node.no_such_page, and with node.unknown_study or node.unknown_run where no such thing can exist.
RouteMatch match_route(std::string_view method, std::string_view path);

// "a coordinator", "an analyst or any member's node": whoever may, for messages.
std::string callers_of(const Route& route);
bool may_call(const Route& route, const governance::Consortium& consortium, const std::string& node,
              const std::string& caller);

}  // namespace cohortium::node
