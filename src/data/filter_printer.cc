#include "data/filter_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/error.h"
#include "data/column_reader.h"
#include "data/duckdb.h"

namespace cohortium::data {

void refuse_filter(const std::string& what, std::string_view expression, std::optional<std::size_t> offset) {
  std::string where = "where";
  if (offset) {
    const auto end = expression.begin() + static_cast<std::ptrdiff_t>(std::min(*offset, expression.size()));
    const auto characters = std::count_if(expression.begin(), end, [](char c) { return (c & 0xc0) != 0x80; });
    where += fmt::format(":{}", characters + 1);
  }
  throw Failure({.code = "data.bad_filter",
                 .message = what,
                 .where = where,
                 .remedy = "write one condition over declared columns, such as: age >= 65 AND arm = 'treatment'"});
}

namespace {

using Json = nlohmann::json;

enum class Kind { kNumber, kText, kTruth, kNull };

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::kNumber:
      return "a number";
    case Kind::kText:
      return "text";
    case Kind::kTruth:
      return "a condition";
    case Kind::kNull:
      break;
  }
  return "NULL";
}

struct Function {
  std::string_view name;       // DuckDB's name; operators are functions too
  std::string_view arguments;  // n number, t text, i whole constant; after '?' optional
  Kind result;
  bool infix = false;
};
constexpr auto kFunctions = std::to_array<Function>({
    {"+", "nn", Kind::kNumber, true},   {"-", "n?n", Kind::kNumber, true}, {"*", "nn", Kind::kNumber, true},
    {"/", "nn", Kind::kNumber, true},   {"%", "nn", Kind::kNumber, true},  {"abs", "n", Kind::kNumber},
    {"round", "n?i", Kind::kNumber},    {"floor", "n", Kind::kNumber},     {"ceil", "n", Kind::kNumber},
    {"sqrt", "n", Kind::kNumber},       {"length", "t", Kind::kNumber},    {"lower", "t", Kind::kText},
    {"upper", "t", Kind::kText},        {"trim", "t", Kind::kText},        {"substr", "ti?i", Kind::kText},
    {"substring", "ti?i", Kind::kText}, {"contains", "tt", Kind::kTruth},  {"starts_with", "tt", Kind::kTruth},
    {"ends_with", "tt", Kind::kTruth},  {"~~", "tt", Kind::kTruth, true},  // LIKE
    {"!~~", "tt", Kind::kTruth, true},                                     // NOT LIKE
    {"~~*", "tt", Kind::kTruth, true},                                     // ILIKE
    {"!~~*", "tt", Kind::kTruth, true},                                    // NOT ILIKE
});

constexpr std::pair<std::string_view, std::string_view> kComparisons[] = {
    {"COMPARE_EQUAL", "="},
    {"COMPARE_NOTEQUAL", "<>"},
    {"COMPARE_LESSTHAN", "<"},
    {"COMPARE_LESSTHANOREQUALTO", "<="},
    {"COMPARE_GREATERTHAN", ">"},
    {"COMPARE_GREATERTHANOREQUALTO", ">="},
    {"COMPARE_DISTINCT_FROM", "IS DISTINCT FROM"},
    {"COMPARE_NOT_DISTINCT_FROM", "IS NOT DISTINCT FROM"},
};

std::string_view text_of(const Json& node, const char* key) {
  const auto found = node.find(key);
  return found != node.end() && found->is_string() ? std::string_view(found->get_ref<const std::string&>())
                                                   : std::string_view();
}

// Prints a checked tree anew and learns its type and columns on the way.
class Printer {
 public:
  struct Printed {
    std::string sql;
    Kind kind;
  };

  Printer(const TableDeclaration& declaration, std::size_t origin, Dialect dialect)
      : declaration_(declaration), origin_(origin), dialect_(dialect) {}

