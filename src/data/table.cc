#include "data/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "data/column_reader.h"
#include "data/filter.h"
#include "data/query_records.h"
#include "data/records.h"
#include "data/source_records.h"
#include "data/source_table.h"

namespace cohortium::data {
namespace {

constexpr std::size_t kMostLevels = 65535;
constexpr double kMostGridPoints = 4294967295.0;
constexpr std::size_t kLongestValueShown = 60;

[[noreturn]] void refuse_declaration(const TableDeclaration& declaration, const std::string& column,
                                     const std::string& what) {
  throw Failure({.code = "data.bad_declaration",
                 .message = what,
                 .where = column.empty() ? declaration.table : fmt::format("{} ({})", declaration.table, column),
                 .remedy = "correct the study's table"});
}

// What keeps the loader's own arithmetic sound; the study file's schema checks the rest.
void check_declaration(const TableDeclaration& declaration) {
  const std::string& table = declaration.table;
  if (table.empty() || table[0] == '.' || table.find_first_of(std::string("/\\\0", 3)) != std::string::npos)
    refuse_declaration(declaration, "", "a table is named by the stem of its file");
  if (declaration.columns.empty()) refuse_declaration(declaration, "", "a table has at least one column");
  std::set<std::string> names;
  for (const ColumnDeclaration& column : declaration.columns) {
    const auto refuse = [&](const char* what) { refuse_declaration(declaration, column.name, what); };
    if (column.name.empty() || column.name.find('\0') != std::string::npos) refuse("a column needs a name");
    if (!names.insert(column.name).second) refuse("the column is declared twice");
    const bool ranged = column.type == ColumnType::kNumber || column.type == ColumnType::kDuration;
    if (ranged && !(std::isfinite(column.low) && std::isfinite(column.high) && column.low <= column.high))
      refuse("the range is empty or not finite");
    if (column.type == ColumnType::kDuration &&
        !(column.step > 0 && (column.high - column.low) / column.step < kMostGridPoints))
      refuse("the step is not positive, or the grid has too many points");
    if (column.levels.size() > kMostLevels) refuse("there are too many levels");
    std::set<std::string> codes;
    std::vector<std::string> all = column.missing;
    for (const Level& level : column.levels) all.push_back(level.code);
    all.insert(all.end(), column.event.begin(), column.event.end());
    all.insert(all.end(), column.censored.begin(), column.censored.end());
    for (const std::string& code : all)
      if (!codes.insert(code).second) refuse("a code is declared twice");
  }
}

struct FaultText {
  const char* code;
  const char* kind;  // "the value … {kind}"
  const char* remedy;
};

FaultText text_of(Fault fault) {
  switch (fault) {
    case Fault::kMissing:
      return {"data.missing_value", "is empty, and no missing code is declared for it",
              "fill it in, or declare \"\" as a missing code"};
    case Fault::kNotANumber:
      return {"data.not_a_number", "is not a number",
              "write it with digits and a decimal point, or declare it missing"};
    case Fault::kOutOfRange:
      return {"data.value_out_of_range", "lies outside the declared range",
              "correct the value, or the range in the study"};
    case Fault::kOffTheGrid:
      return {"data.off_the_grid", "does not lie on the declared grid",
              "round it to the grid, or declare a finer step"};
    case Fault::kUnknownLevel:
      return {"data.unknown_level", "is not a declared level", "correct the value, or declare the level"};
    case Fault::kUnknownEvent:
      return {"data.unknown_event", "is neither an event nor a censored code",
              "correct the value, or declare the code"};
    case Fault::kNone:
      break;
  }
  return {"data.unreadable_file", "cannot be read", "correct the value"};
}

std::string rule_of(const ColumnDeclaration& column, Fault fault) {
  if (fault == Fault::kOutOfRange)
    return fmt::format("{} lies in {} to {} {}", column.name, column.low, column.high, column.unit);
  if (fault == Fault::kOffTheGrid)
    return fmt::format("{} is {} plus a multiple of {} {}", column.name, column.low, column.step, column.unit);
  std::vector<std::string> codes;
  for (const Level& level : column.levels) codes.push_back(level.code);
  codes.insert(codes.end(), column.event.begin(), column.event.end());
  codes.insert(codes.end(), column.censored.begin(), column.censored.end());
  if (codes.size() > 20) codes.resize(20);
  return codes.empty() ? "" : fmt::format("{} is one of: {}", column.name, fmt::join(codes, ", "));
}

struct FoundFault {
  std::size_t row, column, rows_alike;
};

// The first faulty row, and how many rows of its column have the same fault. `is_faulty(reader index, row)`.
template <class Predicate>
std::optional<FoundFault> first_fault(const std::vector<ColumnReader>& readers, Predicate is_faulty) {
  std::optional<FoundFault> first;
  for (std::size_t column = 0; column < readers.size(); ++column) {
    const std::size_t end = first ? first->row : readers[column].rows();
    for (std::size_t row = 0; row < end; ++row) {
      if (!is_faulty(column, row)) continue;
      first = {row, column, 0};
      break;
    }
  }
  if (!first) return std::nullopt;
  const ColumnReader& reader = readers[first->column];
  for (std::size_t row = first->row; row < reader.rows(); ++row)
    first->rows_alike += is_faulty(first->column, row) && reader.fault(row) == reader.fault(first->row);
  return first;
}

[[noreturn]] void refuse_value(const FoundFault& found, const ColumnReader& reader, Records& records,
                               const char* circumstance) {
  const Fault fault = reader.fault(found.row);
  const FaultText text = text_of(fault);
  Place place = records.place(found.row, reader.declaration().name);
  if (place.value.size() > kLongestValueShown) place.value = place.value.substr(0, kLongestValueShown) + "…";
  throw Failure({.code = text.code,
                 .message = fmt::format("the value '{}' {}{} ({} such row{})", place.value, text.kind, circumstance,
                                        found.rows_alike, found.rows_alike == 1 ? "" : "s"),
                 .where = place.where,
                 .rule = rule_of(reader.declaration(), fault),
                 .remedy = text.remedy});
}

using OpenRecords = std::function<std::unique_ptr<Records>(const Filter&, Database*)>;

// `open` is given the filter, and the database that has parsed it if there is one.
Table load_from(const TableDeclaration& declaration, const LoadLimits& limits, const RowNaming& naming,
                const OpenRecords& open) {
  check_declaration(declaration);
  std::optional<Database> database;
  Filter filter;
  if (!declaration.where.empty()) {
    database.emplace(Database::Limits{.threads = limits.threads, .memory = limits.memory});
    filter = compile_filter(declaration, *database);
  }
  const auto in_filter = [&](std::size_t column) {
    return std::binary_search(filter.columns.begin(), filter.columns.end(), column);
  };

  const auto records = open(filter, database ? &*database : nullptr);
  std::vector<ColumnReader> readers;
  for (std::size_t i = 0; i < declaration.columns.size(); ++i)
    readers.emplace_back(declaration.columns[i], in_filter(i));
  RowNames names(naming);
  records->read(readers, names);

  std::vector<std::uint8_t> selected;  // empty: every row
  if (database) {
    if (const auto found = first_fault(readers, [&](std::size_t column, std::size_t row) {
          return in_filter(column) && readers[column].unreadable_for_filter(row);
        }))
      refuse_value(*found, readers[found->column], *records, ", and the filter reads it on every row");
    selected = select_rows(filter, readers, *database);
  }
  if (const auto found = first_fault(readers, [&](std::size_t column, std::size_t row) {
        return readers[column].fault(row) != Fault::kNone && (selected.empty() || selected[row] != 0);
      }))
    refuse_value(*found, readers[found->column], *records, "");

  Table table;
  for (ColumnReader& reader : readers) table.columns.push_back(reader.take(selected));
  table.names = names.take(selected);
  table.rows = table.columns[0].missing.size();
  return table;
}

}  // namespace

std::size_t ColumnDeclaration::grid_size() const {
  return static_cast<std::size_t>(std::floor((high - low) / step + 1e-9)) + 1;
}

const Column& Table::column(const std::string& name) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const Column& column) { return column.declaration.name == name; });
  COHORTIUM_CHECK(found != columns.end());
  return *found;
}

