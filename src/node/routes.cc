#include "node/routes.h"

#include <algorithm>

#include "base/error.h"
#include "node/members.h"
#include "node/store.h"

namespace cohortium::node {
namespace {

using enum Operation;
using governance::Action;

constexpr std::size_t mebibyte = std::size_t{1} << 20;

constexpr Route table[] = {
    {.operation = kStatus,
     .name = "status",
     .method = "GET",
     .path = "/v1/status",
     .people = Action::kSeeStudies,
     .members = Members::kAll},
    {.operation = kListStudies,
     .name = "listStudies",
     .method = "GET",
     .path = "/v1/studies",
     .people = Action::kSeeStudies,
     .members = Members::kAll},
    // An envelope holds a study file, of at most 1 MiB.
    {.operation = kSubmitStudy,
     .name = "submitStudy",
     .method = "POST",
     .path = "/v1/studies",
     .people = Action::kSubmitStudy,
     .at_coordinator = true,
     .changes_state = true,
     .largest_body = 4 * mebibyte},
    {.operation = kShowStudy,
     .name = "showStudy",
     .method = "GET",
     .path = "/v1/studies/{study}",
     .people = Action::kSeeStudies,
     .members = Members::kAll,
     .at_coordinator = true},
    {.operation = kShowEnvelope,
     .name = "showEnvelope",
     .method = "GET",
     .path = "/v1/studies/{study}/file",
     .people = Action::kSeeStudies,
     .members = Members::kAll},
    {.operation = kShowApproval,
     .name = "showApproval",
     .method = "GET",
     .path = "/v1/studies/{study}/approval",
     .members = Members::kCoordinator},
    {.operation = kDecide,
     .name = "decide",
     .method = "POST",
     .path = "/v1/studies/{study}/decide",
     .people = Action::kApproveStudy,
     .at_own_node = true,
     .changes_state = true,
     .largest_body = mebibyte / 16},
    {.operation = kRunStudy,
     .name = "runStudy",
     .method = "POST",
     .path = "/v1/studies/{study}/run",
     .people = Action::kRunStudy,
     .at_coordinator = true,
     .changes_state = true},
    {.operation = kCheckAgreement,
     .name = "checkAgreement",
     .method = "POST",
     .path = "/v1/studies/{study}/agreement",
     .people = Action::kRunStudy,
     .at_coordinator = true,
     .changes_state = true},
    {.operation = kFetchResult,
     .name = "fetchResult",
     .method = "GET",
     .path = "/v1/studies/{study}/result",
     .people = Action::kFetchResult,
     .at_coordinator = true},
    {.operation = kWatchEvents,
     .name = "watchEvents",
     .method = "GET",
     .path = "/v1/events",
     .people = Action::kSeeStudies,
     .members = Members::kAll},
    // With every site's approvals.
    {.operation = kTakePart,
     .name = "takePart",
     .method = "POST",
     .path = "/v1/runs",
     .members = Members::kCoordinator,
     .changes_state = true,
     .largest_body = 16 * mebibyte},
    {.operation = kShowRun,
     .name = "showRun",
     .method = "GET",
     .path = "/v1/runs/{run}",
     .members = Members::kCoordinator},
    {.operation = kAbortRun,
     .name = "abortRun",
     .method = "POST",
     .path = "/v1/runs/{run}/abort",
     .members = Members::kCoordinator,
     .changes_state = true,
     .largest_body = mebibyte / 4},
    {.operation = kReleaseRun,
     .name = "releaseRun",
     .method = "POST",
     .path = "/v1/runs/{run}/release",
     .members = Members::kCoordinator,
     .changes_state = true,
     .largest_body = mebibyte},
    {.operation = kShowHead,
     .name = "showHead",
     .method = "GET",
     .path = "/v1/audit/head",
     .people = Action::kSeeStudies,
     .members = Members::kAll},
    {.operation = kReadLog,
     .name = "readLog",
     .method = "GET",
     .path = "/v1/audit/log",
     .people = Action::kReadAuditLog,
     .at_own_node = true},
};

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> steps;
  for (std::size_t from = 1; from <= path.size();) {
    const std::size_t to = std::min(path.find('/', from), path.size());
    steps.push_back(path.substr(from, to - from));
    from = to + 1;
  }
  return steps;
}

bool is_run(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Whether the path has the template's shape; what stands in braces is taken as it is.
bool take_path(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path,
               RouteMatch& match) {
  if (pattern.size() != path.size()) return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (pattern[i] == "{study}") {
      match.study = path[i];
    } else if (pattern[i] == "{run}") {
      match.run = path[i];
    } else if (pattern[i] != path[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::span<const Route> routes() { return table; }

RouteMatch match_route(std::string_view method, std::string_view path) {
  const std::vector<std::string_view> steps = split(path);
  for (const Route& route : routes()) {
    RouteMatch match{.route = &route, .study = {}, .run = {}};
    if (route.method != method || !take_path(split(route.path), steps, match)) continue;
    if (route.path.find("{study}") != std::string_view::npos) check_hash(match.study);
    if (route.path.find("{run}") == std::string_view::npos || is_run(match.run)) return match;
    throw Failure({.code = "node.unknown_run",
                   .message = "a run is named by 32 hexadecimal digits",
                   .remedy = "use the name that the start of the run gave"});
  }
  throw Failure({.code = "node.no_such_page",
                 .message = "there is no " + std::string(method) + " " + std::string(path.substr(0, 200)),
                 .remedy = "see docs/api.md"});
}

std::string callers_of(const Route& route) {
  std::string callers;
  if (route.people) callers = governance::who_may(*route.people) + (route.at_own_node ? " of this member" : "");
  if (route.members == Members::kNone) return callers;
  return callers + (callers.empty() ? "" : " or ") +
         (route.members == Members::kAll ? "any member's node" : "the coordinator");
}

bool may_call(const Route& route, const governance::Consortium& consortium, const std::string& node,
              const std::string& caller) {
  if (consortium.find_member(caller) != nullptr) {
    return route.members == Members::kAll ||
           (route.members == Members::kCoordinator && caller == consortium.coordinator);
  }
  return route.people && person_may(consortium, caller, *route.people, route.at_own_node ? node : "");
}

}  // namespace cohortium::node
