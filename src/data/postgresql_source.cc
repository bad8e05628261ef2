#include "data/postgresql_source.h"

#include <fmt/format.h>

#include <atomic>

#include "base/error.h"
#include "data/binary_copy.h"
#include "data/duckdb.h"
#include "data/postgresql_connection.h"

namespace cohortium::data {
namespace {

constexpr std::size_t kRowsPerBatch = 8192, kBytesPerBatch = std::size_t{8} << 20;

// A transaction that only reads, ended whatever happens.
class ReadOnly {
 public:
  explicit ReadOnly(PostgreSqlConnection& connection) : connection_(connection) {
    connection_.execute("BEGIN READ ONLY");
  }
  ~ReadOnly() {
    attempt([&] { return connection_.rows("ROLLBACK"); });  // a connection that is gone says so at the next statement
  }
  ReadOnly(const ReadOnly&) = delete;
  ReadOnly& operator=(const ReadOnly&) = delete;

 private:
  PostgreSqlConnection& connection_;
};

class PostgreSqlRows : public Rows {
 public:
  PostgreSqlRows(PostgreSqlConnection& connection, std::atomic<bool>& busy, std::vector<SourceColumn> columns,
                 std::vector<WireColumn> wire, const std::string& sql)
      : connection_(connection), busy_(busy), transaction_(connection), columns_(std::move(columns)), copy_(wire) {
    connection_.start_copy(sql);
    busy_ = true;
  }
  ~PostgreSqlRows() override {
    if (!done_) connection_.abandon_copy();
    busy_ = false;
  }

  const std::vector<SourceColumn>& columns() const override { return columns_; }

  bool next(Batch& batch) override {
    make_room(batch, columns_, kRowsPerBatch);
    std::size_t rows = 0, bytes = 0;
    while (!done_ && rows < kRowsPerBatch && bytes < kBytesPerBatch) {
      const std::string_view message = connection_.next_message();
      done_ = message.empty();
      if (done_ && !copy_.ended())
        throw Failure({.code = "data.source_failed",
                       .message = "the database server ends before the last row",
                       .where = "COPY",
                       .remedy = "look at the server's log, then run again"});
      if (!done_) rows += copy_.read(message, batch, rows) ? 1 : 0;
      bytes += message.size();
    }
    batch.rows = rows;
    for (BatchColumn& column : batch.columns) column.shrink(rows);
    return rows > 0;
  }

 private:
  PostgreSqlConnection& connection_;
  std::atomic<bool>& busy_;
  ReadOnly transaction_;
  std::vector<SourceColumn> columns_;
  BinaryCopy copy_;
  bool done_ = false;
};

// Anything by which the role could change what the database or its server holds, in words; nothing when there is none.
constexpr const char* kWaysToWrite = R"(
  SELECT way FROM (
    SELECT 1, 'it is, or may become, the superuser ' || rolname AS way
      FROM pg_catalog.pg_roles WHERE rolsuper AND pg_catalog.pg_has_role(oid, 'MEMBER')
    UNION ALL
    SELECT 2, 'it is a member of ' || rolname FROM pg_catalog.pg_roles
      WHERE rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_read_server_files',
                        'pg_execute_server_program') AND pg_catalog.pg_has_role(oid, 'MEMBER')
    UNION ALL
    SELECT 3, 'it may create roles or databases, or replicate' FROM pg_catalog.pg_roles
      WHERE rolname = current_user AND (rolcreaterole OR rolcreatedb OR rolreplication)
    UNION ALL
    SELECT 4, 'it may INSERT, UPDATE, DELETE or TRUNCATE in ' || c.oid::pg_catalog.regclass
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
        AND (pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
             OR pg_catalog.has_any_column_privilege(c.oid, 'INSERT, UPDATE'))
    UNION ALL
    SELECT 5, 'it may create tables in the schema ' || nspname FROM pg_catalog.pg_namespace
      WHERE nspname NOT LIKE 'pg\_%' AND pg_catalog.has_schema_privilege(oid, 'CREATE')
  ) AS ways(rank, way) ORDER BY rank, way LIMIT 1)";

class PostgreSqlSource : public Source {
 public:
  explicit PostgreSqlSource(const SourceConfig& config) : config_(config), connection_(config) { refuse_writers(); }

