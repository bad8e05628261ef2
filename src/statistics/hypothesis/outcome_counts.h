// Per group: people who have an outcome and people who have not, released all together or not at all.
//
// Local      both counts per group
// Under MPC  sums over sites; the minimum-cell rule on every count
// Released   all counts, or nothing
// Error      none
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "statistics/outcome_column.h"
#include "statistics/test_result.h"

namespace cohortium::statistics {

struct OutcomeCount {
  double with = 0, without = 0;
  double n() const { return with + without; }
};

class OutcomeCounts {
 public:
  explicit OutcomeCounts(const EntryContext& context) : outcome_(context), grouping_(context.grouping()) {}

  const Grouping& grouping() const { return grouping_; }
  const OutcomeColumn& outcome() const { return outcome_; }
  // Everything but what is computed.
  Declaration declare(const mpc::ReleaseRule& rule) const;
  std::vector<mpc::u128> local(const data::Table& table) const;
  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const;
  // Per group; empty when withheld.
  std::vector<OutcomeCount> read(const mpc::ReleasedOutcome& outcome) const;
  // Two cells per group, with and without; null when `counts` is empty.
  nlohmann::json cells_json(const std::vector<OutcomeCount>& counts) const;

 private:
  OutcomeColumn outcome_;
  Grouping grouping_;
};

// The entry's null_value as a proportion, 0.5 when there is none. Fails with study.bad_null_value.
double null_proportion(const EntryContext& context);

}  // namespace cohortium::statistics
