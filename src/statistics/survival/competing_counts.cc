#include "statistics/survival/competing_counts.h"

#include <algorithm>

#include "base/error.h"

namespace cohortium::statistics {

using mpc::Shared;
using mpc::u128;

CompetingColumns::CompetingColumns(const EntryContext& context)
    : time_(context.column("time", context.entry.time, data::ColumnType::kDuration)),
      event_(context.column("event", context.entry.event, data::ColumnType::kCategory)),
      grouping_(context.grouping()) {
  auto refuse = [&](const std::string& message, const std::string& remedy) {
    throw Failure({.code = "study.bad_causes", .message = message, .where = context.at("censored"), .remedy = remedy});
  };
  const std::vector<std::string>& censored = context.entry.censored;
  for (const std::string& code : censored) {
    const bool known = std::any_of(event_.levels.begin(), event_.levels.end(),
                                   [&](const data::Level& level) { return level.code == code; });
    if (!known) refuse("\"" + code + "\" is no level of column \"" + event_.name + "\"", "use the declared codes");
  }
  for (const data::Level& level : event_.levels) {
    const bool is_cause = std::find(censored.begin(), censored.end(), level.code) == censored.end();
    kind_of_level_.push_back(is_cause ? causes_.size() : event_.levels.size());
    if (is_cause) causes_.push_back(level);
  }
  if (causes_.empty()) refuse("no level is a cause", "leave at least one level out");
  if (causes_.size() > 16) refuse("there are more than 16 causes", "declare a column with fewer levels");
  std::replace(kind_of_level_.begin(), kind_of_level_.end(), event_.levels.size(), causes_.size());
}

std::size_t CompetingColumns::cause(const std::string& code, const std::string& where) const {
  const auto found =
      std::find_if(causes_.begin(), causes_.end(), [&](const data::Level& level) { return level.code == code; });
  if (found != causes_.end()) return static_cast<std::size_t>(found - causes_.begin());
  throw Failure({.code = "study.bad_causes",
                 .message = "\"" + code + "\" is no cause that column \"" + event_.name + "\" declares",
                 .where = where,
                 .remedy = "name the code of a level that does not mean censored"});
}

std::vector<std::string> CompetingColumns::names() const {
  std::vector<std::string> names{time_.name, event_.name};
  for (const auto& column : grouping_.columns()) names.push_back(column.name);
  return names;
}

std::string CompetingColumns::key() const {
  std::string kinds;
  for (const std::size_t kind : kind_of_level_) kinds += std::to_string(kind) + ",";
  return "competing\x1f" + time_.name + "\x1f" + event_.name + "\x1f" + kinds + "\x1f" + grouping_.key();
}

std::vector<std::size_t> CompetingColumns::kinds(const data::Table& table) const {
  const RowGroups groups(grouping_, table);
  const data::Column& time = table.column(time_.name);
  const data::Column& event = table.column(event_.name);
  std::vector<std::size_t> kinds(table.rows, causes_.size() + 1);
  for (std::size_t row = 0; row < table.rows; ++row) {
    if (groups[row] == grouping_.size()) continue;
    if ((!time.missing.empty() && time.missing[row]) || (!event.missing.empty() && event.missing[row])) continue;
    kinds[row] = kind_of_level_[event.level[row]];
  }
  return kinds;
}

std::vector<u128> CompetingColumns::count(const data::Table& table) const {
  const RowGroups groups(grouping_, table);
  const data::Column& time = table.column(time_.name);
  const std::vector<std::size_t> kind = kinds(table);
  std::vector<u128> counts(aggregate_size());
  for (std::size_t row = 0; row < table.rows; ++row) {
    if (kind[row] > causes_.size()) continue;
    counts[(groups[row] * (causes_.size() + 1) + kind[row]) * grid() + time.grid[row]] += 1;
  }
  return counts;
}

CompetingCounts split_aggregate(const CompetingColumns& columns, const Shared<u128>& aggregate) {
  const std::size_t grid = columns.grid(), kinds = columns.causes().size() + 1;
  auto of_kind = [&](std::size_t kind) {
    std::vector<Shared<u128>> parts;
    for (std::size_t g = 0; g < columns.groups(); ++g)
      parts.push_back(slice(aggregate, (g * kinds + kind) * grid, grid));
    return concatenate(std::span<const Shared<u128>>(parts));
  };
  CompetingCounts counts;
  counts.censored = of_kind(kinds - 1);
  for (std::size_t k = 0; k + 1 < kinds; ++k) {
    counts.events.push_back(of_kind(k));
    counts.all_events = k == 0 ? counts.events[0] : add(counts.all_events, counts.events[k]);
  }
  // Everyone who leaves at a point or later: running sums from the end of each block.
  counts.at_risk = reverse(prefix_sum_blocks(reverse(add(counts.all_events, counts.censored)), grid));
  return counts;
}

}  // namespace cohortium::statistics
