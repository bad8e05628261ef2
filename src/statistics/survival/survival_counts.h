// What every survival analysis of one time, event and grouping starts from: events and censorings per group on the
// public time grid. A site counts them in the clear; sums over sites and numbers at risk are linear, so they cost
// nothing when shared.
#pragma once

#include <string>
#include <vector>

#include "data/table.h"
#include "mpc/outcome.h"
#include "statistics/entries.h"
#include "statistics/grouping.h"

namespace cohortium::statistics {

struct SurvivalColumns {
  data::ColumnDeclaration time, event;
  Grouping grouping;
  std::size_t sites = 1;  // more than one: the site is the last of the grouping columns

  std::size_t grid() const { return time.grid_size(); }
  std::size_t strata() const { return grouping.size() * sites; }
  double time_at(std::size_t index) const { return time.low + static_cast<double>(index) * time.step; }
  std::string key() const;  // of the aggregate
  std::size_t aggregate_size() const { return 2 * strata() * grid(); }
};

// The time, event and grouping that a survival analysis names.
SurvivalColumns survival_columns(const EntryContext& context);

// events[stratum][grid], then censored[stratum][grid]; rows with a missing time, event or group are left out.
std::vector<mpc::u128> count_locally(const SurvivalColumns& columns, const data::Table& table);

struct SurvivalCounts {
  mpc::Shared<mpc::u128> events, censored;  // strata * grid
  mpc::Shared<mpc::u128> at_risk;           // strata * grid: just before each grid point
  mpc::Shared<mpc::u128> people;            // strata
};
SurvivalCounts split_aggregate(const SurvivalColumns& columns, const mpc::Shared<mpc::u128>& aggregate);

// What holds just before each point, from what holds from it on: blocks of `grid` points move on by one, and `first`, one
// element, comes in.
mpc::Shared<mpc::u128> just_before(const mpc::Shared<mpc::u128>& from_on, std::size_t grid,
                                   const mpc::Shared<mpc::u128>& first);

// Refuses a plan in which a survival curve or a log-rank statistic on this grid could leave the ring (plan.overflow).
inline constexpr int survival_fraction_bits = 56;
void check_survival_numbers(std::size_t grid, const std::string& path);

}  // namespace cohortium::statistics
