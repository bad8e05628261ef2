#include "governance/roles.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/error.h"

namespace cohortium::governance {
namespace {

struct Row {
  Role role;
  std::string_view name, with_article;
  bool acts_for_a_member;
  std::vector<Action> may;
};

// Nobody is left to approve her own study: analysts do not approve, and whoever looks after a node sees no result.
const std::vector<Row>& table() {
  using enum Action;
  static const std::vector<Row> rows = {
      {Role::kAnalyst, "analyst", "an analyst", false, {kSeeStudies, kSubmitStudy, kRunStudy, kFetchResult}},
      {Role::kApprover, "approver", "an approver", true, {kSeeStudies, kApproveStudy, kFetchResult}},
      {Role::kDataSteward, "data steward", "a data steward", true, {kSeeStudies, kChangePolicy}},
      {Role::kAuditor, "auditor", "an auditor", false, {kSeeStudies, kFetchResult, kReadAuditLog}},
      {Role::kOperator, "operator", "an operator", true, {kSeeStudies}},
  };
  return rows;
}

const Row& row_of(Role role) {
  return *std::find_if(table().begin(), table().end(), [&](const Row& row) { return row.role == role; });
}

}  // namespace

bool may(Role role, Action action) {
  const auto& allowed = row_of(role).may;
  return std::find(allowed.begin(), allowed.end(), action) != allowed.end();
}

std::string_view name_of(Role role) { return row_of(role).name; }
bool acts_for_a_member(Role role) { return row_of(role).acts_for_a_member; }

std::optional<Role> role_named(std::string_view name) {
  for (const Row& row : table())
    if (row.name == name) return row.role;
  return std::nullopt;
}

std::string role_names() {
  std::string names;
  for (const Row& row : table()) names += (names.empty() ? "" : ", ") + std::string(row.name);
  return names;
}

std::string who_may(Action action) {
  std::string who;
  for (const Row& row : table())
    if (may(row.role, action)) who += (who.empty() ? "" : " or ") + std::string(row.with_article);
  COHORTIUM_CHECK(!who.empty());
  return who;
}

}  // namespace cohortium::governance
