#include "data/source_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/error.h"
#include "data/codes.h"
#include "data/duckdb.h"

namespace cohortium::data {
namespace {

constexpr std::size_t kFaultsKept = 1000;  // per column: whose values can be shown without reading again
constexpr const char* kLargest = "1.7976931348623157e308";

const SourceTable& find_table(const std::vector<SourceTable>& tables, const std::string& name) {
  std::vector<std::string> names;
  for (const SourceTable& table : tables) {
    if (table.name == name) return table;
    names.push_back(table.name);
  }
  throw Failure(
      {.code = "data.missing_table",
       .message = fmt::format("there is no table {} that can be read; there are {}", name,
                              names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))),
       .where = name,
       .remedy = "correct \"schema\" in the node's configuration, grant SELECT on the table, or make the table"});
}

std::vector<std::string> codes_of(const ColumnDeclaration& column) {
  std::vector<std::string> codes = column.missing;
  for (const Level& level : column.levels) codes.push_back(level.code);
  codes.insert(codes.end(), column.event.begin(), column.event.end());
  codes.insert(codes.end(), column.censored.begin(), column.censored.end());
  return codes;
}

bool declares_empty(const ColumnDeclaration& column) {
  return std::find(column.missing.begin(), column.missing.end(), "") != column.missing.end();
}

// How a filter column is seen inside the database.
struct View {
  std::string value;       // what the filter compares: a double or a text, NULL where missing
  std::string unreadable;  // true for a row whose value the filter cannot read
};

class Viewer {
 public:
  explicit Viewer(Dialect dialect) : postgresql_(dialect == Dialect::kPostgreSql) {}

  // Nothing where the column's type would make the database see other values than ColumnReader does.
  std::optional<View> view(const ColumnDeclaration& column, ValueType type) const {
    return filter_kind(column) == FilterKind::kNumber ? number(column, type) : text(column, type);
  }

 private:
  std::optional<View> number(const ColumnDeclaration& column, ValueType type) const {
    if (type != ValueType::kInteger && type != ValueType::kReal) return std::nullopt;
    const std::string name = sql_name(column.name), to_double = postgresql_ ? "float8" : "DOUBLE";
    // Over the text, for a float and a decimal become the double that is nearest to their decimal digits.
    const std::string value = type == ValueType::kInteger
                                  ? fmt::format("CAST({} AS {})", name, to_double)
                                  : fmt::format("CAST(CAST({} AS VARCHAR) AS {})", name, to_double);
    std::vector<std::string> missing, numbers;
    for (const std::string& code : codes_of(column))
      if (canonical_number(code)) numbers.push_back(code);
    if (!are_numeric(numbers)) return std::nullopt;
    for (const std::string& code : column.missing)
      if (canonical_number(code)) missing.push_back(fmt::format("CAST('{}' AS {})", code, to_double));
    View view{without(value, missing), "false"};
    if (type == ValueType::kReal) view.unreadable = fmt::format("NOT ({0} BETWEEN -{1} AND {1})", name, kLargest);
    if (!declares_empty(column)) view.unreadable += fmt::format(" OR {} IS NULL", name);
    return view;
  }

  std::optional<View> text(const ColumnDeclaration& column, ValueType type) const {
    if (type != ValueType::kText) return std::nullopt;
    const std::string value =
        fmt::format("CAST({} AS {}", sql_name(column.name), postgresql_ ? "text) COLLATE \"C\"" : "VARCHAR)");
    const std::vector<std::string> codes = codes_of(column);
    if (std::any_of(codes.begin(), codes.end(), canonical_number)) return std::nullopt;
    std::vector<std::string> missing;
    for (const std::string& code : column.missing) missing.push_back(sql_text(code));
    View view{without(value, missing), "false"};
    if (!declares_empty(column)) view.unreadable = fmt::format("{0} IS NULL OR {0} = ''", value);
    return view;
  }

  static std::string without(const std::string& value, const std::vector<std::string>& missing) {
    if (missing.empty()) return value;
    return fmt::format("CASE WHEN {0} IN ({1}) THEN NULL ELSE {0} END", value, fmt::join(missing, ", "));
  }

  bool postgresql_;
};

class SourceRecords : public Records {
 public:
  SourceRecords(Source& source, const TableDeclaration& declaration, const std::vector<std::size_t>& filter_columns,
                const std::vector<std::string>& conditions, const RowNaming& naming)
      : source_(source), table_(declaration.table) {
    const std::vector<SourceTable> tables = source.tables();
    const SourceTable& table = find_table(tables, declaration.table);
    std::vector<std::string> names;
    for (const SourceColumn& column : table.columns) names.push_back(column.name);
    const auto positions = column_positions(declaration, names, declaration.table);
    std::vector<std::string> columns;
    for (const ColumnDeclaration& column : declaration.columns) columns.push_back(source.quoted(column.name));
    if (naming.wanted()) columns.push_back(row_text_sql(source, table_, naming, ""));
    sql_ = fmt::format("SELECT {} FROM {}", fmt::join(columns, ", "), source.table_name(table_));
    if (conditions.empty()) return;

    std::vector<std::string> inner, outer, unreadable;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      inner.push_back(fmt::format("{} AS r{}", columns[i], i));
      outer.push_back(fmt::format("r{}", i));
    }
    const Viewer viewer(source.dialect());
    for (const std::size_t i : filter_columns) {
      const auto view = viewer.view(declaration.columns[i], table.columns[positions[i]].type);
      if (!view) return;
      inner.push_back(fmt::format("{} AS c{}", view->value, i));
      unreadable.push_back(view->unreadable);
    }
    if (query_integer(source, fmt::format("SELECT count(*) FROM {} WHERE {}", source.table_name(table_),
                                          fmt::join(unreadable, " OR "))) != 0)
      return;
    sql_ = fmt::format("SELECT {} FROM (SELECT {} FROM {}) AS site_rows WHERE {}", fmt::join(outer, ", "),
                       fmt::join(inner, ", "), source.table_name(table_), fmt::join(conditions, " AND "));
  }

  void read(std::vector<ColumnReader>& readers, RowNames& names) override {
    const auto rows = source_.query(sql_);
    Batch batch;
    while (rows->next(batch)) {
      for (std::size_t i = 0; i < readers.size(); ++i) {
        auto& faulty = faulty_[readers[i].declaration().name];
        for (std::size_t row = 0; row < batch.rows; ++row) {
          const std::string text = batch.columns[i].text(row);
          readers[i].add(text);
          const std::size_t number = readers[i].rows() - 1;
          if (readers[i].fault(number) != Fault::kNone && faulty.size() < kFaultsKept) faulty.emplace(number, text);
        }
      }
      if (!names.naming().wanted()) continue;
      for (std::size_t row = 0; row < batch.rows; ++row) names.add_joined(batch.columns.back().text(row));
    }
  }

  Place place(std::size_t row, const std::string& name) override {
    const auto& faulty = faulty_[name];
    const auto found = faulty.find(row);
    return {fmt::format("{}:row {} ({})", table_, row + 1, name), found != faulty.end() ? found->second : "…"};
  }

 private:
  Source& source_;
  std::string table_, sql_;
  std::map<std::string, std::map<std::size_t, std::string>> faulty_;  // by column and row
};

}  // namespace

std::unique_ptr<Records> open_source_records(Source& source, const TableDeclaration& declaration,
                                             const std::vector<std::size_t>& filter_columns,
                                             const std::vector<std::string>& conditions, const RowNaming& naming) {
  return std::make_unique<SourceRecords>(source, declaration, filter_columns, conditions, naming);
}

}  // namespace cohortium::data
