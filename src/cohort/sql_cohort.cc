#include "cohort/sql_cohort.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/error.h"
#include "cohort/json_object.h"
#include "data/duckdb.h"

namespace cohortium::cohort {
namespace {

using Json = nlohmann::json;
using Names = std::set<std::string_view>;

constexpr std::size_t kLongestSql = 64 << 10;
constexpr std::size_t kDeepestTree = 400;  // levels of JSON

const Names kTables = {"person",
                       "observation_period",
                       "visit_occurrence",
                       "visit_detail",
                       "condition_occurrence",
                       "condition_era",
                       "drug_exposure",
                       "drug_era",
                       "dose_era",
                       "procedure_occurrence",
                       "device_exposure",
                       "measurement",
                       "observation",
                       "death",
                       "specimen",
                       "episode",
                       "episode_event",
                       "location",
                       "care_site",
                       "provider",
                       "payer_plan_period",
                       "cost",
                       "concept",
                       "concept_ancestor",
                       "concept_relationship",
                       "vocabulary",
                       "source_to_concept_map"};

// Nodes, tables, modifiers and expressions, as DuckDB names them.
const Names kTypes = {"SELECT_NODE",
                      "SET_OPERATION_NODE",
                      "BASE_TABLE",
                      "JOIN",
                      "SUBQUERY",
                      "EMPTY",
                      "EXPRESSION_LIST",
                      "ORDER_MODIFIER",
                      "LIMIT_MODIFIER",
                      "DISTINCT_MODIFIER",
                      "ORDER_DEFAULT",
                      "ASCENDING",
                      "DESCENDING",
                      "COLUMN_REF",
                      "VALUE_CONSTANT",
                      "FUNCTION",
                      "STAR",
                      "CASE_EXPR",
                      "OPERATOR_CAST",
                      "OPERATOR_NOT",
                      "OPERATOR_IS_NULL",
                      "OPERATOR_IS_NOT_NULL",
                      "OPERATOR_COALESCE",
                      "OPERATOR_NULLIF",
                      "CONJUNCTION_AND",
                      "CONJUNCTION_OR",
                      "COMPARE_EQUAL",
                      "COMPARE_NOTEQUAL",
                      "COMPARE_LESSTHAN",
                      "COMPARE_LESSTHANOREQUALTO",
                      "COMPARE_GREATERTHAN",
                      "COMPARE_GREATERTHANOREQUALTO",
                      "COMPARE_BETWEEN",
                      "COMPARE_NOT_BETWEEN",
                      "COMPARE_IN",
                      "COMPARE_NOT_IN",
                      "COMPARE_DISTINCT_FROM",
                      "COMPARE_NOT_DISTINCT_FROM",
                      "WINDOW_AGGREGATE",
                      "WINDOW_ROW_NUMBER",
                      "WINDOW_RANK",
                      "WINDOW_RANK_DENSE",
                      "WINDOW_LEAD",
                      "WINDOW_LAG",
                      "WINDOW_FIRST_VALUE",
                      "WINDOW_LAST_VALUE"};
const Names kClasses = {"COLUMN_REF", "CONSTANT",    "FUNCTION",   "STAR",    "CASE",     "CAST",
                        "OPERATOR",   "CONJUNCTION", "COMPARISON", "BETWEEN", "SUBQUERY", "WINDOW"};
const Names kFunctions = {"+",        "-",           "*",           "/",          "count",   "count_star", "sum",
                          "min",      "max",         "avg",         "abs",        "round",   "floor",      "ceil",
                          "sqrt",     "least",       "greatest",    "left",       "right",   "lower",      "upper",
                          "length",   "trim",        "substr",      "substring",  "~~",      "!~~",        "date_part",
                          "position", "instr",       "starts_with", "row_number", "rank",    "dense_rank", "lead",
                          "lag",      "first_value", "last_value",  "nullif",     "coalesce"};
const Names kCastTypes = {"DATE", "INTEGER", "BIGINT", "DOUBLE", "VARCHAR", "DECIMAL", "BOOLEAN", "TIMESTAMP"};
// Names without a table that one of the databases understands as a call.
const Names kSpecialNames = {"user",           "session_user",    "current_user", "current_role", "current_catalog",
                             "current_schema", "current_database"};

[[noreturn]] void refuse_sql(const std::string& path, const std::string& what) {
  throw Failure({.code = "cohort.bad_sql",
                 .message = what,
                 .where = path,
                 .remedy =
                     "write one SELECT of subject_id, cohort_start_date and cohort_end_date over OMOP tables, with the "
                     "functions that docs/cohorts.md lists"});
}

void check_text(const std::string& sql, const std::string& path) {
  if (sql.size() > kLongestSql) refuse_sql(path, fmt::format("it is longer than {} bytes", kLongestSql));
  bool quoted = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i], next = i + 1 < sql.size() ? sql[i + 1] : '\0', before = i > 0 ? sql[i - 1] : ' ';
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == '\\')
      refuse_sql(path, "it holds a control character or a backslash");
    if (c == '\'') {
      const bool prefixed = std::isalnum(static_cast<unsigned char>(before)) != 0 || before == '_' || before == '&';
      if (!quoted && prefixed) refuse_sql(path, "it holds a text constant with a prefix");
      quoted = !quoted;
    } else if (!quoted) {
      if (std::string_view("\";$@#{}[]`?:").find(c) != std::string_view::npos || static_cast<unsigned char>(c) > 0x7e)
        refuse_sql(path, fmt::format("the character {} has no place in it", c));
      if ((c == '-' && next == '-') || (c == '/' && next == '*')) refuse_sql(path, "it has a comment");
    }
  }
  if (quoted) refuse_sql(path, "a quote is opened and never closed");
}

