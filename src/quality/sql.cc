#include "quality/sql.h"

#include <fmt/format.h>

namespace cohortium::quality {

Count rows_where(const std::string& from, const std::string& looked, const std::string& violated) {
  return {from, fmt::format("count(CASE WHEN {} THEN 1 END)", looked),
          fmt::format("count(CASE WHEN ({}) AND ({}) THEN 1 END)", looked, violated)};
}

Count rows_apart(const std::string& from, const std::string& looked, const std::string& violated) {
  return {fmt::format("(SELECT (SELECT count(*) FROM {0} WHERE {1}) AS looked, "
                      "(SELECT count(*) FROM {0} WHERE ({1}) AND ({2})) AS violated) x",
                      from, looked, violated),
          "max(x.looked)", "max(x.violated)"};
}

Count repeated_rows(const std::string& table, const std::vector<std::string>& columns) {
  return {fmt::format("(SELECT count(*) AS n FROM {} GROUP BY {}) x", table, fmt::join(columns, ", ")),
          "coalesce(sum(x.n), 0)", "coalesce(sum(x.n - 1), 0)"};
}

}  // namespace cohortium::quality