  Dialect dialect() const override { return Dialect::kPostgreSql; }
  std::string description() const override {
    return fmt::format("PostgreSQL {} at {}:{}, database {}, schema {}, as {}", connection_.server_version(),
                       config_.host, config_.port, config_.database, config_.schema, config_.user);
  }
  std::string table_name(const std::string& table) const override {
    return sql_name(config_.schema) + "." + sql_name(table);
  }
  void cancel() noexcept override { connection_.cancel(); }

  std::unique_ptr<Rows> query(const std::string& sql) override {
    COHORTIUM_CHECK(!busy_);
    const auto fields = connection_.describe(sql);
    if (fields.empty()) refuse("query", "only one SELECT with columns is allowed here", "write one SELECT");
    std::vector<SourceColumn> columns;
    std::vector<WireColumn> wire;
    for (const auto& field : fields) {
      const auto form = form_of(field);
      if (!form)
        refuse(field.name, "the column is of a type that cannot be read", "cast it to a number, a date or a text");
      columns.push_back({field.name, value_type(*form), name_of(value_type(*form))});
      wire.push_back({field.name, *form});
    }
    return std::make_unique<PostgreSqlRows>(connection_, busy_, std::move(columns), std::move(wire), sql);
  }

  std::vector<SourceTable> tables() override {
    std::vector<SourceTable> tables;
    for (const auto& row : connection_.rows(
             "SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_class c "
             "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
             "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
             "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') "
             "AND n.nspname = " +
             sql_text(config_.schema) + " ORDER BY c.relname, a.attnum")) {
      if (tables.empty() || tables.back().name != row[0]) tables.push_back({row[0], {}});
      tables.back().columns.push_back({row[1], ValueType::kText, row[2]});
    }
    for (SourceTable& table : tables) keep_readable(table);
    return tables;
  }

 private:
  [[noreturn]] static void refuse(const std::string& where, const std::string& what, const std::string& remedy) {
    throw Failure({.code = "data.source_failed", .message = what, .where = where, .remedy = remedy});
  }

  void refuse_writers() {
    const auto ways = connection_.rows(kWaysToWrite);
    if (ways.empty()) return;
    throw Failure({.code = "data.source_not_read_only",
                   .message = fmt::format("the role {} can do more than read: {}", config_.user, ways[0].at(0)),
                   .where = fmt::format("{}:{}/{}", config_.host, config_.port, config_.database),
                   .rule = "a node reads its records with a role that cannot change anything",
                   .remedy = fmt::format("make a role of its own: CREATE ROLE cohortium_reader LOGIN; GRANT USAGE ON "
                                         "SCHEMA {0} TO cohortium_reader; GRANT SELECT ON ALL TABLES IN SCHEMA {0} TO "
                                         "cohortium_reader; REVOKE CREATE ON SCHEMA public FROM PUBLIC",
                                         sql_name(config_.schema))});
  }

  // Types of the user's own: an enumeration and a citext send their text.
  std::optional<WireForm> form_of(const PostgreSqlConnection::Field& field) {
    if (const auto form = wire_form(field.type, field.modifier)) return form;
    const auto rows = connection_.rows(fmt::format(
        "SELECT 1 FROM pg_catalog.pg_type WHERE oid = {} AND (typtype = 'e' OR typname = 'citext')", field.type));
    return rows.empty() ? std::nullopt : std::optional(WireForm::kText);
  }

  // Gives the columns their types, and leaves out those that cannot be read.
  void keep_readable(SourceTable& table) {
    const auto fields = connection_.describe("SELECT * FROM " + table_name(table.name));
    std::vector<SourceColumn> columns;
    for (std::size_t i = 0; i < fields.size() && i < table.columns.size(); ++i) {
      const auto form = form_of(fields[i]);
      if (!form) continue;
      columns.push_back(std::move(table.columns[i]));
      columns.back().type = value_type(*form);
    }
    table.columns = std::move(columns);
  }

  const SourceConfig config_;
  PostgreSqlConnection connection_;
  std::atomic<bool> busy_{false};
};

}  // namespace

std::unique_ptr<Source> open_postgresql(const SourceConfig& config) {
  SourceConfig with_schema = config;
  if (with_schema.schema.empty()) with_schema.schema = "public";
  return std::make_unique<PostgreSqlSource>(with_schema);
}

}  // namespace cohortium::data
