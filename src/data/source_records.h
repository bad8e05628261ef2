// The records of a table in a database, for load_table().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/records.h"
#include "data/source.h"

namespace cohortium::data {

// `conditions`: of the filter over columns `filter_columns`, as pushed_conditions() makes them. They are pushed down only
// where the database holds every filter column as what the filter takes it for, and every value can be read; otherwise
// all rows are read, and what is wrong with them is found here. Fails with data.missing_table, data.unknown_column,
// data.source_failed.
std::unique_ptr<Records> open_source_records(Source& source, const TableDeclaration& declaration,
                                             const std::vector<std::size_t>& filter_columns,
                                             const std::vector<std::string>& conditions, const RowNaming& naming);

}  // namespace cohortium::data
