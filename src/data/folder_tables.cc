#include "data/folder_tables.h"

#include <strings.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "data/codes.h"
#include "data/csv.h"
#include "data/table_files.h"

namespace cohortium::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRowsPerBatch = 20'000;
constexpr std::size_t kExactDigits = 15;  // every whole number of so many digits survives as a double

// -17, 0 and 9223372036854775807, but not 007, -0 or +1: those are not written as the number that they denote.
bool parse_integer(std::string_view text, std::int64_t& value) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return false;
  if (text.starts_with('-')) return text[1] != '0';
  return text[0] != '0' || text.size() == 1;
}

// A number, unless it is written as a code or has more digits than a double keeps apart.
bool parse_real(std::string_view text, double& value) {
  std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.size() > 1 && digits[0] == '0' && digits[1] != '.') return false;
  const auto number = parse_number(text);
  if (!number || !are_numeric({std::string(text)})) return false;
  value = *number;
  return true;
}

// Reads a field as a value of the type; false when it is none.
bool parse(std::string_view field, ValueType type, std::int64_t& integer, double& real) {
  switch (type) {
    case ValueType::kInteger:
      return parse_integer(field, integer);
    case ValueType::kReal:
      return parse_real(field, real);
    case ValueType::kDate:
      return parse_date(field, integer);
    case ValueType::kTimestamp:
      return parse_timestamp(field, integer);
    default:
      return false;
  }
}

// What a column has shown so far.
struct Column {
  std::string name;
  ValueType type = ValueType::kInteger;
  bool has_values = false;
  std::size_t longest = 0;  // bytes of a value
};

const char* sql_type(const Column& column) {
  switch (column.type) {
    case ValueType::kInteger:
      return "BIGINT";
    case ValueType::kReal:
      return "DOUBLE";
    case ValueType::kDate:
      return "DATE";
    case ValueType::kTimestamp:
      return "TIMESTAMP";
    default:
      return "VARCHAR";
  }
}

// The narrowest type that takes what the column's earlier values were taken for, and this field.
void widen(Column& column, std::string_view field) {
  constexpr ValueType order[] = {ValueType::kInteger, ValueType::kReal, ValueType::kDate, ValueType::kTimestamp};
  const auto fits = [&](ValueType type) {
    std::int64_t integer = 0;
    double real = 0;
    return parse(field, type, integer, real);
  };
  column.longest = std::max(column.longest, field.size());
  if (!column.has_values) {
    const auto* first = std::find_if(std::begin(order), std::end(order), fits);
    column.type = first == std::end(order) ? ValueType::kText : *first;
    column.has_values = true;
  } else if (!fits(column.type)) {
    const bool number = column.type == ValueType::kInteger && column.longest <= kExactDigits && fits(ValueType::kReal);
    column.type = number ? ValueType::kReal : ValueType::kText;
  }
}

// What widen() has made sure of: the field is of the column's type.
void put(std::string_view field, BatchColumn& column, std::size_t row) {
  if (column.type == ValueType::kText) {
    column.texts[row] = field;
    return;
  }
  std::int64_t integer = 0;
  double real = 0;
  COHORTIUM_CHECK(parse(field, column.type, integer, real));
  if (column.type == ValueType::kReal)
    column.reals[row] = real;
  else
    column.integers[row] = integer;
}

std::vector<Column> columns_of(const std::vector<TableText>& texts) {
  std::vector<Column> columns;
  for (const TableText& part : texts) {
    CsvReader csv(part.text(), part.file());
    if (columns.empty()) {
      for (const std::string& name : csv.header()) {
        if (std::any_of(columns.begin(), columns.end(), [&](const Column& other) { return other.name == name; }))
          throw Failure({.code = "data.ambiguous_column",
                         .message = fmt::format("the table has more than one column '{}'", name),
                         .where = fmt::format("{} ({})", part.file(), name),
                         .remedy = "give every column a name of its own"});
        columns.push_back({name});
      }
    }
    if (!std::equal(columns.begin(), columns.end(), csv.header().begin(), csv.header().end(),
                    [](const Column& column, const std::string& name) { return column.name == name; }))
      throw Failure({.code = "data.unreadable_file",
                     .message = "the file's columns are not those of the first file of its table",
                     .where = part.file() + ":1",
                     .remedy = "give all files of a table the same header"});
    while (csv.next())
      for (std::size_t i = 0; i < columns.size(); ++i)
        if (const std::string_view field = csv.fields()[i]; !field.empty() && columns[i].type != ValueType::kText)
          widen(columns[i], field);
  }
  return columns;
}