  Printed print(const Json& node) {
    const Place place(*this, node);
    const std::string_view kind = text_of(node, "class");
    if (kind == "COLUMN_REF") return column(node);
    if (kind == "CONSTANT") return constant(node.at("value"));
    if (kind == "COMPARISON") return comparison(node);
    if (kind == "CONJUNCTION") return conjunction(node);
    if (kind == "BETWEEN") return between(node);
    if (kind == "OPERATOR") return operation(node);
    if (kind == "CASE") return choice(node);
    if (kind == "FUNCTION") return function(node);
    if (kind == "CAST") return truth_constant(node);
    if (kind == "SUBQUERY") fail("a filter has no sub-query");
    if (kind == "WINDOW" || kind == "LAMBDA") fail("a filter has no window and no lambda");
    if (kind == "STAR") fail("'*' has no place in a filter");
    fail("this kind of expression is not allowed in a filter");
  }

  std::string print_condition(const Json& node) { return of_kind(node, Kind::kTruth); }
  const std::set<std::size_t>& columns() const { return columns_; }

 private:
  // Remembers the innermost node with a known place, and bounds the depth of the tree.
  class Place {
   public:
    Place(Printer& printer, const Json& node) : printer_(printer), before_(printer.offset_) {
      if (++printer_.depth_ > kDeepestFilterNesting) printer_.fail("the expression is nested too deeply");
      const auto location = node.find("query_location");
      if (location == node.end() || !location->is_number_unsigned()) return;
      const auto value = location->get<std::uint64_t>();
      if (value >= printer.origin_ && value - printer.origin_ <= printer.declaration_.where.size())
        printer.offset_ = value - printer.origin_;
    }
    ~Place() {
      --printer_.depth_;
      printer_.offset_ = before_;
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    Printer& printer_;
    std::optional<std::size_t> before_;
  };

  [[noreturn]] void fail(const std::string& what) const { refuse_filter(what, declaration_.where, offset_); }

  std::string of_kind(const Json& node, Kind wanted) {
    const Place place(*this, node);
    Printed printed = print(node);
    if (printed.kind != wanted && printed.kind != Kind::kNull)
      fail(fmt::format("{} is needed here, this is {}", name_of(wanted), name_of(printed.kind)));
    return std::move(printed.sql);
  }

  // Prints nodes that must be of one kind: the kind of the first that is not NULL.
  std::pair<std::vector<std::string>, Kind> alike(const std::vector<const Json*>& nodes) {
    std::vector<std::string> sql;
    Kind kind = Kind::kNull;
    for (const Json* node : nodes) {
      const Place place(*this, *node);
      Printed printed = print(*node);
      if (kind == Kind::kNull) kind = printed.kind;
      if (printed.kind != kind && printed.kind != Kind::kNull)
        fail(fmt::format("{} cannot be compared with {}", name_of(kind), name_of(printed.kind)));
      sql.push_back(std::move(printed.sql));
    }
    return {std::move(sql), kind};
  }

  static std::vector<const Json*> children(const Json& node) {
    std::vector<const Json*> result;
    for (const Json& child : node.at("children")) result.push_back(&child);
    return result;
  }

  Printed column(const Json& node) {
    const Json& names = node.at("column_names");
    if (names.size() != 1) fail("columns are named without a table");
    const auto name = names[0].get<std::string>();
    for (std::size_t i = 0; i < declaration_.columns.size(); ++i) {
      if (declaration_.columns[i].name != name) continue;
      columns_.insert(i);
      const bool number = filter_kind(declaration_.columns[i]) == FilterKind::kNumber;
      return {fmt::format("c{}", i), number ? Kind::kNumber : Kind::kText};
    }
    fail(fmt::format("'{}' is not a declared column (text stands in single quotes)", name));
  }

