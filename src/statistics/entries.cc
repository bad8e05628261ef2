#include "statistics/entries.h"

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace cohortium::statistics {
namespace {

const char* name_of(data::ColumnType type) {
  switch (type) {
    case data::ColumnType::kNumber:
      return "number";
    case data::ColumnType::kDuration:
      return "duration";
    case data::ColumnType::kEvent:
      return "event";
    case data::ColumnType::kCategory:
      return "category";
  }
  return "";
}

}  // namespace

const data::ColumnDeclaration& EntryContext::column(const std::string& field, const std::string& name,
                                                    data::ColumnType type) const {
  const data::ColumnDeclaration& column = any_column(field, name);
  if (column.type == type) return column;
  throw Failure({.code = "study.wrong_column_type",
                 .message = "column \"" + name + "\" is a " + name_of(column.type) + ", but a " + name_of(type) +
                            " is needed here",
                 .where = at(field),
                 .remedy = "name a column of type " + std::string(name_of(type))});
}

const data::ColumnDeclaration& EntryContext::any_column(const std::string& field, const std::string& name) const {
  for (const auto& column : columns) {
    if (column.name == name) return column;
  }
  std::string declared;
  for (const auto& column : columns) declared += (declared.empty() ? "" : ", ") + column.name;
  throw Failure({.code = "study.unknown_column",
                 .message = "column \"" + name + "\" is not declared in the study",
                 .where = path + "/" + field,
                 .remedy = "declare it in data/columns, or use one of: " + declared});
}

Grouping EntryContext::grouping() const { return grouping("by", entry.by); }

Grouping EntryContext::grouping(const std::string& field, const std::vector<std::string>& names) const {
  std::vector<data::ColumnDeclaration> levels;
  std::size_t size = 1;
  for (const std::string& name : names) {
    levels.push_back(column(field, name, data::ColumnType::kCategory));
    size *= levels.back().levels.size();
    if (size > 1'000'000) {
      throw Failure({.code = "study.too_many_groups",
                     .message = "the grouping columns span more than 1,000,000 groups",
                     .where = path + "/" + field,
                     .remedy = "group by fewer columns or levels"});
    }
  }
  return Grouping(std::move(levels));
}

std::string below_minimum(const mpc::ReleaseRule& rule) {
  return rule.minimum_cell == 1 ? "nobody" : "fewer than " + std::to_string(rule.minimum_cell) + " people";
}

std::string minimum_cell_rule(const mpc::ReleaseRule& rule) {
  return "minimum cell size " + std::to_string(rule.minimum_cell) + " of the study";
}

nlohmann::json to_json(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

nlohmann::json count_json(const std::optional<double>& count) {
  return count ? nlohmann::json(static_cast<std::uint64_t>(*count)) : nlohmann::json(nullptr);
}

nlohmann::json count_json(const std::optional<mpc::u128>& count) {
  return count ? nlohmann::json(static_cast<std::uint64_t>(*count)) : nlohmann::json(nullptr);
}

std::vector<std::optional<double>> shown_counts(const mpc::ReleasedCells& cells, const mpc::ReleaseRule& rule) {
  std::vector<std::optional<double>> counts(cells.people.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (cells.people[i]) counts[i] = to_double(*cells.people[i]);
    if (!cells.passed[i] && rule.minimum_cell == 1) counts[i] = 0;
  }
  return counts;
}

std::vector<mpc::u128> count_rows(const Grouping& grouping, const data::Table& table) {
  const RowGroups groups(grouping, table);
  std::vector<mpc::u128> counts(grouping.size() + 1);
  for (std::size_t row = 0; row < table.rows; ++row) counts[groups[row]] += 1;
  counts.pop_back();  // rows that belong to no group
  return counts;
}

nlohmann::json names_of(const std::vector<data::ColumnDeclaration>& columns) {
  nlohmann::json names = nlohmann::json::array();
  for (const auto& column : columns) names.push_back(column.name);
  return names;
}

std::string percent(double confidence) { return nlohmann::json(100 * confidence).dump() + "%"; }

double to_double(mpc::u128 count) { return static_cast<double>(count); }

}  // namespace cohortium::statistics
