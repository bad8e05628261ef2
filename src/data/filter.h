// The row filter of a study: one SQL expression over declared columns.
//
// It is never executed as written. DuckDB parses it; every node of the tree must be on a short list and fit the types
// of the columns; what runs is text printed anew from that tree, in which a column is "c0", "c1", … and a constant is a
// literal of our own making. A sub-query, another table or a function that reads files or settings has no way to be
// printed, so it cannot run. See docs/data.md for the language.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data/column_reader.h"
#include "data/duckdb.h"
#include "data/source.h"
#include "data/table.h"

namespace cohortium::data {

struct Filter {
  std::string sql;                   // over columns "c<i>", i the index in the declaration; empty: every row
  std::vector<std::size_t> columns;  // indices of the columns it reads, ascending
};

// Fails with data.bad_filter.
Filter compile_filter(const TableDeclaration& declaration, Database& database);

// The parts of the filter, joined by AND, that a database evaluates as DuckDB does and that cannot fail there: over
// columns "c<i>" of doubles and texts, in which no value is NaN. Rows for which one is not true are not selected; all
// others may be. Fails with data.bad_filter.
std::vector<std::string> pushed_conditions(const TableDeclaration& declaration, Database& database, Dialect dialect);

// One flag per row: 1 where the expression is true. `readers` are in the order of the declaration and were told which
// of them are in the filter. Fails with data.bad_filter.
std::vector<std::uint8_t> select_rows(const Filter& filter, const std::vector<ColumnReader>& readers,
                                      Database& database);

}  // namespace cohortium::data
