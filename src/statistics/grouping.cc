#include "statistics/grouping.h"

#include <algorithm>

namespace cohortium::statistics {
namespace {

std::string join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

}  // namespace

Grouping::Grouping(std::vector<data::ColumnDeclaration> columns) : columns_(std::move(columns)) {
  for (const auto& column : columns_) size_ *= column.levels.size();
}

std::vector<std::string> Grouping::codes(std::size_t group) const {
  std::vector<std::string> codes(columns_.size());
  for (std::size_t i = columns_.size(); i-- > 0; group /= columns_[i].levels.size()) {
    codes[i] = columns_[i].levels[group % columns_[i].levels.size()].code;
  }
  return codes;
}

std::vector<std::string> Grouping::labels(std::size_t group) const {
  std::vector<std::string> labels(columns_.size());
  for (std::size_t i = columns_.size(); i-- > 0; group /= columns_[i].levels.size()) {
    labels[i] = columns_[i].levels[group % columns_[i].levels.size()].label;
  }
  return labels;
}

std::string Grouping::code(std::size_t group) const { return columns_.empty() ? "all" : join(codes(group), ", "); }
std::string Grouping::label(std::size_t group) const { return columns_.empty() ? "all" : join(labels(group), ", "); }

std::string Grouping::describe() const {
  std::vector<std::string> names;
  for (const auto& column : columns_) names.push_back(column.name);
  return names.empty() ? "" : " by " + join(names, " and ");
}

std::string Grouping::key() const {
  std::vector<std::string> names;
  for (const auto& column : columns_) names.push_back(column.name);
  return join(names, "\x1f");
}

RowGroups::RowGroups(const Grouping& grouping, const data::Table& table) : group_(table.rows, 0) {
  for (const auto& declaration : grouping.columns()) {
    const data::Column& column = table.column(declaration.name);
    const std::size_t levels = declaration.levels.size();
    for (std::size_t row = 0; row < table.rows; ++row) group_[row] = group_[row] * levels + column.level[row];
  }
  for (const auto& declaration : grouping.columns()) {
    const data::Column& column = table.column(declaration.name);
    if (column.missing.empty()) continue;
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (column.missing[row]) group_[row] = grouping.size();
    }
  }
}

}  // namespace cohortium::statistics