  Printed constant(const Json& value) {
    if (value.at("is_null").get<bool>()) return {"NULL", Kind::kNull};
    const Json& content = value.at("value");
    const std::string_view type = text_of(value.at("type"), "id");
    if (type == "VARCHAR") return {sql_text(content.get<std::string>()), Kind::kText};
    if (type == "BOOLEAN") return {content.get<bool>() ? "true" : "false", Kind::kTruth};
    // PostgreSQL takes a bare constant for a numeric, which compares otherwise than a double.
    const char* cast = dialect_ == Dialect::kPostgreSql ? "::float8" : "";
    if (type == "DOUBLE" && content.is_number())
      return {fmt::format("({:e}{})", content.get<double>(), cast), Kind::kNumber};
    if ((type == "INTEGER" || type == "BIGINT" || type == "DECIMAL") && content.is_number_integer()) {
      const int scale = type == "DECIMAL" ? value["type"].at("type_info").at("scale").get<int>() : 0;
      return {fmt::format("({}e{}{})", content.get<std::int64_t>(), -scale, cast), Kind::kNumber};
    }
    fail("constants are text in single quotes, numbers of at most 18 digits, TRUE, FALSE and NULL");
  }

  // DuckDB's parser delivers TRUE and FALSE as CAST('t' AS BOOLEAN).
  Printed truth_constant(const Json& node) {
    const Json& child = node.at("child");
    if (text_of(node.at("cast_type"), "id") == "BOOLEAN" && text_of(child, "class") == "CONSTANT") {
      const std::string_view text = text_of(child.at("value"), "value");
      if (text == "t" || text == "f") return {text == "t" ? "true" : "false", Kind::kTruth};
    }
    fail("a filter converts nothing: number columns are numbers, others are text");
  }

  Printed comparison(const Json& node) {
    const std::string_view type = text_of(node, "type");
    for (const auto& [name, symbol] : kComparisons) {
      if (name != type) continue;
      const auto [sides, kind] = alike({&node.at("left"), &node.at("right")});
      return {fmt::format("({} {} {})", sides[0], symbol, sides[1]), Kind::kTruth};
    }
    fail("this comparison is not allowed in a filter");
  }

  Printed conjunction(const Json& node) {
    const char* word = text_of(node, "type") == "CONJUNCTION_AND" ? " AND " : " OR ";
    std::vector<std::string> parts;
    for (const Json* child : children(node)) parts.push_back(of_kind(*child, Kind::kTruth));
    return {fmt::format("({})", fmt::join(parts, word)), Kind::kTruth};
  }

  Printed between(const Json& node) {
    const auto [parts, kind] = alike({&node.at("input"), &node.at("lower"), &node.at("upper")});
    return {fmt::format("({} BETWEEN {} AND {})", parts[0], parts[1], parts[2]), Kind::kTruth};
  }

  Printed operation(const Json& node) {
    const std::string_view type = text_of(node, "type");
    const auto operands = children(node);
    if (operands.empty()) fail("an operator without operands");
    if (type == "OPERATOR_NOT") return {fmt::format("(NOT {})", of_kind(*operands[0], Kind::kTruth)), Kind::kTruth};
    if (type == "OPERATOR_IS_NULL") return {fmt::format("({} IS NULL)", print(*operands[0]).sql), Kind::kTruth};
    if (type == "OPERATOR_IS_NOT_NULL") return {fmt::format("({} IS NOT NULL)", print(*operands[0]).sql), Kind::kTruth};
    if (type == "OPERATOR_COALESCE") {
      const auto [parts, kind] = alike(operands);
      return {fmt::format("coalesce({})", fmt::join(parts, ", ")), kind};
    }
    if (type == "COMPARE_IN" || type == "COMPARE_NOT_IN") {
      const auto [parts, kind] = alike(operands);
      if (parts.size() < 2) fail("IN needs a list of values");
      return {fmt::format("({} {} ({}))", parts[0], type == "COMPARE_IN" ? "IN" : "NOT IN",
                          fmt::join(parts.begin() + 1, parts.end(), ", ")),
              Kind::kTruth};
    }
    fail("this operator is not allowed in a filter");
  }

