#include "data/duckdb.h"

#include <duckdb.h>

#include <algorithm>
#include <vector>

#include "base/error.h"

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

struct QueryResult::State {
  duckdb_prepared_statement statement = nullptr;
  duckdb_result result{};
  duckdb_data_chunk chunk = nullptr;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    duckdb_destroy_data_chunk(&chunk);
    duckdb_destroy_result(&result);
    duckdb_destroy_prepare(&statement);
  }
  duckdb_vector vector(std::size_t column) const { return duckdb_data_chunk_get_vector(chunk, column); }
};

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

Database::Database(const Limits& limits) : state_(std::make_unique<State>()) {
  duckdb_config config = nullptr;
  duckdb_create_config(&config);
  const std::pair<const char*, std::string> settings[] = {{"threads", std::to_string(limits.threads)},
                                                          {"memory_limit", limits.memory},
                                                          {"temp_directory", ""},
                                                          {"autoinstall_known_extensions", "false"},
                                                          {"autoload_known_extensions", "false"},
                                                          {"allow_community_extensions", "false"},
                                                          {"allow_unsigned_extensions", "false"},
                                                          {"preserve_insertion_order", "true"}};
  for (const auto& [name, value] : settings) duckdb_set_config(config, name, value.c_str());
  char* error = nullptr;
  const bool opened = duckdb_open_ext(nullptr, &state_->database, config, &error) == DuckDBSuccess;
  duckdb_destroy_config(&config);
  const std::string reason = error != nullptr ? error : "the embedded database does not open";
  duckdb_free(error);
  if (!opened || duckdb_connect(state_->database, &state_->connection) != DuckDBSuccess) fail(reason.c_str());
}

Database::~Database() = default;

QueryResult Database::query(const std::string& sql) {
  auto state = std::make_unique<QueryResult::State>();
  if (duckdb_prepare(state_->connection, sql.c_str(), &state->statement) != DuckDBSuccess)
    fail(duckdb_prepare_error(state->statement));
  if (duckdb_execute_prepared_streaming(state->statement, &state->result) != DuckDBSuccess)
    fail(duckdb_result_error(&state->result));
  return QueryResult(std::move(state));
}

void Database::execute(const std::string& sql) {
  QueryResult result = query(sql);
  while (result.next()) {
  }
}

void Database::lock() {
  execute("SET enable_external_access = false");
  execute("SET lock_configuration = true");
}

namespace {

void fill(duckdb_vector vector, const InputColumn& column, std::size_t first, std::size_t rows) {
  if (!column.numbers.empty()) {
    std::copy_n(column.numbers.data() + first, rows, static_cast<double*>(duckdb_vector_get_data(vector)));
  } else {
    for (std::size_t i = 0; i < rows; ++i) {
      const std::string& text = column.texts[first + i];
      duckdb_vector_assign_string_element_len(vector, i, text.data(), text.size());
    }
  }
  duckdb_vector_ensure_validity_writable(vector);
  std::uint64_t* validity = duckdb_vector_get_validity(vector);
  for (std::size_t i = 0; i < rows; ++i) duckdb_validity_set_row_validity(validity, i, column.missing[first + i] == 0);
}

}  // namespace

void Database::append(const std::string& table, std::span<const InputColumn> columns) {
  struct Writer {  // owns the C handles, so that a failure half-way frees them
    duckdb_appender appender = nullptr;
    duckdb_data_chunk chunk = nullptr;
    ~Writer() {
      duckdb_destroy_data_chunk(&chunk);
      duckdb_appender_destroy(&appender);
    }
  } writer;
  if (duckdb_appender_create(state_->connection, nullptr, table.c_str(), &writer.appender) != DuckDBSuccess)
    fail(duckdb_appender_error(writer.appender));
  std::vector<duckdb_logical_type> types;
  for (const InputColumn& column : columns)
    types.push_back(duckdb_create_logical_type(column.numbers.empty() ? DUCKDB_TYPE_VARCHAR : DUCKDB_TYPE_DOUBLE));
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

}  // namespace cohortium::data
