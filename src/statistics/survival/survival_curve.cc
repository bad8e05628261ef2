#include "statistics/survival/survival_curve.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "statistics/distributions.h"

namespace cohortium::statistics {
namespace {

// The first time at which the curve is at or below `level`; the middle of the flat part where it is exactly there.
std::optional<double> time_of_level(const std::vector<CurveRow>& rows, const std::vector<std::optional<double>>& curve,
                                    double level) {
  const double tolerance = std::sqrt(2.220446049250313e-16);
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!curve[i] || *curve[i] >= level + tolerance) continue;
    if (!first) {
      first = i;
      if (std::abs(*curve[i] - level) >= tolerance) return rows[i].time;
    } else if (*curve[i] < *curve[*first]) {
      return (rows[*first].time + rows[i].time) / 2;
    }
  }
  return first ? std::optional(rows[*first].time) : std::nullopt;
}

}  // namespace

void estimate_from_counts(std::vector<CurveRow>& rows) {
  CurveRow so_far;
  for (CurveRow& row : rows) {
    COHORTIUM_CHECK(row.at_risk && row.events);
    const double n = *row.at_risk, d = *row.events;
    if (d > 0) {
      so_far.survival *= 1 - d / n;
      so_far.variance_log += n > d ? d / (n * (n - d)) : 0;
      so_far.hazard += d / n;
      so_far.variance_hazard += d / (n * n);
    }
    row.survival = so_far.survival;
    row.variance_log = so_far.variance_log;
    row.hazard = so_far.hazard;
    row.variance_hazard = so_far.variance_hazard;
  }
}

CurveStatistics curve_statistics(const std::vector<CurveRow>& rows, double confidence) {
  const double z = normal_quantile((1 + confidence) / 2);
  CurveStatistics statistics;
  std::vector<std::optional<double>> survival, lower, upper;
  for (const CurveRow& row : rows) {
    const double s = row.survival;
    Limits log, log_log, plain;
    std::optional<double> standard_error, standard_error_log;
    if (s > 0) {
      const double deviation = std::sqrt(std::max(0.0, row.variance_log));
      standard_error = s * deviation;
      standard_error_log = deviation;
      plain = {std::max(0.0, s - z * s * deviation), std::min(1.0, s + z * s * deviation)};
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
    statistics.standard_error_log.push_back(standard_error_log);
    statistics.plain.push_back(plain);
    statistics.log.push_back(log);
    statistics.log_log.push_back(log_log);
    survival.push_back(s);
    lower.push_back(log.lower);
    upper.push_back(log.upper);
  }
  for (const double p : {0.25, 0.5, 0.75}) {
    statistics.quartiles.push_back({p, time_of_level(rows, survival, 1 - p), time_of_level(rows, lower, 1 - p),
                                    time_of_level(rows, upper, 1 - p)});
  }
  statistics.median = statistics.quartiles[1].value;
  statistics.median_lower = statistics.quartiles[1].lower;
  statistics.median_upper = statistics.quartiles[1].upper;
  return statistics;
}

HazardStatistics hazard_statistics(const std::vector<CurveRow>& rows, double confidence) {
  const double z = normal_quantile((1 + confidence) / 2);
  HazardStatistics statistics;
  for (const CurveRow& row : rows) {
    const double deviation = std::sqrt(std::max(0.0, row.variance_hazard));
    Limits limits;
    if (row.hazard > 0) {
      const double reach = std::exp(z * deviation / row.hazard);
      limits = {row.hazard / reach, row.hazard * reach};
    }
    statistics.standard_error.push_back(deviation);
    statistics.limits.push_back(limits);
  }
  return statistics;
}

}  // namespace cohortium::statistics
