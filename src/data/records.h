// The records of one table file as rows of text, whatever the file's format.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/column_reader.h"
#include "data/row_names.h"
#include "data/table.h"

namespace cohortium::data {

// A field of the file, for an error that stays at the site.
struct Place {
  std::string where;  // "lung.csv:17:4 (age)" or "lung.parquet:row 16 (age)"
  std::string value;
};

class Records {
 public:
  virtual ~Records() = default;
  // Feeds every record's fields, in order, to `readers`: reader i receives the column of its declared name; and what
  // identifies it to `names`, where rows are to be named.
  virtual void read(std::vector<ColumnReader>& readers, RowNames& names) = 0;
  // The field of row `row` (from 0, in the order read) of the column `name`.
  virtual Place place(std::size_t row, const std::string& name) = 0;
};

// Where each declared column stands among the columns `names` of a file or table, `where`. Fails with
// data.unknown_column, data.ambiguous_column.
std::vector<std::size_t> column_positions(const TableDeclaration& declaration, const std::vector<std::string>& names,
                                          const std::string& where);

// Finds FOLDER/TABLE.csv, .csv.gz or .parquet and opens it, after checking that every declared column is there.
// Fails with data.missing_file, data.ambiguous_file, data.unreadable_file, data.unknown_column, data.ambiguous_column.
std::unique_ptr<Records> open_records(const std::filesystem::path& folder, const TableDeclaration& declaration,
                                      const LoadLimits& limits, const RowNaming& naming);

}  // namespace cohortium::data
