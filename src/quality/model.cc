#include "quality/model.h"

#include <algorithm>

#include "base/error.h"
#include "data/duckdb.h"

namespace cohortium::quality {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

}  // namespace

Model::Model(data::Source& source) : source_(source) {
  for (data::SourceTable& table : source.tables()) tables_.emplace(lower(table.name), std::move(table));
}

const data::SourceTable* Model::find(std::string_view table) const {
  const auto found = tables_.find(lower(table));
  return found == tables_.end() ? nullptr : &found->second;
}

const data::SourceColumn* Model::column(std::string_view table, std::string_view column) const {
  const data::SourceTable* found = find(table);
  if (found == nullptr) return nullptr;
  const auto match = std::find_if(found->columns.begin(), found->columns.end(),
                                  [&](const data::SourceColumn& each) { return lower(each.name) == lower(column); });
  return match == found->columns.end() ? nullptr : &*match;
}

std::string Model::sql(std::string_view table) const {
  const data::SourceTable* found = find(table);
  COHORTIUM_CHECK(found != nullptr);
  return source_.table_name(found->name);
}

std::string Model::sql(std::string_view table, std::string_view column_name) const {
  const data::SourceColumn* found = column(table, column_name);
  COHORTIUM_CHECK(found != nullptr);
  return data::sql_name(found->name);
}

bool fits(const data::SourceColumn& column, Holds holds) {
  using enum data::ValueType;
  if (column.database_type == "\"NULL\"") return true;  // DuckDB's name of the type of a column of empty fields
  switch (holds) {
    case Holds::kKey:
    case Holds::kReference:
    case Holds::kConcept:
      return column.type == kInteger;
    case Holds::kWhole:
    case Holds::kNumber:
      return column.type == kInteger || column.type == kReal;
    case Holds::kDate:
      return column.type == kDate || column.type == kTimestamp;
    case Holds::kText:
      break;
  }
  return true;
}

}  // namespace cohortium::quality
