#include "statistics/survival_curve.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "statistics/distributions.h"

namespace cohortium::statistics {
namespace {

// The first time at which the curve is at or below one half; the middle of the flat part where it is exactly one half.
std::optional<double> time_of_one_half(const std::vector<CurveRow>& rows,
                                       const std::vector<std::optional<double>>& curve) {
  const double tolerance = std::sqrt(2.220446049250313e-16);
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!curve[i] || *curve[i] >= 0.5 + tolerance) continue;
    if (!first) {
      first = i;
      if (std::abs(*curve[i] - 0.5) >= tolerance) return rows[i].time;
    } else if (*curve[i] < *curve[*first]) {
      return (rows[*first].time + rows[i].time) / 2;
    }
  }
  return first ? std::optional(rows[*first].time) : std::nullopt;
}

}  // namespace

void estimate_from_counts(std::vector<CurveRow>& rows) {
  double survival = 1, variance_log = 0;
  for (CurveRow& row : rows) {
    COHORTIUM_CHECK(row.at_risk && row.events);
    const double n = *row.at_risk, d = *row.events;
    if (d > 0) {
      survival *= 1 - d / n;
      variance_log += n > d ? d / (n * (n - d)) : 0;
    }
    row.survival = survival;
    row.variance_log = variance_log;
  }
}

CurveStatistics curve_statistics(const std::vector<CurveRow>& rows, double confidence) {
  const double z = normal_quantile((1 + confidence) / 2);
  CurveStatistics statistics;
  std::vector<std::optional<double>> survival, lower, upper;
  for (const CurveRow& row : rows) {
    const double s = row.survival;
    Limits log, log_log;
    std::optional<double> standard_error;
    if (s > 0) {
      const double deviation = std::sqrt(std::max(0.0, row.variance_log));
      standard_error = s * deviation;
      log.lower = s * std::exp(-z * deviation);
      log.upper = std::min(1.0, s * std::exp(z * deviation));
      if (s < 1) {
        const double centre = std::log(-std::log(s));
        const double width = z * deviation / std::log(s);
        log_log.lower = std::exp(-std::exp(centre - width));
        log_log.upper = std::exp(-std::exp(centre + width));
      }
    }
    statistics.standard_error.push_back(standard_error);
    statistics.log.push_back(log);
    statistics.log_log.push_back(log_log);
    survival.push_back(s);
    lower.push_back(log.lower);
    upper.push_back(log.upper);
  }
  statistics.median = time_of_one_half(rows, survival);
  statistics.median_lower = time_of_one_half(rows, lower);
  statistics.median_upper = time_of_one_half(rows, upper);
  return statistics;
}

}  // namespace cohortium::statistics
