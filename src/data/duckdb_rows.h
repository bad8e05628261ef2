// The typed columns of a DuckDB query, as batches.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "data/duckdb.h"
#include "data/source.h"

namespace cohortium::data {

// Refuses a column of a type that no batch has (lists, intervals, bytes) with data.source_failed.
std::unique_ptr<Rows> make_duckdb_rows(QueryResult result);

// What type each column of the result would have; none where it would be refused.
std::vector<std::optional<ValueType>> value_types(const QueryResult& result);

}  // namespace cohortium::data
