#include "data/filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "data/filter_printer.h"

namespace cohortium::data {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestFilter = 4096;
// The line feed keeps a comment at the end of the expression from swallowing the bracket.
constexpr std::string_view kBefore = "SELECT (\n", kAfter = "\n)";

// Refuses what no honest expression needs before any parser sees it, with the place.
void check_text(std::string_view text) {
  if (text.size() > kLongestFilter)
    refuse_filter(fmt::format("the filter is longer than {} bytes", kLongestFilter), text);
  std::size_t depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i], following = i + 1 < text.size() ? text[i + 1] : '\0';
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') refuse_filter("a control character", text, i);
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '\'' || c == '"') quote = c;
    if (c == ';') refuse_filter("a filter is one expression: ';' has no place in it", text, i);
    if ((c == '-' && following == '-') || (c == '/' && following == '*'))
      refuse_filter("a filter has no comments", text, i);
    if (c == '(' && ++depth > kDeepestFilterNesting) refuse_filter("brackets are nested too deeply", text, i);
    if (c == ')' && depth-- == 0) refuse_filter("this bracket closes nothing", text, i);
  }
  if (quote != 0) refuse_filter("a quote is opened and never closed", text, text.size());
  if (depth != 0) refuse_filter("a bracket is opened and never closed", text, text.size());
}

std::string_view text_of(const Json& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? std::string_view(found->get_ref<const std::string&>())
                                                   : std::string_view();
}

std::string syntax_tree(const std::string& expression, Database& database) {
  const std::string statement = std::string(kBefore) + expression + std::string(kAfter);
  QueryResult result = database.query("SELECT json_serialize_sql(" + sql_text(statement) + ")");
  if (!result.next() || !result.valid(0, 0)) refuse_filter("the expression cannot be parsed", expression);
  return std::string(result.text(0, 0));
}

// The one expression of the one SELECT, which has nothing else: no table, no condition, no grouping.
const Json& only_expression(const Json& tree, std::string_view expression) {
  if (tree.at("error").get<bool>()) {
    std::optional<std::size_t> offset;
    const std::string_view position = text_of(tree, "position");
    if (!position.empty() && position.size() < 6 && std::all_of(position.begin(), position.end(), ::isdigit)) {
      const auto value = static_cast<std::size_t>(std::stoul(std::string(position)));
      offset = value - std::min(value, kBefore.size());
    }
    refuse_filter(fmt::format("the expression cannot be parsed: {}", text_of(tree, "error_message")), expression,
                  offset);
  }
  const Json& statements = tree.at("statements");
  if (statements.size() == 1) {
    const Json& node = statements[0].at("node");
    const auto absent = [&](const char* key) { return node.value(key, Json()).is_null(); };
    const auto none = [&](const char* key) { return node.value(key, Json::array()).empty(); };
    if (text_of(node, "type") == "SELECT_NODE" && node.at("select_list").size() == 1 && none("modifiers") &&
        node.at("cte_map").at("map").empty() && text_of(node.at("from_table"), "type") == "EMPTY" &&
        absent("where_clause") && none("group_expressions") && absent("having") && absent("sample") &&
        absent("qualify"))
      return node["select_list"][0];
  }
  refuse_filter("a filter is one expression", expression);
}

std::string create_table(const Filter& filter, const TableDeclaration& declaration) {
  std::string sql = "CREATE TABLE site_rows (";
  for (std::size_t i = 0; i < filter.columns.size(); ++i) {
    const std::size_t column = filter.columns[i];
    const bool number = filter_kind(declaration.columns[column]) == FilterKind::kNumber;
    sql += fmt::format("{}c{} {}", i == 0 ? "" : ", ", column, number ? "DOUBLE" : "VARCHAR");
  }
  return sql + ")";
}

