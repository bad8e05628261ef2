// For tests of sources: a query's rows as text.
#pragma once

#include <string>
#include <vector>

#include "data/source.h"

namespace cohortium::data {

// All rows of a query, a line each: fields as in a file, "NULL" where missing.
inline std::vector<std::string> query_lines(Source& source, const std::string& sql) {
  const auto rows = source.query(sql);
  std::vector<std::string> lines;
  Batch batch;
  while (rows->next(batch)) {
    for (std::size_t row = 0; row < batch.rows; ++row) {
      std::string line;
      for (const BatchColumn& column : batch.columns)
        line += (&column == batch.columns.data() ? "" : "|") + (column.missing[row] != 0 ? "NULL" : column.text(row));
      lines.push_back(line);
    }
  }
  return lines;
}

}  // namespace cohortium::data