  Printed choice(const Json& node) {
    std::string sql = "(CASE";
    std::vector<const Json*> outcomes;
    std::vector<std::string> conditions;
    for (const Json& check : node.at("case_checks")) {
      conditions.push_back(of_kind(check.at("when_expr"), Kind::kTruth));
      outcomes.push_back(&check.at("then_expr"));
    }
    outcomes.push_back(&node.at("else_expr"));
    const auto [values, kind] = alike(outcomes);
    for (std::size_t i = 0; i < conditions.size(); ++i)
      sql += fmt::format(" WHEN {} THEN {}", conditions[i], values[i]);
    return {sql + fmt::format(" ELSE {} END)", values.back()), kind};
  }

  // The constant of a whole-number argument ("round(age, 1)"), which must not be printed as a DOUBLE.
  std::string whole_constant(const Json& node) {
    const Place place(*this, node);
    if (text_of(node, "class") == "CONSTANT") {
      const Json& value = node.at("value");
      if (text_of(value.at("type"), "id") == "INTEGER" && !value.at("is_null").get<bool>())
        return fmt::format("({})", value.at("value").get<std::int32_t>());
    }
    fail("a whole number is needed here");
  }

  Printed function(const Json& node) {
    const std::string_view name = text_of(node, "function_name");
    const std::string_view schema = text_of(node, "schema");  // "main" where the syntax is a function's own: trim(x)
    const bool plain = (schema.empty() || schema == "main") && text_of(node, "catalog").empty() &&
                       !node.value("distinct", false) && node.value("filter", Json()).is_null() &&
                       node.at("order_bys").at("orders").empty();
    const auto* known = std::find_if(kFunctions.begin(), kFunctions.end(),
                                     [&](const Function& candidate) { return candidate.name == name; });
    if (!plain || known == kFunctions.end()) fail(fmt::format("the function {} is not allowed in a filter", name));
    const auto operands = children(node);
    std::vector<std::string> parts;
    bool enough = false;
    for (const char expected : known->arguments) {
      if (expected == '?') {
        enough = operands.size() == parts.size();
        if (enough) break;
        continue;
      }
      if (parts.size() == operands.size()) fail(fmt::format("{} needs more arguments", name));
      const Json& operand = *operands[parts.size()];
      parts.push_back(expected == 'i' ? whole_constant(operand)
                                      : of_kind(operand, expected == 'n' ? Kind::kNumber : Kind::kText));
    }
    if (operands.size() != parts.size()) fail(fmt::format("{} takes fewer arguments", name));
    if (dialect_ == Dialect::kPostgreSql && known->result == Kind::kTruth)
      return {postgresql_match(name, parts[0], parts[1]), Kind::kTruth};
    if (known->infix && parts.size() == 2) return {fmt::format("({} {} {})", parts[0], name, parts[1]), known->result};
    if (known->infix) return {fmt::format("({} {})", name, parts[0]), known->result};
    return {fmt::format("{}({})", name, fmt::join(parts, ", ")), known->result};
  }

  // Text matched by DuckDB's rules, in which a pattern has no escape character.
  static std::string postgresql_match(std::string_view name, const std::string& text, const std::string& pattern) {
    if (name == "contains") return fmt::format("(strpos({}, {}) > 0)", text, pattern);
    if (name == "starts_with") return fmt::format("(left({0}, length({1})) = {1})", text, pattern);
    if (name == "ends_with") return fmt::format("(right({0}, length({1})) = {1})", text, pattern);
    return fmt::format("({}{} {}LIKE {} ESCAPE '')", text, name[0] == '!' ? " NOT" : "", name.ends_with('*') ? "I" : "",
                       pattern);
  }

  const TableDeclaration& declaration_;
  std::size_t origin_;
  Dialect dialect_;
  std::set<std::size_t> columns_;
  std::optional<std::size_t> offset_;
  std::size_t depth_ = 0;
};

}  // namespace

PrintedFilter print_filter(const TableDeclaration& declaration, const nlohmann::json& tree, std::size_t origin,
                           Dialect dialect) {
  Printer printer(declaration, origin, dialect);
  std::string sql = printer.print_condition(tree);
  return {std::move(sql), printer.columns()};
}

}  // namespace cohortium::data
