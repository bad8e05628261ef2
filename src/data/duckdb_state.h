// What stands behind duckdb.h: the C handles, for the sources of this folder that need them.
#pragma once

#include <duckdb.h>

#include <memory>

#include "data/duckdb.h"

namespace cohortium::data {

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

}  // namespace cohortium::data
