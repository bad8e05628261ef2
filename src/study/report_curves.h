// Kaplan-Meier curves as the result holds them: step functions with gaps where something is withheld.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "study/report.h"
#include "study/report_node.h"

namespace cohortium::study::report {

// What a curve says at one time.
struct Estimate {
  enum class Kind { kKnown, kWithheld, kBeyond };  // beyond: after the last released time of a curve that has not ended
  Kind kind = Kind::kBeyond;
  double value = 0;
  std::optional<double> lower = {}, upper = {};
};

struct Stratum {
  std::string label;
  bool withheld = false;
  std::optional<double> size, events;
  std::vector<double> time;  // ascending
  Numbers at_risk, deaths, censored, survival, lower, upper;
  std::optional<double> median, median_lower, median_upper;

  bool empty() const { return time.empty(); }
  // S(t) just after t.
  Estimate survival_at(double t) const;
  // Number at risk just before t: that of the first step that ends at or after t. Where steps are merged it is counted
  // at the start of the step.
  Estimate at_risk_at(double t) const;
  // A stratum may show its size and yet no curve: too few events.
  bool curve_withheld() const;
  // Some step of the curve is not released.
  bool has_gaps() const;
  // The released curve stays above one half: the median lies beyond the follow-up.
  bool median_not_reached() const;
};

struct Curves {
  std::string title, column, unit, by;
  bool merged = false;
  double confidence = 0.95;
  std::optional<double> error_bound;
  std::vector<Stratum> strata;

  double last_time() const;
  // Preferred step between axis ticks, and the ticks from 0 to the last time.
  std::vector<double> ticks() const;
};

// Checks lengths, order and ranges. Fails with report.malformed_result.
Curves read_curves(const Node& analysis, IntervalScale interval);

// A step that gives at most `intervals` of them up to `last`: 1, 2, 2.5 or 5 times a power of ten, or, in months, weeks
// and hours, the steps of the calendar.
double tick_step(double last, std::string_view unit, int intervals);

}  // namespace cohortium::study::report
