// A model's columns, moved and stretched to [-1, 1] by their public ranges, and the way back.
//
// Sums of scaled columns have known sizes and are far better conditioned than sums of years and dollars. Columns are
// centred only where the model has an intercept, which takes up the difference.
#pragma once

#include <span>
#include <vector>

#include "statistics/models/design_matrix.h"

namespace cohortium::statistics {

class ColumnScaling {
 public:
  explicit ColumnScaling(const DesignMatrix& design);
  std::size_t size() const { return centre_.size(); }
  double centre(std::size_t column) const { return centre_[column]; }
  double half_width(std::size_t column) const { return half_width_[column]; }
  void scale(std::span<double> row) const;
  // From coefficients of scaled columns to those of the columns as they are. NaN stays NaN, and counts as 0 elsewhere.
  std::vector<double> coefficients(std::span<const long double> scaled) const;
  std::vector<double> covariance(std::span<const long double> scaled) const;  // row after row

 private:
  std::vector<double> centre_, half_width_;
  bool has_intercept_;
};

}  // namespace cohortium::statistics
