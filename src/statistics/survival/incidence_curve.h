// Cumulative incidences of competing causes from counts in the clear, with variances.
//
// Source  Aalen and Johansen (1978); variance by linearisation, as R's survfit gives it for several states, and Gray's, as
//         R's cmprsk::cuminc
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "statistics/survival/survival_curve.h"

namespace cohortium::statistics {

struct IncidenceRow {
  double at_risk = 0, of_cause = 0, of_others = 0;
};
struct Incidence {
  double value = 0, variance = 0, variance_gray = 0;
};
// Along times in ascending order.
std::vector<Incidence> cumulative_incidence(const std::vector<IncidenceRow>& rows);

// Limits on the scale of log(-log F): they stay between 0 and 1. Absent where F is 0 or 1.
Limits incidence_limits(double value, double variance, double confidence);

}  // namespace cohortium::statistics