class TreeCheck {
 public:
  explicit TreeCheck(std::string path) : path_(std::move(path)) {}
  const std::set<std::string>& tables() const { return tables_; }

  // WITH stands before the whole statement only, and each of its expressions sees those before it: otherwise a name
  // could be an expression in one place and some other table in another.
  void check_statement(const Json& node) {
    for (const Json& entry : node.at("cte_map").at("map")) {
      check(entry.at("value"));
      expressions_.insert(entry.at("key").get<std::string>());
    }
    Json rest = node;
    rest.at("cte_map").at("map") = Json::array();
    check(rest);
  }

 private:
  void check(const Json& node, std::size_t depth = 0) {
    if (depth > kDeepestTree) refuse_sql(path_, "it is nested too deeply");
    if (node.is_object()) check_object(node);
    if (!node.is_structured()) return;
    for (const auto& [name, child] : node.items()) {
      // The values of constants and the types of casts hold no further nodes; check_object() has looked at them.
      const std::string kind = node.is_object() ? text(node, "class") : "";
      if ((kind == "CONSTANT" && name == "value") || (kind == "CAST" && name == "cast_type")) continue;
      check(child, depth + 1);
    }
  }

  static std::string text(const Json& node, const char* key) {
    const auto found = node.find(key);
    return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
  }

  void check_object(const Json& node) {
    const std::string type = text(node, "type"), kind = text(node, "class");
    if (!type.empty() && !kTypes.contains(type)) refuse_sql(path_, fmt::format("{} has no place in it", type));
    if (!kind.empty() && !kClasses.contains(kind)) refuse_sql(path_, fmt::format("{} has no place in it", kind));
    if (type == "BASE_TABLE") check_table(node);
    if (node.contains("cte_map") && !node["cte_map"].at("map").empty())
      refuse_sql(path_, "WITH stands at the beginning");
    if (type == "STAR" && (node.value("columns", false) || !node.value("expr", Json()).is_null()))
      refuse_sql(path_, "columns are named, or all of a table's");
    if (node.contains("sample") && !node["sample"].is_null()) refuse_sql(path_, "it draws a sample");
    if (kind == "FUNCTION" || kind == "WINDOW") check_function(node);
    if (kind == "CAST" && !kCastTypes.contains(text(node.at("cast_type"), "id")))
      refuse_sql(path_, fmt::format("it casts to {}", text(node.at("cast_type"), "id")));
    if (kind == "COLUMN_REF" && node.at("column_names").size() == 1 &&
        kSpecialNames.contains(node["column_names"][0].get_ref<const std::string&>()))
      refuse_sql(path_, fmt::format("{} has no place in it", node["column_names"][0].get<std::string>()));
  }

  void check_table(const Json& node) {
    const std::string name = text(node, "table_name");
    if (!text(node, "schema_name").empty() || !text(node, "catalog_name").empty())
      refuse_sql(path_, "tables are named without a schema: the site knows where they are");
    if (expressions_.contains(name)) return;
    if (!kTables.contains(name))
      refuse_sql(path_, fmt::format("{} is no table of the OMOP model (small letters)", name));
    tables_.insert(name);
  }

  void check_function(const Json& node) {
    const std::string name = text(node, "function_name"), schema = text(node, "schema");
    if (!kFunctions.contains(name) || (!schema.empty() && schema != "main") || !text(node, "catalog").empty())
      refuse_sql(path_, fmt::format("the function {} has no place in it", name));
  }

  std::string path_;
  std::set<std::string> expressions_, tables_;
};

}  // namespace

std::set<std::string> check_sql_cohort(const std::string& sql, const std::string& path) {
  check_text(sql, path);
  try {
    data::Database database({});
    data::QueryResult result = database.query("SELECT json_serialize_sql(" + data::sql_text(sql) + ")");
    if (!result.next() || !result.valid(0, 0)) refuse_sql(path, "it cannot be parsed");
    const Json tree = Json::parse(result.text(0, 0));
    if (tree.at("error").get<bool>())
      refuse_sql(path, fmt::format("it cannot be parsed as one SELECT: {}", tree.value("error_message", "")));
    if (tree.at("statements").size() != 1) refuse_sql(path, "it is not one statement");
    TreeCheck check(path);
    check.check_statement(tree["statements"][0].at("node"));
    return check.tables();
  } catch (const Json::exception&) {
    refuse_sql(path, "it holds a construct that is not known here");
  } catch (const Failure& failure) {
    if (failure.error().code != "data.query_failed") throw;
    refuse_sql(path, "it cannot be parsed");
  }
}

std::string sql_cohort_select(const std::string& sql, const std::set<std::string>& tables, Statement& statement) {
  // The tables under their plain names, wherever the site keeps them.
  std::string names;
  for (const std::string& table : tables)
    names += fmt::format("{}{} AS NOT MATERIALIZED (SELECT t.* FROM {} t)", names.empty() ? "WITH " : ",\n", table,
                         statement.table(table));
  return fmt::format(
      "SELECT CAST(q.subject_id AS BIGINT) AS subject_id, CAST(q.cohort_start_date AS DATE) AS cohort_start_date, "
      "CAST(q.cohort_end_date AS DATE) AS cohort_end_date FROM (\n{}\nSELECT w.* FROM (\n{}\n) w) q",
      names, sql);
}

}  // namespace cohortium::cohort
