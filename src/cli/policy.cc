// `cohortium policy`: what a site's policy says, and what it would decide.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/passphrase.h"
#include "cli/policy_commands.h"
#include "governance/policy_signature.h"
#include "policy/cases.h"
#include "policy/policy_file.h"

namespace cohortium::cli {
namespace {

using nlohmann::json;

void print(const std::string& text, const json& value, const Output& output) {
  std::fputs(output.json ? (value.dump(2) + "\n").c_str() : text.c_str(), stdout);
}

std::string list(const std::set<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

json uses_json(const policy::ColumnUses& columns) {
  json all = json::object();
  for (const auto& [role, uses] : columns)
    for (const policy::Use use : uses) all[policy::name_of(role)].push_back(policy::name_of(use));
  return all;
}

std::string uses_text(const policy::ColumnUses& columns) {
  std::vector<std::string> parts;
  for (const auto& [role, uses] : columns) {
    std::vector<std::string> names;
    for (const policy::Use use : uses) names.push_back(policy::name_of(use));
    const bool any = uses.size() == policy::use_names().size();
    parts.push_back(policy::name_of(role) + (any ? "" : fmt::format(" ({})", fmt::join(names, ", "))));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

template <class T>
std::string conditions(const T& rule) {
  std::string text;
  for (const auto& [name, values] : {std::pair("analyses", &rule.analyses),
                                     {"protocols", &rule.protocols},
                                     {"analysts", &rule.analysts},
                                     {"purposes", &rule.purposes}})
    if (!values->empty()) text += fmt::format("    {:<12}{}\n", name, list(*values));
  if (!rule.columns.empty()) text += fmt::format("    {:<12}{}\n", "columns", uses_text(rule.columns));
  return text;
}

std::string rule_text(const policy::Rule& rule) {
  std::string text = fmt::format("  allows \"{}\"\n", rule.name) + conditions(rule);
  text += fmt::format("    {:<12}minimum cell {}, at least {} rows, {} curves, models fitted {}\n", "where",
                      rule.minimum_cell, rule.minimum_rows, rule.exact_curves ? "exact or merged" : "merged",
                      rule.opened_steps ? "hidden or in the open" : "hidden");
  if (rule.maximum_privacy_loss)
    text += fmt::format("    {:<12}a privacy loss of at most {} (rho)\n", "noise", *rule.maximum_privacy_loss);
  for (const policy::Frequency& each : rule.frequency)
    for (const auto& [name, per] : policy::per_names())
      if (per == each.per)
        text += fmt::format("    {:<12}{} runs per {} in {} days\n", "at most", each.runs, name, each.days);
  return text + fmt::format("    {:<12}{}\n", "approved by",
                            rule.approvals == 0 ? "the policy alone"
                                                : fmt::format("{} of the site's approvers", rule.approvals));
}

template <class T>
json rule_json(const T& rule) {
  return {{"name", rule.name},         {"analyses", rule.analyses}, {"protocols", rule.protocols},
          {"analysts", rule.analysts}, {"purposes", rule.purposes}, {"columns", uses_json(rule.columns)}};
}

json allowing_json(const policy::Rule& rule) {
  json one = rule_json(rule);
  one.update({{"minimum_cell", rule.minimum_cell},
              {"minimum_rows", rule.minimum_rows},
              {"exact_curves", rule.exact_curves},
              {"opened_steps", rule.opened_steps},
              {"approvals", rule.approvals},
              {"frequency", json::array()}});
  if (rule.maximum_privacy_loss) one["maximum_privacy_loss"] = *rule.maximum_privacy_loss;
  for (const policy::Frequency& each : rule.frequency)
    for (const auto& [name, per] : policy::per_names())
      if (per == each.per) one["frequency"].push_back({{"runs", each.runs}, {"days", each.days}, {"per", name}});
  return one;
}

// The role of a column that a study asks for, as the policy has it.
std::string role_text(const policy::Policy& policy, const std::string& table, const std::string& column) {
  if (column == "*") return policy.roles_in(table) ? "all roles" : "no role";
  const auto role = policy.role_of(table, column);
  return role ? policy::name_of(*role) : "no role";
}

json verdict_json(const policy::Policy& policy, const policy::Answer& answer) {
  const policy::Verdict& verdict = answer.verdict;
  json value = {{"allowed", verdict.allowed}, {"site", verdict.site},      {"version", verdict.version},
                {"rule", verdict.rule},       {"findings", json::array()}, {"columns", json::array()}};
  if (verdict.allowed) value.update({{"approvals", verdict.approvals}, {"minimum_rows", verdict.minimum_rows}});
  for (const policy::Finding& each : verdict.findings)
    value["findings"].push_back(
        {{"rule", each.rule}, {"message", each.message}, {"where", each.where}, {"remedy", each.remedy}});
  for (const auto& [name, asked] : answer.demand.columns) {
    json uses = json::array();
    for (const auto& [use, path] : asked.uses) uses.push_back({{"use", policy::name_of(use)}, {"where", path}});
    value["columns"].push_back({{"table", name.first},
                                {"column", name.second},
                                {"uses", uses},
                                {"role", role_text(policy, name.first, name.second)}});
  }
  return value;
}

std::string verdict_text(const policy::Policy& policy, const policy::Answer& answer) {
  const policy::Verdict& verdict = answer.verdict;
  std::string text = fmt::format("{} by {}\n", verdict.allowed ? "allowed" : "denied", verdict.whose());
  if (verdict.allowed)
    text += fmt::format(
        "  approved by {}; at least {} rows\n",
        verdict.approvals == 0 ? "the policy alone" : fmt::format("{} of the site's approvers", verdict.approvals),
        verdict.minimum_rows);
  for (const policy::Finding& each : verdict.findings)
    text += fmt::format("  {}{}\n    what would satisfy it: {}\n", each.message,
                        each.where.empty() ? "" : " (at " + each.where + ")", each.remedy);
  text += "  columns it reads\n";
  for (const auto& [name, asked] : answer.demand.columns) {
    std::vector<std::string> uses;
    for (const auto& [use, path] : asked.uses) uses.push_back(policy::name_of(use));
    text += fmt::format("    {:<40} {:<17} {}\n", name.first + "." + name.second,
                        role_text(policy, name.first, name.second), fmt::join(uses, ", "));
  }
  return text;
}

bool test_cases(const policy::Policy& policy, const std::filesystem::path& file, const Output& output) {
  std::string text;
  json all = json::array();
  std::size_t differing = 0;
  for (const policy::Case& each : policy::read_cases(file)) {
    const policy::Answer answer = policy::ask(policy, each.question);
    const std::string difference = policy::difference(each, answer.verdict);
    if (!difference.empty()) ++differing;
    text += fmt::format("{:<10} {}\n", difference.empty() ? "as wanted" : "DIFFERS", each.name);
    if (!difference.empty()) text += "           " + difference + "\n";
    json one = verdict_json(policy, answer);
    one.update({{"name", each.name}, {"difference", difference}});
    all.push_back(one);
  }
  text += fmt::format("{} of {} cases are as wanted\n", all.size() - differing, all.size());
  print(text, {{"cases", all}, {"differing", differing}}, output);
  return differing == 0;
}

}  // namespace

void show_policy(const std::filesystem::path& file, const Output& output) {
  const policy::Policy policy = policy::read_policy(file);
  std::string text = fmt::format("policy of {}, version {} ({})\n", policy.site, policy.version, policy.hash);
  json columns = json::object(), denials = json::array(), rules = json::array();
  for (const auto& [table, names] : policy.columns) {
    text += fmt::format("  columns of {}\n", table);
    for (const auto& [column, role] : names) {
      text += fmt::format("    {:<32} {}\n", column, policy::name_of(role));
      columns[table][column] = policy::name_of(role);
    }
  }
  for (const policy::Denial& each : policy.denials) {
    text += fmt::format("  denies \"{}\"\n", each.name) + conditions(each);
    denials.push_back(rule_json(each));
  }
  for (const policy::Rule& each : policy.rules) {
    text += rule_text(each);
    rules.push_back(allowing_json(each));
  }
  text += "  denies all else\n";
  print(text,
        {{"site", policy.site},
         {"version", policy.version},
         {"hash", policy.hash},
         {"columns", columns},
         {"deny", denials},
         {"rules", rules}},
        output);
}

void sign_policy(const PolicySignOptions& options, const Output& output) {
  const policy::Policy policy = policy::read_policy(options.policy);
  const std::string by = options.identity.filename().string();
  std::filesystem::path file = options.policy;
  file += ".signature";
  write_file(file, governance::sign_policy({.site = policy.site, .hash = policy.hash, .version = policy.version}, by,
                                           open_identity(options.identity, options.credential)));
  print(
      fmt::format("{} has signed version {} of the policy of {}: {}\n", by, policy.version, policy.site, file.string()),
      {{"by", by}, {"site", policy.site}, {"version", policy.version}, {"signature", file.string()}}, output);
}

bool test_policy(const PolicyTestOptions& options, const Output& output) {
  const policy::Policy policy = policy::read_policy(options.policy);
  if (!options.cases.empty()) return test_cases(policy, options.cases, output);
  std::string text;
  json all = json::array();
  bool allowed = true;
  for (const std::filesystem::path& study : options.studies) {
    policy::Question question{.study = study, .analyst = options.analyst, .fingerprint = options.fingerprint};
    if (!options.purpose.empty()) question.purpose = options.purpose;
    if (!options.protocol.empty()) question.protocol = options.protocol;
    const policy::Answer answer = policy::ask(policy, question);
    allowed = allowed && answer.verdict.allowed;
    text += study.string() + ": " + verdict_text(policy, answer);
    json one = verdict_json(policy, answer);
    one["study"] = study.string();
    all.push_back(one);
  }
  print(text, {{"studies", all}}, output);
  return allowed;
}

}  // namespace cohortium::cli
