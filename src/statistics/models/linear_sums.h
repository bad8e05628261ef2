// The sums behind a linear model: exact integers that add up over sites.
//
// Columns and outcome are moved and stretched to [-1, 1] by their public ranges (column_scaling.h) and rounded to 46
// fraction bits, so that sums of products over 2^32 people stay in the ring; all sums are exact. A rounding is at most
// 2^-47 of half a declared range.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "statistics/models/column_scaling.h"
#include "statistics/models/model_disclosure.h"

namespace cohortium::statistics {

// What is fitted.
struct LinearModel {
  // Fails with study.bad_formula, study.bad_penalty and what DesignMatrix fails with.
  explicit LinearModel(const EntryContext& context);

  DesignMatrix design;
  ColumnScaling scaling;
  double centre = 0, half_width = 1;  // of the outcome
  double penalty;
  double confidence;
  bool centred;           // has an intercept, which is not among the variables below
  std::size_t variables;  // columns without the intercept, then the outcome last: variables + 1 in all
};

inline constexpr int linear_fraction_bits = 46;

// Places in the aggregate.
struct LinearLayout {
  std::size_t width = 0;  // variables and outcome
  std::size_t people() const { return 0; }
  std::size_t missing() const { return 1; }
  std::size_t sums() const { return 2; }
  std::size_t products() const { return 2 + width; }
  std::size_t product(std::size_t i, std::size_t j) const;  // of variables i and j, in either order
  std::size_t cells() const { return 2 + width + width * (width + 1) / 2; }
};

std::vector<mpc::u128> linear_sums(const LinearModel& model, const ModelCells& cells, const data::Table& table);

// What a linear model's presentation starts from, in scaled columns and outcome.
struct LinearFit {
  double n = 0;
  std::vector<long double> coefficients = {};  // with the intercept; NaN where a column follows from the others
  std::vector<long double> inverse = {};       // of X'X, as above; empty: not released
  std::vector<long double> variances = {};  // of the coefficients as they are, over sigma^2, where `inverse` is empty
  long double residual = 0, total = 0;      // sums of squares, the total around the mean where there is an intercept
  std::vector<long double> explained = {};  // by each column after those before it; empty: not released
  std::size_t rank = 0;                     // with the intercept
  std::optional<double> missing = {}, error_bound = {};
  std::string note = {};
};

nlohmann::json present_linear(const LinearModel& model, const std::string& strength,
                              const std::optional<LinearFit>& fit, const std::string& note);

// From opened sums.
LinearFit solve_linear(const LinearModel& model, mpc::u128 people, const std::vector<mpc::u128>& sums);

}  // namespace cohortium::statistics
