// The embedded DuckDB: a database in memory or in one file, which never touches the network, never loads an extension and
// never spills records to disk. Reads Parquet, evaluates row filters, and holds a site's tables.
//
// One statement per call; results arrive chunk by chunk as typed vectors. A statement that fails throws
// data.query_failed with DuckDB's own text, which may quote records: callers replace it before it leaves the site.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "data/batch.h"

namespace cohortium::data {

// The rows of a running query. `values`, `valid` and `text` speak of the current chunk.
class QueryResult {
 public:
  struct State;
  explicit QueryResult(std::unique_ptr<State> state);
  QueryResult(QueryResult&&) noexcept;
  ~QueryResult();

  std::size_t columns() const;
  std::string column_name(std::size_t column) const;
  // Moves to the next chunk; false after the last one.
  bool next();
  std::size_t rows() const;
  // The column's vector; T must be the C type of its SQL type (double for DOUBLE, bool for BOOLEAN).
  template <class T>
  std::span<const T> values(std::size_t column) const {
    return {static_cast<const T*>(data(column)), rows()};
  }
  bool valid(std::size_t column, std::size_t row) const;
  // For conversions that need DuckDB's own handles (duckdb_state.h).
  const State& state() const { return *state_; }
  std::string_view text(std::size_t column, std::size_t row) const;  // VARCHAR; a view into the chunk

 private:
  const void* data(std::size_t column) const;
  std::unique_ptr<State> state_;
};

// One column to append, NULL where the flag is set. Which span holds the values, and what they mean: see BatchColumn.
struct InputColumn {
  ValueType type;
  std::span<const std::int64_t> integers;
  std::span<const double> reals;
  std::span<const std::string> texts;
  std::span<const std::uint8_t> missing;
};

// Must be gone before main() returns: DuckDB keeps thread-local state that dies before objects of static storage.
class Database {
 public:
  struct Limits {
    unsigned threads = 1;
    std::string memory = "4GB";
  };
  enum class Access { kReadOnly, kWritable };
  explicit Database(const Limits& limits);  // in memory
  // A database file; a writable one is made where there is none. Fails with data.query_failed.
  Database(const std::filesystem::path& file, Access access, const Limits& limits);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  QueryResult query(const std::string& sql);
  // As query(), but refuses whatever is not exactly one SELECT.
  QueryResult select(const std::string& sql);
  void execute(const std::string& sql);
  // Appends equally long columns to a table, in order; values are cast to the types of its columns where these differ.
  void append(const std::string& schema, const std::string& table, std::span<const InputColumn> columns);
  void append(const std::string& schema, const std::string& table, const Batch& batch);
  // Ends the running statement with data.query_failed; from any thread.
  void interrupt();
  // From here on no other file can be opened and no setting changed.
  void lock();

 private:
  QueryResult run(const std::string& sql, bool only_select);
  struct State;
  std::unique_ptr<State> state_;
};

// 'text' and "name" with their quotes doubled.
std::string sql_text(std::string_view text);
std::string sql_name(std::string_view name);

}  // namespace cohortium::data