Table load_table(const std::filesystem::path& folder, const TableDeclaration& declaration, const LoadLimits& limits,
                 const RowNaming& naming) {
  return load_from(declaration, limits, naming,
                   [&](const Filter&, Database*) { return open_records(folder, declaration, limits, naming); });
}

Table load_table(Source& source, const TableDeclaration& declaration, const LoadLimits& limits,
                 const RowNaming& naming) {
  return load_from(declaration, limits, naming, [&](const Filter& filter, Database* database) {
    const auto conditions =
        database == nullptr ? std::vector<std::string>() : pushed_conditions(declaration, *database, source.dialect());
    return open_source_records(source, declaration, filter.columns, conditions, naming);
  });
}

Table load_query(Source& source, const std::string& sql, const TableDeclaration& declaration, const LoadLimits& limits,
                 const EditRow& edit, const RowNaming& naming) {
  return load_from(declaration, limits, naming,
                   [&](const Filter&, Database*) { return query_records(source, sql, declaration, edit); });
}

Table load_table(const SourceConfig& config, const TableDeclaration& declaration, const LoadLimits& limits,
                 const RowNaming& naming) {
  if (config.kind == SourceKind::kFolder) return load_table(config.path, declaration, limits, naming);
  return load_table(*open_source(config), declaration, limits, naming);
}

