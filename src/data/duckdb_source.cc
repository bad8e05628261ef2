#include "data/duckdb_source.h"

#include <fmt/format.h>

#include "base/error.h"
#include "data/duckdb_rows.h"

namespace cohortium::data {
namespace {

// DuckDB's own words, under the code that all sources share.
template <class Body>
auto as_source(Body body) {
  auto result = attempt(body);
  if (result.ok()) return std::move(result).value();
  Error error = result.error();
  if (error.code == "data.query_failed") error.code = "data.source_failed";
  throw Failure(std::move(error));
}

class CheckedRows : public Rows {
 public:
  explicit CheckedRows(std::unique_ptr<Rows> rows) : rows_(std::move(rows)) {}
  const std::vector<SourceColumn>& columns() const override { return rows_->columns(); }
  bool next(Batch& batch) override {
    return as_source([&] { return rows_->next(batch); });
  }

 private:
  std::unique_ptr<Rows> rows_;
};

class DuckDbSource : public Source {
 public:
  DuckDbSource(std::unique_ptr<Database> database, std::string schema, std::string description)
      : database_(std::move(database)),
        schema_(schema.empty() ? "main" : std::move(schema)),
        description_(std::move(description)) {
    database_->lock();
  }

  Dialect dialect() const override { return Dialect::kDuckDb; }
  std::string description() const override { return description_; }
  std::string table_name(const std::string& table) const override { return sql_name(schema_) + "." + sql_name(table); }
  void cancel() noexcept override { database_->interrupt(); }

  std::unique_ptr<Rows> query(const std::string& sql) override {
    return std::make_unique<CheckedRows>(as_source([&] { return make_duckdb_rows(database_->select(sql)); }));
  }

  std::vector<SourceTable> tables() override {
    std::vector<SourceTable> tables;
    const auto rows = query(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal AND "
        "database_name = current_database() AND schema_name = " +
        sql_text(schema_) + " ORDER BY table_name, column_index");
    Batch batch;
    while (rows->next(batch)) {
      for (std::size_t row = 0; row < batch.rows; ++row) {
        const std::string table = batch.columns[0].texts[row];
        if (tables.empty() || tables.back().name != table) tables.push_back({table, {}});
        tables.back().columns.push_back({batch.columns[1].texts[row], ValueType::kText, batch.columns[2].texts[row]});
      }
    }
    for (SourceTable& table : tables) keep_readable(table);
    return tables;
  }

 private:
  // Gives the columns their types, and leaves out those that cannot be read.
  void keep_readable(SourceTable& table) {
    const auto types = as_source([&] {
      return value_types(database_->select(fmt::format("SELECT * FROM {} LIMIT 0", table_name(table.name))));
    });
    std::vector<SourceColumn> columns;
    for (std::size_t i = 0; i < types.size() && i < table.columns.size(); ++i) {
      if (!types[i]) continue;
      columns.push_back(std::move(table.columns[i]));
      columns.back().type = *types[i];
    }
    table.columns = std::move(columns);
  }

  std::unique_ptr<Database> database_;
  std::string schema_, description_;
};

}  // namespace

std::unique_ptr<Source> make_duckdb_source(std::unique_ptr<Database> database, std::string schema,
                                           std::string description) {
  return std::make_unique<DuckDbSource>(std::move(database), std::move(schema), std::move(description));
}

}  // namespace cohortium::data
