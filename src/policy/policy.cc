#include "policy/policy.h"

#include <algorithm>

namespace cohortium::policy {
namespace {

template <class T>
std::string find_name(const std::map<std::string, T>& names, T value) {
  return std::find_if(names.begin(), names.end(), [&](const auto& each) { return each.second == value; })->first;
}

}  // namespace

const std::map<std::string, Role>& role_names() {
  using enum Role;
  static const std::map<std::string, Role> names = {{"identifier", kIdentifier},
                                                    {"quasi_identifier", kQuasiIdentifier},
                                                    {"sensitive", kSensitive},
                                                    {"outcome", kOutcome},
                                                    {"other", kOther}};
  return names;
}

const std::map<std::string, Use>& use_names() {
  using enum Use;
  static const std::map<std::string, Use> names = {{"read", kRead},   {"filter", kFilter}, {"group", kGroup},
                                                   {"value", kValue}, {"rows", kRows},     {"derive", kDerive},
                                                   {"match", kMatch}, {"cohort", kCohort}};
  return names;
}

const std::map<std::string, Frequency::Per>& per_names() {
  using enum Frequency::Per;
  static const std::map<std::string, Frequency::Per> names = {
      {"study", kStudy}, {"analyst", kAnalyst}, {"column", kColumn}, {"rule", kRule}};
  return names;
}

std::string name_of(Role role) { return find_name(role_names(), role); }
std::string name_of(Use use) { return find_name(use_names(), use); }

std::string small_letters(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return name;
}

std::optional<Role> Policy::role_of(const std::string& table, const std::string& column) const {
  const auto found = columns.find(small_letters(table));
  if (found == columns.end()) return std::nullopt;
  auto role = found->second.find(small_letters(column));
  if (role == found->second.end()) role = found->second.find("*");
  return role == found->second.end() ? std::nullopt : std::optional(role->second);
}

std::optional<std::set<Role>> Policy::roles_in(const std::string& table) const {
  const auto found = columns.find(small_letters(table));
  if (found == columns.end() || !found->second.contains("*")) return std::nullopt;
  std::set<Role> roles;
  for (const auto& [column, role] : found->second) roles.insert(role);
  return roles;
}

}  // namespace cohortium::policy
