// A Kaplan-Meier curve as released: from its steps to standard errors, confidence limits and the median, in the clear.
//
// Source  Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data (2002), 1.4; limits and median as in
// R's
//         survival package (survfit, conf.type "log" and "log-log"; median of print.survfit).
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace cohortium::statistics {

// One row of the curve: what happened at `time` (exact) or in time_from..time (merged steps).
struct CurveRow {
  double time_from = 0, time = 0;
  std::optional<double> at_risk, events, censored;
  double survival = 1;
  double variance_log = 0;  // Greenwood's sum: the variance of log(survival); unused where survival is 0
};

// Fills survival and variance_log from the counts, which must all be present.
void estimate_from_counts(std::vector<CurveRow>& rows);

struct Limits {
  std::optional<double> lower, upper;
};
struct CurveStatistics {
  std::vector<std::optional<double>> standard_error;  // of survival; absent where survival is 0
  std::vector<Limits> log, log_log;                   // absent where undefined
  std::optional<double> median, median_lower, median_upper;
};
CurveStatistics curve_statistics(const std::vector<CurveRow>& rows, double confidence);

}  // namespace cohortium::statistics
