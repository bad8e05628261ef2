#include "statistics/row_counts.h"

#include <algorithm>
#include <array>

namespace cohortium::statistics {

bool counts_rows(std::string_view kind) {
  static constexpr std::array<std::string_view, 3> kinds{"count", "table", "histogram"};
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

}  // namespace cohortium::statistics
