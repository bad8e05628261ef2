// The embedded DuckDB: an in-memory database that never touches the network, never loads an extension and never spills
// records to disk. Reads Parquet and evaluates row filters.
//
// One statement per call; results arrive chunk by chunk as typed vectors. A statement that fails throws
// data.query_failed with DuckDB's own text, which may quote records: callers replace it before it leaves the site.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

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
  std::string_view text(std::size_t column, std::size_t row) const;  // VARCHAR; a view into the chunk

 private:
  const void* data(std::size_t column) const;
  std::unique_ptr<State> state_;
};

// One column to append: numbers (DOUBLE) or texts (VARCHAR), NULL where the flag is set.
struct InputColumn {
  std::span<const double> numbers;
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
  explicit Database(const Limits& limits);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  QueryResult query(const std::string& sql);
  void execute(const std::string& sql);
  // Appends equally long columns to a table of the matching types, in order.
  void append(const std::string& table, std::span<const InputColumn> columns);
  // From here on no file can be opened and no setting changed.
  void lock();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// 'text' and "name" with their quotes doubled.
std::string sql_text(std::string_view text);
std::string sql_name(std::string_view name);

}  // namespace cohortium::data
