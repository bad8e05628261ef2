#include "cohort/columns_read.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "data/duckdb.h"

namespace cohortium::cohort {
namespace {

using Json = nlohmann::json;

constexpr const char* kSchema = "site_tables";  // marks what is a table of the site, and no expression of ours

std::string small(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return text;
}

std::string text_of(const Json& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? small(found->get<std::string>()) : std::string();
}

// A name that columns can be qualified with, and the table behind it; none where it is a sub-query or an expression.
struct Binding {
  std::string alias, table;
};
using Scope = std::vector<Binding>;

class Reader {
 public:
  explicit Reader(const std::set<std::string>& tables) : tables_(tables) {}

  ColumnsRead read(const Json& statement) {
    walk(statement);
    if (unknown_)
      for (const std::string& table : tables_) read_[table].insert("*");
    return std::move(read_);
  }

 private:
  void walk(const Json& node) {
    if (node.is_array())
      for (const Json& each : node) walk(each);
    if (!node.is_object()) return;
    const std::string type = text_of(node, "type"), kind = text_of(node, "class");
    if (type.ends_with("_node")) return walk_select(node);
    if (kind == "column_ref") return read_column(node);
    if (kind == "star") read_star(node);
    if (kind == "positional_reference" || kind == "lambda" || kind == "lambda_ref") unknown_ = true;
    for (const Json& child : node) walk(child);
  }

  void walk_select(const Json& node) {
    const auto outer = expressions_;
    if (node.contains("cte_map")) {
      for (const Json& entry : node["cte_map"].at("map")) {
        const Json& query = entry.at("value").at("query").at("node");
        const std::string table = renamed_table(query);
        if (table.empty()) walk(query);
        expressions_[text_of(entry, "key")] = table;
      }
    }
    scopes_.emplace_back();
    if (node.contains("from_table")) bind(node["from_table"], scopes_.back());
    for (const auto& [name, child] : node.items())
      if (name != "cte_map") walk(child);
    scopes_.pop_back();
    expressions_ = outer;
  }

  // The table of "SELECT t.* FROM table t", which is another name for it; empty for any other query.
  static std::string renamed_table(const Json& query) {
    const auto absent = [&](const char* key) {
      return !query.contains(key) || query[key].is_null() || query[key].empty();
    };
    if (text_of(query, "type") != "select_node" || query.at("select_list").size() != 1 || !absent("where_clause") ||
        !absent("group_expressions") || !absent("having") || !absent("qualify") || !absent("sample") ||
        !absent("modifiers") || !query.at("cte_map").at("map").empty())
      return {};
    const Json &star = query["select_list"][0], &from = query.at("from_table");
    const bool whole = text_of(star, "class") == "star" && text_of(from, "type") == "base_table" &&
                       text_of(from, "schema_name") == kSchema && from.at("column_name_alias").empty();
    return whole ? text_of(from, "table_name") : std::string();
  }

  void bind(const Json& from, Scope& scope) {
    const std::string type = text_of(from, "type");
    if (type == "base_table") return bind_table(from, scope);
    if (type == "join") {
      const std::size_t first = scope.size();
      bind(from.at("left"), scope);
      bind(from.at("right"), scope);
      for (std::size_t i = first; i < scope.size(); ++i) {
        if (text_of(from, "ref_type") == "natural") read(scope[i].table, "*");
        for (const Json& column : from.at("using_columns")) read(scope[i].table, small(column.get<std::string>()));
      }
      return;
    }
    if (type == "subquery" || type == "expression_list") return scope.push_back({text_of(from, "alias"), {}});
    if (type != "empty") unknown_ = true;
  }

  void bind_table(const Json& from, Scope& scope) {
    const std::string name = text_of(from, "table_name"), alias = text_of(from, "alias");
    std::string table;
    if (text_of(from, "schema_name") == kSchema) {
      table = name;
    } else if (const auto found = expressions_.find(name); found != expressions_.end()) {
      table = found->second;
    } else {
      unknown_ = true;
    }
    if (!from.at("column_name_alias").empty()) read(table, "*");  // it renames the columns by their place
    scope.push_back({alias.empty() ? name : alias, table});
  }

  void read(const std::string& table, const std::string& column) {
    if (!table.empty()) read_[table].insert(column);
  }

  const Binding* find(const std::string& alias) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
      for (const Binding& binding : *scope)
        if (binding.alias == alias) return &binding;
    return nullptr;
  }

  void read_column(const Json& node) {
    const Json& names = node.at("column_names");
    const std::string first = small(names.at(0).get<std::string>());
    if (names.size() == 2) {
      const Binding* binding = find(first);
      if (binding == nullptr) unknown_ = true;
      if (binding != nullptr) read(binding->table, small(names[1].get<std::string>()));
      return;
    }
    if (names.size() != 1) unknown_ = true;
    for (const Scope& scope : scopes_) {
      for (const Binding& binding : scope) {
        read(binding.table, first);
        if (binding.alias == first) read(binding.table, "*");  // a whole row as one value
      }
    }
  }

  void read_star(const Json& node) {
    const std::string alias = text_of(node, "relation_name");
    if (node.value("columns", false)) unknown_ = true;
    for (const Scope& scope : scopes_)
      for (const Binding& binding : scope)
        if (alias.empty() ? &scope == &scopes_.back() : binding.alias == alias) read(binding.table, "*");
  }

  const std::set<std::string>& tables_;
  ColumnsRead read_;
  std::map<std::string, std::string> expressions_;  // names of WITH, and the table that one renames
  std::vector<Scope> scopes_;
  bool unknown_ = false;
};

}  // namespace

ColumnsRead columns_read(const CohortTable& table) {
  const Query query = feature_query(table, [](const std::string& name) { return std::string(kSchema) + "." + name; });
  data::Database database({});
  data::QueryResult result = database.query("SELECT json_serialize_sql(" + data::sql_text(query.sql) + ")");
  COHORTIUM_CHECK(result.next() && result.valid(0, 0));
  const Json tree = Json::parse(result.text(0, 0));
  if (tree.at("error").get<bool>()) {  // DuckDB runs what it cannot describe: then everything counts as read
    ColumnsRead all;
    for (const std::string& name : query.tables) all[name].insert("*");
    return all;
  }
  return Reader(query.tables).read(tree.at("statements"));
}

ColumnsRead columns_read_by_feature(const CohortTable& table, std::size_t feature) {
  const Feature& one = table.features.at(feature);
  using enum Feature::Kind;
  if (one.kind == kSteps || one.kind == kDaysAtRisk || one.kind == kOutcome || table.at_risk)
    return columns_read(table);
  CohortTable alone{.events = Criteria{.domain = find_domain("ObservationPeriod")}, .concept_sets = table.concept_sets};
  alone.features = {one};
  return columns_read(alone);
}

}  // namespace cohortium::cohort
