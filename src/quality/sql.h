// Aggregates that DuckDB and PostgreSQL write alike. For .cc files of this folder only.
#pragma once

#include <string>
#include <vector>

#include "quality/check.h"

namespace cohortium::quality {

// Conditions on a row of `from`. Counts over the same `from` share one scan of the table.
Count rows_where(const std::string& from, const std::string& looked, const std::string& violated);
// The same for conditions that ask other tables: each in a WHERE of its own, where databases turn EXISTS into a join.
Count rows_apart(const std::string& from, const std::string& looked, const std::string& violated);
// Rows that repeat an earlier one in all of these columns (quoted).
Count repeated_rows(const std::string& table, const std::vector<std::string>& columns);

}  // namespace cohortium::quality
