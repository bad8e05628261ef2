#include "statistics/models/column_scaling.h"

#include <algorithm>
#include <cmath>

namespace cohortium::statistics {

ColumnScaling::ColumnScaling(const DesignMatrix& design) : has_intercept_(design.has_intercept()) {
  for (const DesignColumn& column : design.columns()) {
    const auto [low, high] = column.range;
    const bool centred = has_intercept_ && column.term != 0;
    centre_.push_back(centred ? low + (high - low) / 2 : 0);
    const double half = centred ? (high - low) / 2 : std::max(std::abs(low), std::abs(high));
    half_width_.push_back(half > 0 ? half : 1);
  }
}

void ColumnScaling::scale(std::span<double> row) const {
  for (std::size_t i = 0; i < size(); ++i) row[i] = (row[i] - centre_[i]) / half_width_[i];
}

std::vector<double> ColumnScaling::coefficients(std::span<const long double> scaled) const {
  std::vector<double> result;
  long double moved = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    const long double one = scaled[i] / half_width_[i];
    if (!std::isnan(scaled[i]) && i > 0) moved += one * centre_[i];
    result.push_back(static_cast<double>(one));
  }
  if (has_intercept_) result[0] = static_cast<double>(scaled[0] - moved);
  return result;
}

std::vector<double> ColumnScaling::covariance(std::span<const long double> scaled) const {
  const std::size_t n = size();
  // Row i of the map: 1 / half_width at i; for the intercept also - centre / half_width at every other column.
  auto map = [&](std::size_t row, std::size_t column) -> long double {
    if (row == column) return 1.0L / half_width_[row];
    return has_intercept_ && row == 0 ? -static_cast<long double>(centre_[column]) / half_width_[column] : 0;
  };
  std::vector<long double> half(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t k = i == 0 ? 0 : i; k < (i == 0 ? n : i + 1); ++k)
        half[i * n + j] += map(i, k) * scaled[k * n + j];
    }
  }
  std::vector<double> result(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      long double sum = 0;
      for (std::size_t k = j == 0 ? 0 : j; k < (j == 0 ? n : j + 1); ++k) sum += map(j, k) * half[i * n + k];
      result[i * n + j] = static_cast<double>(sum);
    }
  }
  return result;
}

}  // namespace cohortium::statistics
