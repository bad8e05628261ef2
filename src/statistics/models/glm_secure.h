// A generalised linear model under the protocol: which numbers of a row and of a site are shared, with how many digits,
// and the fit on them. Shared by the analyses that fit one: glm, its diagnostics, propensity scores.
//
// Rows       scaled columns, outcome, weight, offset (where there is one)
// Aggregate  R's first step, information and right side; sums of GlmReal; the numbers of rows above each count (negative
//            binomial)
// Requires   any link but cauchit, and for the negative binomial the log: fails with study.no_such_strength
#pragma once

#include <span>
#include <string>
#include <vector>

#include "oblivious/generalised_linear.h"
#include "statistics/models/glm.h"

namespace cohortium::statistics {

enum GlmReal : std::size_t { kSaturated, kConstant, kWeight, kOutcome, kExposure, kOffset, kGlmReals };

class GlmNumbers {
 public:
  GlmNumbers(const GlmModel& model, const EntryContext& context);

  const GlmModel& model() const { return model_; }
  oblivious::Family family() const { return plan_.family; }
  std::size_t columns() const { return model_.design.columns().size(); }
  std::size_t row_columns() const { return columns() + 2 + (has_offset_ ? 1 : 0); }
  std::size_t size() const { return columns() * (columns() + 1) + kGlmReals + plan_.largest_outcome; }
  // What a site's sums, and its rows, lie between.
  std::vector<Bounds> bounds() const;
  std::vector<Bounds> row_bounds() const;
  bool has_offset() const { return has_offset_; }
  bool has_null_deviance() const;
  // How many steps a fit takes: as many as wanted, or where this is 0 the model's own number.
  std::size_t steps(std::size_t wanted) const;
  // For so many rows; fails with plan.overflow where sums over them do not fit.
  oblivious::ModelPlan plan(std::size_t rows, std::size_t steps) const;

  // Row i of a site's table of `rows`, into columns that lie one after the other.
  void write_row(const GlmRow& row, std::size_t i, std::size_t rows, std::span<mpc::u128> values) const;
  // The key of Declaration::rows; what a site's rows hold, column after column.
  std::string rows_key() const;
  std::vector<mpc::u128> rows(const data::Table& table) const;
  // Coefficients that are public, as those of a hidden fit; nothing where they are too large for predictions.
  std::optional<std::vector<mpc::u128>> public_coefficients(std::span<const double> scaled) const;
  // The released fit.
  GlmFit read(std::span<const mpc::u128> coefficients, std::span<const mpc::u128> covariance,
              std::span<const mpc::u128> numbers) const;

 private:
  friend class GlmSums;
  void scale_outcome(const Interval& range, const EntryContext& context);
  double scaled_outcome(double response) const;
  double shared_offset(double offset) const;

  GlmModel model_;
  oblivious::ModelPlan plan_;
  bool has_offset_ = false;
  double largest_ridge_ = 0, largest_weight_ = 1;
  double outcome_centre_ = 0;
  int outcome_shift_ = 0;      // outcomes are shared less the centre, divided by 2^outcome_shift
  int coefficient_shift_ = 0;  // and coefficients come out divided by 2^coefficient_shift
  int working_bits_ = 0;       // prior times working weights are below 2^working_bits
};

// A site's sums.
class GlmSums {
 public:
  explicit GlmSums(const GlmNumbers& numbers);
  void add(const GlmRow& row);  // fails with data.not_a_count
  std::vector<mpc::u128> encoded() const;

 private:
  const GlmNumbers& numbers_;
  std::vector<long double> information_, right_, reals_, exceeding_;
};

// What a fit gives, all shared. Covariances have released_covariance_bits.
inline constexpr int released_covariance_bits = 80;
struct GlmShared {
  mpc::Shared<mpc::u128> coefficients, covariance, numbers;
  std::vector<mpc::SharedFault> faults;
};
GlmShared fit_hidden(mpc::Engine& engine, const GlmNumbers& numbers, const mpc::Shared<mpc::u128>& aggregate,
                     const mpc::Shared<mpc::u128>& rows, std::size_t row_count, std::size_t steps);

// The records that `rows` holds.
oblivious::ModelRecords model_records(const GlmNumbers& numbers, const mpc::Shared<mpc::u128>& rows,
                                      std::size_t row_count);

}  // namespace cohortium::statistics