void append_rows(Database& database, const std::string& table, const std::vector<Column>& columns,
                 const std::vector<TableText>& texts) {
  Batch batch;
  const auto start = [&] {
    batch.rows = 0;
    batch.columns.resize(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      batch.columns[i].type = columns[i].type;
      batch.columns[i].resize(kRowsPerBatch);
    }
  };
  const auto flush = [&] {
    for (BatchColumn& column : batch.columns) column.missing.resize(batch.rows);
    database.append("file", table, batch);
    start();
  };
  start();
  for (const TableText& part : texts) {
    CsvReader csv(part.text(), part.file());
    while (csv.next()) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string_view field = csv.fields()[i];
        if (field.empty())
          batch.columns[i].missing[batch.rows] = 1;
        else
          put(field, batch.columns[i], batch.rows);
      }
      if (++batch.rows == kRowsPerBatch) flush();
    }
  }
  flush();
}

// The rows go into a table of its own; the view over it gives a column without any value no type at all.
void add_csv_table(Database& database, const std::string& table, const std::vector<fs::path>& files,
                   const LoadLimits& limits) {
  std::vector<TableText> texts;
  for (const fs::path& file : files) texts.emplace_back(file, limits.file_bytes);
  std::vector<Column> columns = columns_of(texts);
  std::string types, view;
  for (Column& column : columns) {
    if (!column.has_values) column.type = ValueType::kText;
    const std::string name = sql_name(column.name), comma = types.empty() ? "" : ", ";
    types += comma + name + " " + sql_type(column);
    view += comma + (column.has_values ? name : "NULL AS " + name);
  }
  database.execute(fmt::format("CREATE TABLE file.{} ({})", sql_name(table), types));
  append_rows(database, table, columns, texts);
  database.execute(fmt::format("CREATE VIEW main.{0} AS SELECT {1} FROM file.{0}", sql_name(table), view));
}

void add_parquet_view(Database& database, const std::string& table, const std::vector<fs::path>& files) {
  const auto done = attempt([&] {
    database.execute(fmt::format("CREATE VIEW main.{} AS SELECT * FROM {}", sql_name(table), parquet_sql(files)));
    return true;
  });
  if (!done.ok())
    throw Failure({.code = "data.unreadable_file",
                   .message = "the file cannot be read as Parquet: " + done.error().message,
                   .where = files[0].filename().string(),
                   .remedy = "write the table again as Parquet or CSV"});
}

}  // namespace

void add_folder_tables(Database& database, const fs::path& folder, const LoadLimits& limits,
                       const std::vector<std::string>& only) {
  database.execute("CREATE SCHEMA file");
  std::vector<std::string> allowed;  // what may still be opened once the database is locked
  for (const std::string& table : table_names(folder)) {
    const auto is_table = [&](const std::string& name) { return ::strcasecmp(name.c_str(), table.c_str()) == 0; };
    if (!only.empty() && std::none_of(only.begin(), only.end(), is_table)) continue;
    const std::vector<fs::path> files = table_files(folder, table);
    if (is_parquet(files[0])) {
      add_parquet_view(database, table, files);
      for (const fs::path& file : files) allowed.push_back(sql_text(fs::absolute(file).string()));
    } else {
      add_csv_table(database, table, files, limits);
    }
  }
  database.execute(fmt::format("SET allowed_paths = [{}]", fmt::join(allowed, ", ")));
}

}  // namespace cohortium::data