std::vector<std::string> filter_columns(const TableDeclaration& declaration) {
  check_declaration(declaration);
  std::vector<std::string> names;
  if (declaration.where.empty()) return names;
  Database database({});
  for (const std::size_t column : compile_filter(declaration, database).columns)
    names.push_back(declaration.columns[column].name);
  return names;
}

void check_filter(const TableDeclaration& declaration) { filter_columns(declaration); }

Error without_values(const Error& error) {
  static const std::map<std::string, std::string> messages = {
      {"data.missing_file", "the site has no file for the table"},
      {"data.missing_table", "the site's database has no such table that the node may read"},
      {"cohort.missing_table", "the site's database lacks a table that the cohort reads"},
      {"data.source_failed", "the site's database cannot be read"},
      {"data.source_not_read_only", "the site's role in its database can do more than read"},
      {"data.ambiguous_file", "the site has more than one file for the table"},
      {"data.unreadable_file", "the site's file cannot be read"},
      {"data.unknown_column", "the site's table lacks a declared column"},
      {"data.ambiguous_column", "the site's table has a declared column twice"},
      {"data.missing_value", "a value is empty, and no missing code is declared for it"},
      {"data.not_a_number", "a value is not a number"},
      {"data.value_out_of_range", "a value lies outside the declared range"},
      {"data.off_the_grid", "a value does not lie on the declared grid"},
      {"data.unknown_level", "a value is not a declared level"},
      {"data.unknown_event", "a value is neither an event nor a censored code"},
      {"harmonise.unknown_unit", "a unit of the site's values is not known, or none is declared"},
      {"harmonise.different_dimensions", "the site's unit measures something else than the study's"},
      {"harmonise.missing_molar_mass", "mass is to become substance, and the study gives no molar mass"},
      {"harmonise.ambiguous_date", "a date is not written 2020-02-29, and the site declares no format for it"},
      {"harmonise.bad_date", "a date is none in the format that the site declares"},
      {"harmonise.conflicting_duplicates", "rows that should be one differ, and the study does not say which counts"},
  };
  // These speak of the study's own text alone.
  if (error.code == "data.bad_filter" || error.code == "data.bad_declaration") return error;
  const auto message = messages.find(error.code);
  const bool known = message != messages.end();
  // Of the place only the declared column stays: "lung.csv:17:4 (age)" becomes "age".
  std::string column;
  const std::size_t bracket = error.where.rfind(" (");
  if (known && bracket != std::string::npos && error.where.ends_with(')'))
    column = error.where.substr(bracket + 2, error.where.size() - bracket - 3);
  return {.code = error.code,
          .message = known ? message->second : "the site's table cannot be loaded",
          .where = column,
          .rule = error.code == "data.unreadable_file" ? "" : error.rule,
          .remedy = "details are in the site's own log"};
}

}  // namespace cohortium::data
