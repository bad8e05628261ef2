// A study's table out of any source: the columns and what can be of the filter are the database's work, every check on
// values is the same as for files (table.h).
#pragma once

#include <functional>

#include "data/source.h"
#include "data/table.h"

namespace cohortium::data {

// Fails as load_table() for folders does, and with data.missing_table and data.source_failed. The place of a fault is
// "lung:row 17 (age)", the row as the database delivered it.
Table load_table(Source& source, const TableDeclaration& declaration, const LoadLimits& limits = {},
                 const RowNaming& naming = {});

// Changes the fields of a row (from 0) of a query before they are read; may throw what is wrong with them.
using EditRow = std::function<void(std::size_t row, std::vector<std::string>& fields)>;

// Of a SELECT that the caller has built: column i is the declared column i, once `edit` has been at the row, and the rows
// come in one order; further columns are for `edit` alone, and where rows are to be named, the last one is what identifies
// the row (row_text_sql). `where` is applied to the rows here. The place of a fault is "cohort:row 17 (age)".
Table load_query(Source& source, const std::string& sql, const TableDeclaration& declaration,
                 const LoadLimits& limits = {}, const EditRow& edit = {}, const RowNaming& naming = {});

// From whatever the configuration names.
Table load_table(const SourceConfig& config, const TableDeclaration& declaration, const LoadLimits& limits = {},
                 const RowNaming& naming = {});

}  // namespace cohortium::data
