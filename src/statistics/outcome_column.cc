#include "statistics/outcome_column.h"

#include <algorithm>

#include "base/error.h"

namespace cohortium::statistics {

OutcomeColumn::OutcomeColumn(const EntryContext& context)
    : column_(context.any_column("outcome", context.entry.outcome)) {
  auto refuse = [&](const std::string& field, const std::string& message, const std::string& remedy) {
    throw Failure({.code = "study.bad_outcome", .message = message, .where = context.at(field), .remedy = remedy});
  };
  const std::vector<std::string>& codes = context.entry.positive;
  if (column_.type == data::ColumnType::kEvent) {
    if (!codes.empty()) refuse("positive", "an event column says itself which codes are events", "leave this out");
    return;
  }
  context.column("outcome", column_.name, data::ColumnType::kCategory);
  if (codes.empty()) refuse("positive", "it is not said which levels have the outcome", "list their codes");
  positive_.assign(column_.levels.size(), false);
  for (const std::string& code : codes) {
    const auto found = std::find_if(column_.levels.begin(), column_.levels.end(),
                                    [&](const data::Level& level) { return level.code == code; });
    if (found == column_.levels.end())
      refuse("positive", "\"" + code + "\" is no level of column \"" + column_.name + "\"", "use the declared codes");
    positive_[static_cast<std::size_t>(found - column_.levels.begin())] = true;
  }
  if (std::find(positive_.begin(), positive_.end(), false) == positive_.end())
    refuse("positive", "every level has the outcome", "leave out the levels that do not");
}

std::string OutcomeColumn::describe() const {
  std::string levels;
  for (std::size_t i = 0; i < positive_.size(); ++i) {
    if (positive_[i]) levels += (levels.empty() ? "" : " or ") + column_.levels[i].label;
  }
  return positive_.empty() ? column_.name : column_.name + " = " + levels;
}

std::string OutcomeColumn::key() const {
  std::string levels;
  for (const bool positive : positive_) levels += positive ? '1' : '0';
  return column_.name + "\x1f" + levels;
}

std::vector<std::optional<bool>> OutcomeColumn::read(const data::Table& table) const {
  const data::Column& column = table.column(column_.name);
  std::vector<std::optional<bool>> known(table.rows);
  for (std::size_t row = 0; row < table.rows; ++row) {
    if (!column.missing.empty() && column.missing[row]) continue;
    known[row] = positive_.empty() ? column.event[row] != 0 : static_cast<bool>(positive_[column.level[row]]);
  }
  return known;
}

}  // namespace cohortium::statistics
