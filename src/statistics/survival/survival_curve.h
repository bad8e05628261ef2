// A survival curve as released: from its steps to standard errors, confidence limits and quantiles, in the clear.
//
// Source  Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data (2002), 1.4; limits and quantiles as in
//         R's survival package (survfit, conf.type "log", "log-log" and "plain"; quantile of survfit).
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
  double variance_log = 0;     // Greenwood's sum: the variance of log(survival); unused where survival is 0
  double hazard = 0;           // Nelson's and Aalen's cumulative hazard
  double variance_hazard = 0;  // sum of d / n^2
};

// Fills the estimates from the counts, which must all be present.
void estimate_from_counts(std::vector<CurveRow>& rows);

struct Limits {
  std::optional<double> lower, upper;
};
struct QuantileOfCurve {
  double probability = 0;
  std::optional<double> value, lower, upper;
};
struct CurveStatistics {
  std::vector<std::optional<double>> standard_error;      // of survival; absent where survival is 0
  std::vector<std::optional<double>> standard_error_log;  // of log(survival); absent where survival is 0
  std::vector<Limits> log, log_log, plain;                // absent where undefined
  std::optional<double> median, median_lower, median_upper;
  std::vector<QuantileOfCurve> quartiles;
};
CurveStatistics curve_statistics(const std::vector<CurveRow>& rows, double confidence);

struct HazardStatistics {
  std::vector<double> standard_error;
  std::vector<Limits> limits;  // on the scale of log(hazard); absent where the hazard is 0
};
HazardStatistics hazard_statistics(const std::vector<CurveRow>& rows, double confidence);

}  // namespace cohortium::statistics
