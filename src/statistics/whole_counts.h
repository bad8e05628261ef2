// Counts of people per cell of a public table, released all together or not at all: what tests of counts stand on.
//
// Local      counts of the site's rows per cell
// Under MPC  sums over sites; the minimum-cell rule on every cell
// Released   all counts, or nothing
// Error      none
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "mpc/outcome.h"
#include "statistics/entries.h"
#include "statistics/grouping.h"

namespace cohortium::statistics {

class WholeCounts {
 public:
  explicit WholeCounts(const EntryContext& context) : grouping_(context.grouping()) {}

  const Grouping& grouping() const { return grouping_; }
  // Everything but what is computed.
  Declaration declare(const mpc::ReleaseRule& rule) const;
  std::vector<mpc::u128> local(const data::Table& table) const { return count_rows(grouping_, table); }
  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const;
  // Per cell; empty when withheld.
  static std::vector<double> read(const mpc::ReleasedOutcome& outcome);

 private:
  Grouping grouping_;
};

// Fails with study.not_a_two_way_table unless there are `fewest` to two columns with two or more levels each.
void check_table(const Grouping& grouping, std::size_t fewest, const EntryContext& context);

}  // namespace cohortium::statistics
