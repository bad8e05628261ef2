// What analyses of competing risks start from: per group and point of the public time grid, how many people leave by each
// cause and how many are censored. The event column is a category; its levels are causes but for those that the entry
// lists as `censored`.
#pragma once

#include <string>
#include <vector>

#include "statistics/entries.h"

namespace cohortium::statistics {

class CompetingColumns {
 public:
  // Of the entry's time, event, censored and by. Fails with study.bad_causes, study.unknown_column,
  // study.wrong_column_type.
  explicit CompetingColumns(const EntryContext& context);

  const data::ColumnDeclaration& time() const { return time_; }
  const Grouping& grouping() const { return grouping_; }
  const std::vector<data::Level>& causes() const { return causes_; }
  std::size_t groups() const { return grouping_.size(); }
  std::size_t grid() const { return time_.grid_size(); }
  double time_at(std::size_t index) const { return time_.low + static_cast<double>(index) * time_.step; }
  // The cause with this code; fails with study.bad_causes (`where` = the field).
  std::size_t cause(const std::string& code, const std::string& where) const;

  std::vector<std::string> names() const;  // of the columns that are read
  std::string key() const;                 // of the aggregate
  std::size_t aggregate_size() const { return groups() * (causes_.size() + 1) * grid(); }
  // Per row the cause, causes().size() where it is censored, more where a value is missing.
  std::vector<std::size_t> kinds(const data::Table& table) const;
  // Group by group: a grid per cause, and one of the censored. Rows with a missing value are left out.
  std::vector<mpc::u128> count(const data::Table& table) const;

 private:
  data::ColumnDeclaration time_, event_;
  Grouping grouping_;
  std::vector<data::Level> causes_;
  std::vector<std::size_t> kind_of_level_;  // the cause, or causes_.size() where it is no event
};

struct CompetingCounts {
  std::vector<mpc::Shared<mpc::u128>> events;            // per cause: groups * grid
  mpc::Shared<mpc::u128> censored, all_events, at_risk;  // groups * grid; at risk just before each point
};
CompetingCounts split_aggregate(const CompetingColumns& columns, const mpc::Shared<mpc::u128>& aggregate);

}  // namespace cohortium::statistics
