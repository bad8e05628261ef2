// The rows of a SELECT as records: what a site's own database has joined and counted, column by column as declared.
#pragma once

#include <memory>
#include <string>

#include "data/records.h"
#include "data/source_table.h"

namespace cohortium::data {

// Column i of the query is the declared column i; its name there does not matter. The query must give its rows in one
// order, and the first columns are the declared ones once `edit` has been at a row. `source` outlives the records. Fails with data.source_failed.
std::unique_ptr<Records> query_records(Source& source, std::string sql, const TableDeclaration& declaration,
                                       EditRow edit);

}  // namespace cohortium::data
