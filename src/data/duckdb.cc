#include "data/duckdb.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "data/duckdb_state.h"

namespace cohortium::data {
namespace {

[[noreturn]] void fail(const char* text) {
  throw Failure({.code = "data.query_failed",
                 .message = text != nullptr ? text : "the embedded database refused the statement",
                 .remedy = "see the site's own log"});
}

std::string quoted(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote) result += quote;
    result += c;
  }
  return result += quote;
}

}  // namespace

std::string sql_text(std::string_view text) { return quoted(text, '\''); }
std::string sql_name(std::string_view name) { return quoted(name, '"'); }

QueryResult::QueryResult(std::unique_ptr<State> state) : state_(std::move(state)) {}
QueryResult::QueryResult(QueryResult&&) noexcept = default;
QueryResult::~QueryResult() = default;

std::size_t QueryResult::columns() const { return duckdb_column_count(&state_->result); }

std::string QueryResult::column_name(std::size_t column) const { return duckdb_column_name(&state_->result, column); }

bool QueryResult::next() {
  do {
    duckdb_destroy_data_chunk(&state_->chunk);
    state_->chunk = duckdb_fetch_chunk(state_->result);
  } while (state_->chunk != nullptr && rows() == 0);
  if (state_->chunk != nullptr) return true;
  if (const char* error = duckdb_result_error(&state_->result); error != nullptr && *error != '\0') fail(error);
  return false;
}

std::size_t QueryResult::rows() const { return duckdb_data_chunk_get_size(state_->chunk); }

const void* QueryResult::data(std::size_t column) const { return duckdb_vector_get_data(state_->vector(column)); }

bool QueryResult::valid(std::size_t column, std::size_t row) const {
  std::uint64_t* validity = duckdb_vector_get_validity(state_->vector(column));
  return validity == nullptr || duckdb_validity_row_is_valid(validity, row);
}

std::string_view QueryResult::text(std::size_t column, std::size_t row) const {
  auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(state_->vector(column)));
  return {duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
}

struct Database::State {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    duckdb_disconnect(&connection);
    duckdb_close(&database);
  }
};

Database::Database(const Limits& limits) : Database("", Access::kWritable, limits) {}

Database::Database(const std::filesystem::path& file, Access access, const Limits& limits)
    : state_(std::make_unique<State>()) {
  duckdb_config config = nullptr;
  duckdb_create_config(&config);
  const std::pair<const char*, std::string> settings[] = {{"threads", std::to_string(limits.threads)},
                                                          {"memory_limit", limits.memory},
                                                          {"temp_directory", ""},
                                                          {"autoinstall_known_extensions", "false"},
                                                          {"autoload_known_extensions", "false"},
                                                          {"allow_community_extensions", "false"},
                                                          {"allow_unsigned_extensions", "false"},
                                                          {"preserve_insertion_order", "true"},
                                                          {"access_mode", access == Access::kReadOnly ? "READ_ONLY"
                                                                          : file.empty()              ? "AUTOMATIC"
                                                                                                      : "READ_WRITE"}};
  for (const auto& [name, value] : settings) duckdb_set_config(config, name, value.c_str());
  char* error = nullptr;
  const bool opened =
      duckdb_open_ext(file.empty() ? nullptr : file.c_str(), &state_->database, config, &error) == DuckDBSuccess;
  duckdb_destroy_config(&config);
  const std::string reason = error != nullptr ? error : "the embedded database does not open";
  duckdb_free(error);
  if (!opened || duckdb_connect(state_->database, &state_->connection) != DuckDBSuccess) fail(reason.c_str());
}

Database::~Database() = default;

QueryResult Database::query(const std::string& sql) { return run(sql, false); }
QueryResult Database::select(const std::string& sql) { return run(sql, true); }

QueryResult Database::run(const std::string& sql, bool only_select) {
  auto state = std::make_unique<QueryResult::State>();
  if (duckdb_prepare(state_->connection, sql.c_str(), &state->statement) != DuckDBSuccess)
    fail(duckdb_prepare_error(state->statement));
  if (only_select && duckdb_prepared_statement_type(state->statement) != DUCKDB_STATEMENT_TYPE_SELECT)
    fail("only one SELECT is allowed here");
  if (duckdb_execute_prepared_streaming(state->statement, &state->result) != DuckDBSuccess)
    fail(duckdb_result_error(&state->result));
  return QueryResult(std::move(state));
}

void Database::execute(const std::string& sql) {
  QueryResult result = query(sql);
  while (result.next()) {
  }
}

void Database::interrupt() { duckdb_interrupt(state_->connection); }

