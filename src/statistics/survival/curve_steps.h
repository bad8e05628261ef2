// What all curves over the public time grid share: what is said of their release, their steps as results, and the
// analysis of one curve per group.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "mpc/outcome.h"
#include "statistics/entries.h"
#include "statistics/survival/survival_counts.h"
#include "statistics/survival/survival_curve.h"

namespace cohortium::statistics {

// One sentence each.
std::vector<std::string> curve_leakage(const mpc::ReleaseRule& rule);

// The columns that a survival analysis reads.
std::vector<std::string> column_names(const SurvivalColumns& columns);

// "time", "by", "curve" and "confidence".
nlohmann::json curve_json(const SurvivalColumns& columns, const mpc::ReleaseRule& rule, double confidence);

// The group's name, its numbers, and the times and numbers of its steps.
nlohmann::json stratum_json(const SurvivalColumns& columns, std::size_t group, const mpc::ReleasedStratum& stratum);

// The steps with their times and counts; estimates are left to the caller.
std::vector<CurveRow> rows_of_steps(const SurvivalColumns& columns, const mpc::ReleasedStratum& stratum);

// An analysis of one curve per group, whose estimates follow from events and numbers at risk: in the clear where a curve is
// released at every event time; from what is computed on shares at the ends of merged steps otherwise.
class StepCurve : public Analysis {
 public:
  StepCurve(const EntryContext& context);  // fails with study.* and plan.overflow

  Declaration declare() const override;
  std::vector<mpc::u128> local(const data::Table& table) const override { return count_locally(columns_, table); }
  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override;
  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override;

 protected:
  virtual std::string computes() const = 0;
  // What is read off the ends of merged steps: shared numbers with survival_fraction_bits at every grid point.
  virtual std::vector<mpc::Shared<mpc::u128>> estimate(mpc::Engine& engine, const SurvivalCounts& counts) const = 0;
  // Fills a row from what was read off the end of its step.
  virtual void take(const std::vector<mpc::u128>& sampled, CurveRow& row) const = 0;
  // What the group's statistics add to its steps.
  virtual void present_rows(const std::vector<CurveRow>& rows, nlohmann::json& stratum) const = 0;
  virtual double largest_error() const = 0;                // of merged steps, before anything is known
  virtual double error_at(const CurveRow& row) const = 0;  // of a merged step

  // Of what `estimate` returns, anywhere on the grid.
  double sampling_error() const;
  double quantile() const;  // of the normal distribution, for limits

  SurvivalColumns columns_;
  mpc::ReleaseRule rule_;
  double confidence_;

 private:
  bool merged() const { return rule_.curve == mpc::CurveRule::kMerged; }
  std::vector<CurveRow> rows_of(const mpc::ReleasedStratum& stratum) const;
};

}  // namespace cohortium::statistics
