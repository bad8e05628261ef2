// What tells how good a model of a binary outcome is, without anything of a single person: the area under its receiver operating
// characteristic, and its calibration, people in groups by predicted risk.
//
// Under MPC  predictions of all rows, their ranks (discrimination.h), groups by their quantiles (oblivious/calibration.h)
// Released   a sum of ranks; of each group the number of people, the sum of the predicted risks, the number of events. Groups
//            are joined until no number of people with or without the event lies in 1 .. minimum_cell - 1, in none of them
//            and in no difference to the total
// Error      groups and events: none, but for predictors that differ by less than 2^-41; a predicted risk: 2^-41
// Source     Hosmer and Lemeshow 1980; R's ResourceSelection::hoslem.test; Hanley and McNeil 1982
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "statistics/models/glm_secure.h"

namespace cohortium::statistics {

class GlmDiagnostics {
 public:
  // Fails with study.no_calibration.
  GlmDiagnostics(const GlmModel& model, const EntryContext& context);

  // Whether there are any: of a binary outcome without weights; where steps are opened, once `calibration` asks for them.
  bool any() const { return any_; }
  std::vector<std::string> learns() const;
  std::vector<mpc::Shared<mpc::u128>> values(mpc::Engine& engine, const GlmNumbers& numbers,
                                             const mpc::Shared<mpc::u128>& rows, std::size_t row_count,
                                             const mpc::Shared<mpc::u128>& coefficients) const;
  // Into a presented fit.
  void present(nlohmann::json& out, std::span<const std::vector<mpc::u128>> values, double n, double events) const;

 private:
  bool any_;
  std::size_t groups_;
  mpc::u64 minimum_;
  double confidence_;
};

}  // namespace cohortium::statistics