void Database::lock() {
  execute("SET enable_external_access = false");
  execute("SET lock_configuration = true");
}

namespace {

duckdb_type type_of(ValueType type) {
  switch (type) {
    case ValueType::kInteger:
      return DUCKDB_TYPE_BIGINT;
    case ValueType::kReal:
      return DUCKDB_TYPE_DOUBLE;
    case ValueType::kText:
      return DUCKDB_TYPE_VARCHAR;
    case ValueType::kDate:
      return DUCKDB_TYPE_DATE;
    case ValueType::kTimestamp:
      return DUCKDB_TYPE_TIMESTAMP;
    case ValueType::kBoolean:
      break;
  }
  return DUCKDB_TYPE_BOOLEAN;
}

// Days since 1970-01-01 beyond what DuckDB's dates hold would wrap around.
std::int32_t date_of(std::int64_t days) {
  const auto date = static_cast<std::int32_t>(days);
  if (date != days) fail("a date lies outside the range of dates");
  return date;
}

template <class T, class From>
void copy_values(duckdb_vector vector, std::span<const From> from, T (*convert)(From)) {
  std::transform(from.begin(), from.end(), static_cast<T*>(duckdb_vector_get_data(vector)), convert);
}

void fill(duckdb_vector vector, const InputColumn& column, std::size_t first, std::size_t rows) {
  if (column.type == ValueType::kReal) {
    std::copy_n(column.reals.data() + first, rows, static_cast<double*>(duckdb_vector_get_data(vector)));
  } else if (column.type == ValueType::kText) {
    for (std::size_t i = 0; i < rows; ++i) {
      const std::string& text = column.texts[first + i];
      duckdb_vector_assign_string_element_len(vector, i, text.data(), text.size());
    }
  } else if (column.type == ValueType::kDate) {
    copy_values<std::int32_t>(vector, column.integers.subspan(first, rows), date_of);
  } else if (column.type == ValueType::kBoolean) {
    copy_values<bool>(
        vector, column.integers.subspan(first, rows), +[](std::int64_t value) { return value != 0; });
  } else {
    std::copy_n(column.integers.data() + first, rows, static_cast<std::int64_t*>(duckdb_vector_get_data(vector)));
  }
  duckdb_vector_ensure_validity_writable(vector);
  std::uint64_t* validity = duckdb_vector_get_validity(vector);
  for (std::size_t i = 0; i < rows; ++i) duckdb_validity_set_row_validity(validity, i, column.missing[first + i] == 0);
}

}  // namespace

void Database::append(const std::string& schema, const std::string& table, std::span<const InputColumn> columns) {
  struct Writer {  // owns the C handles, so that a failure half-way frees them
    duckdb_appender appender = nullptr;
    duckdb_data_chunk chunk = nullptr;
    ~Writer() {
      duckdb_destroy_data_chunk(&chunk);
      duckdb_appender_destroy(&appender);
    }
  } writer;
  if (duckdb_appender_create(state_->connection, schema.c_str(), table.c_str(), &writer.appender) != DuckDBSuccess)
    fail(duckdb_appender_error(writer.appender));
  std::vector<duckdb_logical_type> types;
  for (const InputColumn& column : columns) types.push_back(duckdb_create_logical_type(type_of(column.type)));
  writer.chunk = duckdb_create_data_chunk(types.data(), types.size());
  for (duckdb_logical_type& type : types) duckdb_destroy_logical_type(&type);

  const std::size_t total = columns.empty() ? 0 : columns[0].missing.size();
  const std::size_t capacity = duckdb_vector_size();
  for (std::size_t first = 0; first < total; first += capacity) {
    const std::size_t rows = std::min(capacity, total - first);
    duckdb_data_chunk_reset(writer.chunk);
    for (std::size_t i = 0; i < columns.size(); ++i)
      fill(duckdb_data_chunk_get_vector(writer.chunk, i), columns[i], first, rows);
    duckdb_data_chunk_set_size(writer.chunk, rows);
    if (duckdb_append_data_chunk(writer.appender, writer.chunk) != DuckDBSuccess)
      fail(duckdb_appender_error(writer.appender));
  }
  if (duckdb_appender_close(writer.appender) != DuckDBSuccess) fail(duckdb_appender_error(writer.appender));
}

void Database::append(const std::string& schema, const std::string& table, const Batch& batch) {
  std::vector<InputColumn> columns;
  for (const BatchColumn& column : batch.columns)
    columns.push_back({column.type, column.integers, column.reals, column.texts, column.missing});
  append(schema, table, columns);
}

}  // namespace cohortium::data
