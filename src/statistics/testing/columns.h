// Declared columns for tests.
#pragma once

#include <string>
#include <vector>

#include "data/table.h"

namespace cohortium::statistics {

inline data::ColumnDeclaration number(const std::string& name, double low, double high) {
  data::ColumnDeclaration column;
  column.name = name;
  column.low = low;
  column.high = high;
  return column;
}

// Its levels' labels are their codes.
inline data::ColumnDeclaration category(const std::string& name, const std::vector<std::string>& levels) {
  data::ColumnDeclaration column;
  column.name = name;
  column.type = data::ColumnType::kCategory;
  for (const std::string& level : levels) column.levels.push_back({level, level});
  return column;
}

}  // namespace cohortium::statistics
