#include "data/odbc_source.h"

#include <fmt/format.h>
#include <sql.h>
#include <sqlext.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "data/codes.h"
#include "data/duckdb.h"
#include "data/odbc_handle.h"

namespace cohortium::data {
namespace {

constexpr std::size_t kRowsPerBatch = 2048, kMostTextBytes = std::size_t{64} << 20, kInt64Digits = 18;

struct ColumnOfResult {
  SourceColumn column;
  bool wide = false;  // text that may not be ASCII
};

// The type of batch for a column; nothing for bytes, intervals and what the driver calls by names of its own.
std::optional<ColumnOfResult> result_column(const std::string& name, SQLSMALLINT type, SQLULEN size,
                                            SQLSMALLINT scale) {
  const auto make = [&](ValueType value, bool wide = false) {
    return ColumnOfResult{{name, value, fmt::format("{}", name_of(value))}, wide};
  };
  switch (type) {
    case SQL_BIT:
      return make(ValueType::kBoolean);
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT:
      return make(ValueType::kInteger);
    case SQL_NUMERIC:
    case SQL_DECIMAL:
      if (scale != 0 || size == 0) return make(ValueType::kReal);
      return make(size <= kInt64Digits ? ValueType::kInteger : ValueType::kText);
    case SQL_REAL:
    case SQL_FLOAT:
    case SQL_DOUBLE:
      return make(ValueType::kReal);
    case SQL_TYPE_DATE:
      return make(ValueType::kDate);
    case SQL_TYPE_TIMESTAMP:
      return make(ValueType::kTimestamp);
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_LONGVARCHAR:
    case SQL_WCHAR:
    case SQL_WVARCHAR:
    case SQL_WLONGVARCHAR:
    case SQL_GUID:
      return make(ValueType::kText, true);
    default:
      return std::nullopt;
  }
}

// Reads the driver's text as a value of the column's type; false when it is none.
bool put(std::string_view text, BatchColumn& into, std::size_t row) {
  switch (into.type) {
    case ValueType::kInteger: {
      const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), into.integers[row]);
      return error == std::errc{} && stop == text.data() + text.size();
    }
    case ValueType::kReal: {
      const auto number = parse_number(text);
      into.reals[row] = number.value_or(0);
      return number.has_value();
    }
    case ValueType::kDate:
      return parse_date(text, into.integers[row]);
    case ValueType::kTimestamp:
      return parse_timestamp(text, into.integers[row]);
    case ValueType::kBoolean:
      into.integers[row] = text == "1" || text == "t" || text == "true" ? 1 : 0;
      return into.integers[row] == 1 || text == "0" || text == "f" || text == "false";
    case ValueType::kText:
      break;
  }
  into.texts[row] = text;
  return true;
}

class OdbcRows : public Rows {
 public:
  OdbcRows(OdbcConnection& connection, const std::string& sql) : statement_(connection, sql) {
    for (SQLUSMALLINT i = 1; i <= statement_.columns(); ++i) {
      const auto described = statement_.describe(i);
      const auto column = result_column(described.name, described.type, described.size, described.scale);
      if (!column)
        throw Failure({.code = "data.source_failed",
                       .message = "the column is of a type that cannot be read",
                       .where = described.name,
                       .remedy = "cast it to a number, a date or a text"});
      columns_.push_back(column->column);
      wide_.push_back(column->wide);
    }
  }

  const std::vector<SourceColumn>& columns() const override { return columns_; }

  bool next(Batch& batch) override {
    make_room(batch, columns_, kRowsPerBatch);
    batch.rows = 0;
    while (batch.rows < kRowsPerBatch && statement_.fetch()) {
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        const bool present = statement_.read(static_cast<SQLUSMALLINT>(i + 1), wide_[i], kMostTextBytes, text_);
        if (!present)
          batch.columns[i].missing[batch.rows] = 1;
        else if (!put(text_, batch.columns[i], batch.rows))
          throw Failure({.code = "data.source_failed",
                         .message = fmt::format("the value '{}' is not of its column's type, {}", text_.substr(0, 60),
                                                name_of(columns_[i].type)),
                         .where = columns_[i].name,
                         .remedy = "correct the value, or cast the column to text"});
      }
      ++batch.rows;
    }
    for (BatchColumn& column : batch.columns) column.shrink(batch.rows);
    return batch.rows > 0;
  }

 private:
  OdbcStatement statement_;
  std::vector<SourceColumn> columns_;
  std::vector<bool> wide_;
  std::string text_;
};

// SELECT or WITH, and nothing behind it: ODBC has no way to ask a driver what a statement does.
bool looks_like_one_select(std::string_view sql) {
  sql.remove_prefix(std::min(sql.find_first_not_of(" \t\r\n("), sql.size()));
  std::string word(sql.substr(0, 6));
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::tolower(c); });
  if (word != "select" && !word.starts_with("with ")) return false;
  char quote = 0;
  for (const char c : sql) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == ';') {
      return false;
    }
  }
  return quote == 0;
}

class OdbcSource : public Source {
 public:
  explicit OdbcSource(const SourceConfig& config) : schema_(config.schema), connection_(config) {}

  Dialect dialect() const override { return Dialect::kOther; }
  bool proven_read_only() const override { return false; }
  std::string description() const override {
    return fmt::format("{} {} by ODBC{}", connection_.information(SQL_DBMS_NAME), connection_.information(SQL_DBMS_VER),
                       schema_.empty() ? "" : ", schema " + schema_);
  }
  std::string quoted(const std::string& name) const override {
    // Standard SQL doubles the quote. A database with another one, or with none (a blank), takes plain names only.
    const std::string quote = connection_.information(SQL_IDENTIFIER_QUOTE_CHAR);
    if (quote == "\"") return sql_name(name);
    const bool plain =
        std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    if (!plain)
      throw Failure({.code = "data.source_failed",
                     .message = "this database has no quotes for a name that is not letters, digits and underscores",
                     .where = name,
                     .remedy = "make a view with plain names"});
    return quote == " " ? name : quote + name + quote;
  }
  std::string table_name(const std::string& table) const override {
    return schema_.empty() ? quoted(table) : quoted(schema_) + "." + quoted(table);
  }
  void cancel() noexcept override { connection_.cancel(); }

  std::unique_ptr<Rows> query(const std::string& sql) override {
    if (!looks_like_one_select(sql))
      throw Failure({.code = "data.source_failed",
                     .message = "only one SELECT is allowed here",
                     .where = "query",
                     .remedy = "write one SELECT"});
    return std::make_unique<OdbcRows>(connection_, sql);
  }

  std::vector<SourceTable> tables() override {
    std::vector<SourceTable> tables;
    for (const std::string& name : connection_.table_names(schema_)) {
      SourceTable table{name, {}};
      OdbcStatement statement(connection_, "SELECT * FROM " + table_name(name) + " WHERE 1 = 0");
      for (SQLUSMALLINT i = 1; i <= statement.columns(); ++i) {
        const auto described = statement.describe(i);
        if (auto column = result_column(described.name, described.type, described.size, described.scale))
          table.columns.push_back(std::move(column->column));
      }
      tables.push_back(std::move(table));
    }
    return tables;
  }

 private:
  const std::string schema_;
  OdbcConnection connection_;
};

}  // namespace

std::unique_ptr<Source> open_odbc(const SourceConfig& config) { return std::make_unique<OdbcSource>(config); }

}  // namespace cohortium::data
