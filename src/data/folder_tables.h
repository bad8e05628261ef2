// The table files of a folder as tables and views of an embedded database.
//
// A CSV file (TABLE.csv, TABLE.csv.gz) is read by our own strict scanner and loaded into memory; a column has the
// narrowest type that every one of its values has: whole numbers, numbers, dates, timestamps, text. Numbers with
// leading zeros are codes, thus text; a column without any value fits every comparison. A Parquet file is a view of the
// file, with the file's own types.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/duckdb.h"
#include "data/table.h"

namespace cohortium::data {

// Loads all tables, or those named in `only`. Fails with data.missing_file (no such folder), data.ambiguous_file, data.unreadable_file, data.ambiguous_column.
void add_folder_tables(Database& database, const std::filesystem::path& folder, const LoadLimits& limits,
                       const std::vector<std::string>& only = {});

}  // namespace cohortium::data
