// Who may do what: one table, asked by every node for every request.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cohortium::governance {

enum class Role { kAnalyst, kApprover, kDataSteward, kAuditor, kOperator };

enum class Action {
  kSeeStudies,    // studies, their files, where they stand
  kSubmitStudy,   // at the coordinator
  kRunStudy,      // at the coordinator
  kFetchResult,   // at the coordinator
  kApproveStudy,  // and withdraw the approval; at her own member's node
  kChangePolicy,  // at her own member's node
  kReadAuditLog,  // at her own member's node; at all of them where the consortium file names no member
};

bool may(Role role, Action action);

std::string_view name_of(Role role);  // "data steward"
std::optional<Role> role_named(std::string_view name);
std::string role_names();            // for messages: "analyst, approver, …"
std::string who_may(Action action);  // for messages: "an analyst", "an analyst or an auditor"
bool acts_for_a_member(Role role);   // whether the consortium file must say of which

}  // namespace cohortium::governance
