#include "policy/policy_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "crypto/hash.h"
#include "policy/toml_reader.h"
#include "statistics/analysis.h"

namespace cohortium::policy {
namespace {

constexpr std::size_t largest_file = 1 << 20;

const std::set<std::string> protocol_names = {"replicated3", "replicated3-malicious", "replicated4"};

class PolicyReader {
 public:
  explicit PolicyReader(const std::string& file) : file_(file) {}

  Policy read(const std::string& text) {
    const toml::table table = parse_policy_toml(text, file_);
    const TomlReader top(file_, table, {"version", "site", "columns", "deny", "rule"});
    Policy policy{
        .version = top.whole("version", 1, 1'000'000'000), .site = top.text("site"), .hash = crypto::sha256_hex(text)};
    if (top.has("columns")) policy.columns = read_columns(top.table("columns"));
    for (const toml::table* each : top.tables("deny")) policy.denials.push_back(read_denial(*each));
    for (const toml::table* each : top.tables("rule")) policy.rules.push_back(read_rule(*each));
    return policy;
  }

 private:
  // Keys are names of the site's tables and columns: any are known.
  static TomlReader reader_of(const std::string& file, const toml::table& table) {
    std::set<std::string_view> keys;
    for (const auto& [key, value] : table) keys.insert(key.str());
    return {file, table, keys};
  }

  std::map<std::string, std::map<std::string, Role>> read_columns(const toml::table& tables) const {
    const TomlReader reader = reader_of(file_, tables);
    std::map<std::string, std::map<std::string, Role>> all;
    for (const auto& [table, node] : tables) {
      if (!node.is_table())
        reader.refuse(node, fmt::format("write [columns.{}] and the role of each column", table.str()));
      const auto [columns, is_new] = all.try_emplace(small_letters(std::string(table.str())));
      if (!is_new) reader.refuse(node, fmt::format("the table \"{}\" stands here in two spellings", table.str()));
      for (const auto& [column, value] : *node.as_table()) {
        const auto role = role_names().find(value.value_exact<std::string>().value_or(""));
        if (role == role_names().end())
          reader.refuse(
              value,
              fmt::format("the role of \"{}\" is none of identifier, quasi_identifier, sensitive, outcome, other",
                          column.str()));
        if (!columns->second.emplace(small_letters(std::string(column.str())), role->second).second)
          reader.refuse(value, fmt::format("the column \"{}\" stands here in two spellings", column.str()));
      }
    }
    return all;
  }

  template <class T>
  void read_name(const TomlReader& reader, T& entry) {
    entry.name = reader.text("name");
    if (!names_.insert(entry.name).second) reader.refuse("name", "is taken by another rule");
  }

  // Every name must be one of `known`, or be the one name "any".
  std::set<std::string> names(const TomlReader& reader, const char* key, const std::set<std::string>* known) const {
    const std::set<std::string> all = reader.texts(key);
    if (all.contains(kAny) && all.size() > 1) reader.refuse(key, "says \"any\" and something else");
    for (const std::string& each : all)
      if (known != nullptr && each != kAny && !known->contains(each))
        reader.refuse(key, fmt::format("holds \"{}\", which there is not", each));
    return all;
  }

  static const std::set<std::string>& kinds() {
    static const std::set<std::string> all(statistics::analysis_kinds().begin(), statistics::analysis_kinds().end());
    return all;
  }

  std::set<Use> uses(const TomlReader& reader, const toml::node& node, const std::string& role) const {
    std::set<Use> all;
    const std::set<std::string> given = reader.texts(node, role);
    for (const std::string& name : given) {
      if (name == kAny) {
        if (given.size() > 1) reader.refuse(node, fmt::format("\"{}\" says \"any\" and something else", role));
        for (const auto& [each, use] : use_names()) all.insert(use);
        return all;
      }
      const auto use = use_names().find(name);
      if (use == use_names().end())
        reader.refuse(
            node,
            fmt::format("\"{}\" is no use of a column: read, filter, group, value, rows, derive, match, cohort or any",
                        name));
      all.insert(use->second);
    }
    return all;
  }

  // Roles in any use, or by role in which.
  ColumnUses read_uses(const TomlReader& reader) const {
    const toml::node& node = reader.node("columns");
    ColumnUses all;
    const auto role_named = [&](const toml::node& at, const std::string& name) {
      const auto role = role_names().find(name);
      if (role == role_names().end()) reader.refuse(at, fmt::format("\"{}\" is no role of a column", name));
      return role->second;
    };
    if (const toml::table* table = node.as_table()) {
      for (const auto& [key, value] : *table) {
        const std::string name(key.str());
        all[role_named(value, name)] = uses(reader, value, name);
      }
      if (all.empty()) reader.refuse("columns", "names no role");
      return all;
    }
    for (const std::string& name : reader.texts("columns"))
      for (const auto& [each, use] : use_names()) all[role_named(node, name)].insert(use);
    return all;
  }

  Denial read_denial(const toml::table& table) {
    const TomlReader reader(file_, table, {"name", "analyses", "protocols", "analysts", "purposes", "columns"});
    Denial denial;
    read_name(reader, denial);
    if (reader.has("analyses")) denial.analyses = names(reader, "analyses", &kinds());
    if (reader.has("protocols")) denial.protocols = names(reader, "protocols", &protocol_names);
    if (reader.has("analysts")) denial.analysts = names(reader, "analysts", nullptr);
    if (reader.has("purposes")) denial.purposes = names(reader, "purposes", nullptr);
    if (reader.has("columns")) denial.columns = read_uses(reader);
    if (table.size() == 1) reader.refuse(table, "a denial names what it denies; to deny everything, have no [[rule]]");
    return denial;
  }

  Rule read_rule(const toml::table& table) {
    const TomlReader reader(
        file_, table,
        {"name", "analyses", "protocols", "analysts", "purposes", "columns", "minimum_cell", "minimum_rows",
         "maximum_privacy_loss", "exact_curves", "opened_steps", "approvals", "frequency"});
    Rule rule;
    read_name(reader, rule);
    rule.analyses = names(reader, "analyses", &kinds());
    rule.protocols = names(reader, "protocols", &protocol_names);
    rule.analysts = names(reader, "analysts", nullptr);
    rule.purposes = names(reader, "purposes", nullptr);
    rule.columns = read_uses(reader);
    rule.minimum_cell = reader.whole("minimum_cell", 1, 1'000'000, rule.minimum_cell);
    rule.minimum_rows = reader.whole("minimum_rows", 1, 1'000'000'000, rule.minimum_cell);
    if (reader.has("maximum_privacy_loss")) rule.maximum_privacy_loss = reader.number("maximum_privacy_loss", 0, 1e6);
    rule.exact_curves = reader.flag("exact_curves", false);
    rule.opened_steps = reader.flag("opened_steps", false);
    rule.approvals = reader.whole("approvals", 0, 100, rule.approvals);
    for (const toml::table* each : reader.tables("frequency")) rule.frequency.push_back(read_frequency(*each));
    return rule;
  }

  Frequency read_frequency(const toml::table& table) const {
    const TomlReader reader(file_, table, {"runs", "days", "per"});
    Frequency frequency{.runs = reader.whole("runs", 1, 1'000'000), .days = reader.whole("days", 1, 36'500)};
    const auto per = per_names().find(reader.text("per"));
    if (per == per_names().end()) reader.refuse("per", "is none of study, analyst, column and rule");
    frequency.per = per->second;
    return frequency;
  }

  const std::string& file_;
  std::set<std::string> names_;
};

}  // namespace

Policy parse_policy(const std::string& text, const std::string& file) { return PolicyReader(file).read(text); }

Policy read_policy(const std::filesystem::path& path) {
  return parse_policy(read_file(path, largest_file), path.string());
}

}  // namespace cohortium::policy
