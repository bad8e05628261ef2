// What a policy file says, and what is refused with its place.
#include "policy/policy_file.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace cohortium::policy {
namespace {

constexpr const char* kGood = R"(version = 3
site = "north"
[columns.Trial]
Arm = "other"
hiv = "sensitive"
[columns.person]
"*" = "quasi_identifier"
name = "identifier"
[[deny]]
name = "no filters on sensitive columns"
columns = { sensitive = ["filter"] }
[[rule]]
name = "counts"
analyses = ["count"]
protocols = ["any"]
analysts = ["ana"]
purposes = ["research"]
columns = ["other", "outcome"]
minimum_cell = 20
approvals = 0
[[rule.frequency]]
runs = 2
days = 30
per = "column"
)";

std::string refusal(const std::string& text) {
  const auto parsed = attempt([&] { return parse_policy(text, "p.toml"); });
  return parsed.ok() ? "accepted" : parsed.error().code + " " + parsed.error().where;
}

// The good file with one line changed.
std::string refusal_with(const std::string& line, const std::string& instead) {
  std::string text = kGood;
  const std::size_t at = text.find(line);
  EXPECT_NE(at, std::string::npos) << line;
  return refusal(text.replace(at, line.size(), instead));
}

TEST(PolicyFile, IsRead) {
  const Policy policy = parse_policy(kGood, "p.toml");
  EXPECT_EQ(policy.version, 3);
  EXPECT_EQ(policy.site, "north");
  EXPECT_EQ(policy.hash.size(), 64u);
  ASSERT_EQ(policy.rules.size(), 1u);
  const Rule& rule = policy.rules[0];
  EXPECT_EQ(rule.approvals, 0);
  EXPECT_EQ(rule.minimum_cell, 20);
  EXPECT_EQ(rule.minimum_rows, 20) << "as many as the minimum cell, unless said";
  EXPECT_EQ(rule.columns.at(Role::kOutcome).size(), use_names().size());
  EXPECT_FALSE(rule.columns.contains(Role::kIdentifier));
  EXPECT_EQ(rule.frequency.at(0).per, Frequency::Per::kColumn);
  EXPECT_EQ(policy.denials.at(0).columns.at(Role::kSensitive), std::set<Use>{Use::kFilter});
}

TEST(PolicyFile, RolesAreFoundInEitherLetterCaseAndNowhereElse) {
  const Policy policy = parse_policy(kGood, "p.toml");
  EXPECT_EQ(policy.role_of("TRIAL", "HIV"), Role::kSensitive);
  EXPECT_EQ(policy.role_of("trial", "age"), std::nullopt);
  EXPECT_EQ(policy.role_of("other", "hiv"), std::nullopt);
  EXPECT_EQ(policy.role_of("person", "anything"), Role::kQuasiIdentifier);
  EXPECT_EQ(policy.role_of("person", "Name"), Role::kIdentifier);
  EXPECT_EQ(policy.roles_in("trial"), std::nullopt) << "what else the table holds has no role";
  EXPECT_EQ(policy.roles_in("person"), (std::set<Role>{Role::kIdentifier, Role::kQuasiIdentifier}));
}

TEST(PolicyFile, WhatIsNotKnownIsRefusedWithItsPlace) {
  EXPECT_EQ(refusal_with("version = 3", "version = 0"), "policy.bad_file p.toml:1:11");
  EXPECT_EQ(refusal_with("site = \"north\"", "sites = \"north\""), "policy.bad_file p.toml:2:9");
  EXPECT_EQ(refusal_with("\"sensitive\"", "\"secret\""), "policy.bad_file p.toml:5:7");
  EXPECT_EQ(refusal_with("hiv =", "ARM ="), "policy.bad_file p.toml:4:7");
  EXPECT_EQ(refusal_with("[\"filter\"]", "[\"filters\"]"), "policy.bad_file p.toml:11:25");
  EXPECT_EQ(refusal_with("columns = { sensitive = [\"filter\"] }", ""), "policy.bad_file p.toml:9:1");
  EXPECT_EQ(refusal_with("name = \"counts\"", "name = \"no filters on sensitive columns\""),
            "policy.bad_file p.toml:13:8");
  EXPECT_EQ(refusal_with("analyses = [\"count\"]", "analyses = [\"counts\"]"), "policy.bad_file p.toml:14:12");
  EXPECT_EQ(refusal_with("analyses = [\"count\"]", "analyses = [\"any\", \"count\"]"), "policy.bad_file p.toml:14:12");
  EXPECT_EQ(refusal_with("analyses = [\"count\"]", "analyses = []"), "policy.bad_file p.toml:14:12");
  EXPECT_EQ(refusal_with("analyses = [\"count\"]", ""), "policy.bad_file p.toml:12:1");
  EXPECT_EQ(refusal_with("protocols = [\"any\"]", "protocols = [\"plaintext\"]"), "policy.bad_file p.toml:15:13");
  EXPECT_EQ(refusal_with("analysts = [\"ana\"]", ""), "policy.bad_file p.toml:12:1");
  EXPECT_EQ(refusal_with("purposes = [\"research\"]", ""), "policy.bad_file p.toml:12:1");
  EXPECT_EQ(refusal_with("columns = [\"other\", \"outcome\"]", "columns = [\"others\"]"),
            "policy.bad_file p.toml:18:11");
  EXPECT_EQ(refusal_with("approvals = 0", "approvals = -1"), "policy.bad_file p.toml:20:13");
  EXPECT_EQ(refusal_with("approvals = 0", "minimum_row = 5"), "policy.bad_file p.toml:20:15");
  EXPECT_EQ(refusal_with("per = \"column\"", "per = \"month\""), "policy.bad_file p.toml:24:7");
  EXPECT_EQ(refusal_with("[[rule.frequency]]", "[rule.frequency]"), "policy.bad_file p.toml:21:1");
  EXPECT_EQ(refusal("version = "), "policy.bad_file p.toml:1:11");
  EXPECT_EQ(refusal("version = 1\nsite = \"north\"\n"), "accepted") << "a policy without rules allows nothing";
}

}  // namespace
}  // namespace cohortium::policy