// Arithmetic may overflow, round() and lower() differ between databases, NULL has no type: only what is the same
// everywhere may run elsewhere.
bool runs_alike(const Json& node) {
  constexpr std::string_view functions[] = {"abs",         "floor",     "ceil", "length", "contains",
                                            "starts_with", "ends_with", "~~",   "!~~"};
  const std::string_view kind = text_of(node, "class");
  const auto all = [](const Json& nodes) { return std::all_of(nodes.begin(), nodes.end(), runs_alike); };
  if (kind == "COLUMN_REF" || kind == "CAST") return true;
  if (kind == "CONSTANT") return !node.at("value").at("is_null").get<bool>();
  if (kind == "COMPARISON") return runs_alike(node.at("left")) && runs_alike(node.at("right"));
  if (kind == "BETWEEN") return all(Json{node.at("input"), node.at("lower"), node.at("upper")});
  if (kind == "CONJUNCTION" || kind == "OPERATOR") return all(node.at("children"));
  if (kind == "CASE") {
    for (const Json& check : node.at("case_checks"))
      if (!runs_alike(check.at("when_expr")) || !runs_alike(check.at("then_expr"))) return false;
    return runs_alike(node.at("else_expr"));
  }
  return kind == "FUNCTION" &&
         std::find(std::begin(functions), std::end(functions), text_of(node, "function_name")) != std::end(functions) &&
         all(node.at("children"));
}

}  // namespace

std::vector<std::string> pushed_conditions(const TableDeclaration& declaration, Database& database, Dialect dialect) {
  std::vector<std::string> conditions;
  if (declaration.where.empty()) return conditions;
  try {
    const Json tree = Json::parse(syntax_tree(declaration.where, database));
    const Json& whole = only_expression(tree, declaration.where);
    const bool parts = text_of(whole, "type") == "CONJUNCTION_AND";
    for (const Json& part : parts ? whole.at("children") : Json{whole})
      if (runs_alike(part)) conditions.push_back(print_filter(declaration, part, kBefore.size(), dialect).sql);
  } catch (const Json::exception&) {
    refuse_filter("the expression holds a construct that is not allowed in a filter", declaration.where);
  }
  return conditions;
}

Filter compile_filter(const TableDeclaration& declaration, Database& database) {
  const std::string& expression = declaration.where;
  if (expression.empty()) return {};
  check_text(expression);
  try {
    const Json tree = Json::parse(syntax_tree(expression, database));
    const PrintedFilter printed = print_filter(declaration, only_expression(tree, expression), kBefore.size());
    Filter filter{printed.sql, {printed.columns.begin(), printed.columns.end()}};
    if (filter.columns.empty()) refuse_filter("the filter reads no column", expression);
    // Binding against the empty table proves that what was printed can run.
    database.execute(create_table(filter, declaration));
    database.execute(fmt::format("SELECT {} FROM site_rows", filter.sql));
    return filter;
  } catch (const Json::exception&) {
    refuse_filter("the expression holds a construct that is not allowed in a filter", expression);
  } catch (const Failure& failure) {
    if (failure.error().code != "data.query_failed") throw;
    refuse_filter("the expression cannot be evaluated", expression);
  }
}

std::vector<std::uint8_t> select_rows(const Filter& filter, const std::vector<ColumnReader>& readers,
                                      Database& database) {
  std::vector<InputColumn> columns;
  for (const std::size_t i : filter.columns) {
    const bool number = filter_kind(readers[i].declaration()) == FilterKind::kNumber;
    columns.push_back({.type = number ? ValueType::kReal : ValueType::kText,
                       .integers = {},
                       .reals = readers[i].filter_numbers(),
                       .texts = readers[i].filter_texts(),
                       .missing = readers[i].missing()});
  }
  std::vector<std::uint8_t> selected;
  selected.reserve(readers[0].rows());
  try {
    database.lock();
    database.append("main", "site_rows", columns);
    QueryResult result = database.query(fmt::format("SELECT coalesce({}, false) FROM site_rows", filter.sql));
    while (result.next())
      for (const bool flag : result.values<bool>(0)) selected.push_back(flag ? 1 : 0);
  } catch (const Failure&) {
    // DuckDB's own text may quote a record.
    refuse_filter("the filter cannot be evaluated on this site's rows", "");
  }
  COHORTIUM_CHECK(selected.size() == readers[0].rows());
  return selected;
}

}  // namespace cohortium::data
