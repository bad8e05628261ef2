// What both strengths of a generalised linear model share: what is fitted, and how a fit is presented.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "statistics/models/column_scaling.h"
#include "statistics/models/design_matrix.h"
#include "statistics/models/family.h"
#include "statistics/models/model_disclosure.h"

namespace cohortium::statistics {

struct GlmModel {
  // Fails with study.bad_family, study.bad_outcome, study.bad_penalty, study.too_few_steps and what DesignMatrix fails with.
  explicit GlmModel(const EntryContext& context);

  DesignMatrix design;
  Family family;
  ColumnScaling scaling;
  std::string weight;  // a number column, or ""
  mpc::ReleaseRule rule;
  double confidence;
  bool counts_events;   // a binary outcome
  double lasso, ridge;  // penalties: half of ridge times squares, lasso times absolute values; 0: none
  std::size_t steps;    // that a fit takes at most, 0: its usual number

  bool penalised() const { return lasso > 0 || ridge > 0; }
  // Per scaled column: a penalty on the coefficients of the columns as they are, on all but the intercept.
  std::vector<double> scaled_lasso() const;
  std::vector<double> scaled_ridge() const;
  std::string computes() const;  // for declarations
  // What the study's rules on people per parameter say; with a binary outcome of those with and without it, too.
  EnoughRecords enough() const { return {rule, design.columns().size() + (family.has_theta ? 1 : 0)}; }
  std::string too_few() const;
  mpc::SharedFault too_few(mpc::Engine& engine, const mpc::Shared<mpc::u128>& people,
                           const mpc::Shared<mpc::u128>& events) const;

 private:
  void check_penalties(const EntryContext& context) const;
};

// One row of a site, in the model's scaled columns.
struct GlmRow {
  DesignRow values;
  double weight = 1;
};
// The rows that take part: no missing value, a weight above 0.
class GlmReader {
 public:
  GlmReader(const GlmModel& model, const data::Table& table);
  bool read(std::size_t row, GlmRow& out);

 private:
  const GlmModel& model_;
  DesignReader reader_;
  const data::Column* weight_ = nullptr;
};

// In scaled columns.
struct GlmFit {
  std::vector<long double> coefficients;  // NaN where a column follows from the others
  std::vector<long double> inverse;       // of the Fisher information at dispersion 1; empty: not released
  std::vector<long double> variances;     // its diagonal, where the whole is not released
  std::size_t rank = 0, steps = 0;
  LikelihoodSums sums;
  double pearson = 0;  // sum of squared Pearson residuals
  std::optional<double> null_deviance, missing, events, theta, theta_error;
  std::string note;
  std::optional<double> error_bound;
};

// Nothing but what is public where there is no fit: withheld, or without a solution (`note` says why).
nlohmann::json present_glm(const GlmModel& model, const std::string& strength, const std::optional<GlmFit>& fit,
                           const std::string& note);

// The strengths: sums of every step opened (glm_opened.cc).
std::unique_ptr<Analysis> make_glm_opened(const EntryContext& context);

}  // namespace cohortium::statistics
