#include "data/source.h"

#include "base/error.h"
#include "data/duckdb_source.h"
#include "data/folder_tables.h"
#include "data/odbc_source.h"
#include "data/postgresql_source.h"

namespace cohortium::data {
namespace {

std::unique_ptr<Source> open_folder(const SourceConfig& config) {
  auto database = std::make_unique<Database>(Database::Limits{.threads = config.threads, .memory = config.memory});
  add_folder_tables(*database, config.path, {.threads = config.threads, .memory = config.memory}, config.tables);
  return make_duckdb_source(std::move(database), config.schema, "the folder " + config.path.string());
}

std::unique_ptr<Source> open_duckdb_file(const SourceConfig& config) {
  auto database = attempt([&] {
    return std::make_unique<Database>(config.path, Database::Access::kReadOnly,
                                      Database::Limits{.threads = config.threads, .memory = config.memory});
  });
  if (!database.ok())
    throw Failure({.code = "data.source_failed",
                   .message = "the file cannot be opened as a DuckDB database: " + database.error().message,
                   .where = config.path.string(),
                   .remedy = "correct \"path\", or end the program that is writing to the file"});
  return make_duckdb_source(std::move(database).value(), config.schema, "the DuckDB file " + config.path.string());
}

}  // namespace

std::unique_ptr<Source> open_source(const SourceConfig& config) {
  switch (config.kind) {
    case SourceKind::kFolder:
      return open_folder(config);
    case SourceKind::kDuckDb:
      return open_duckdb_file(config);
    case SourceKind::kPostgreSql:
      return open_postgresql(config);
    case SourceKind::kOdbc:
      break;
  }
  return open_odbc(config);
}

std::string Source::quoted(const std::string& name) const { return sql_name(name); }

void make_room(Batch& batch, const std::vector<SourceColumn>& columns, std::size_t rows) {
  batch.columns.resize(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    batch.columns[i].type = columns[i].type;
    batch.columns[i].resize(rows);
  }
}

std::int64_t query_integer(Source& source, const std::string& sql) {
  const auto rows = source.query(sql);
  Batch batch;
  if (rows->columns().size() == 1 && rows->columns()[0].type == ValueType::kInteger && rows->next(batch) &&
      batch.rows == 1 && batch.columns[0].missing[0] == 0)
    return batch.columns[0].integers[0];
  throw Failure({.code = "data.source_failed",
                 .message = "the database does not answer with one whole number",
                 .where = "query",
                 .remedy = "cast the one column to a whole number"});
}

}  // namespace cohortium::data
