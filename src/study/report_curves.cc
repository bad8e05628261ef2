// Reading curves and asking them for values.
#include "study/report_curves.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

// A secure computation returns probabilities with a small numeric error: 1.0000000001 is one.
void clamp_to_probabilities(Numbers& values) {
  for (auto& value : values) {
    if (value) value = std::clamp(*value, 0.0, 1.0);
  }
}

Numbers read_series(const Node& stratum, const std::string& name, std::size_t length) {
  const auto node = stratum.find(name);
  if (!node) return Numbers(length);
  Numbers values = node->numbers();
  if (values.size() != length) node->refuse("the list is not as long as the list of times");
  return values;
}

std::vector<double> read_times(const Node& list) {
  std::vector<double> times;
  for (const auto& time : list.numbers()) {
    if (!time || *time < 0 || (!times.empty() && *time <= times.back()))
      list.refuse("times must be numbers from 0 on, ascending");
    times.push_back(*time);
  }
  return times;
}

Stratum read_stratum(const Node& node, IntervalScale interval) {
  const std::string scale = interval == IntervalScale::kLog ? "log" : "loglog";
  Stratum stratum;
  stratum.label = node.at("label").text();
  const auto withheld = node.find("withheld");
  stratum.withheld = withheld && withheld->flag();
  stratum.size = node.find_number("n");
  stratum.events = node.find_number("events");
  stratum.time = read_times(node.at("time"));
  const std::size_t length = stratum.time.size();
  stratum.survival = read_series(node, "surv", length);
  stratum.lower = read_series(node, "lower_" + scale, length);
  stratum.upper = read_series(node, "upper_" + scale, length);
  stratum.at_risk = read_series(node, "n_risk", length);
  stratum.deaths = read_series(node, "n_event", length);
  stratum.censored = read_series(node, "n_censor", length);
  for (Numbers* values : {&stratum.survival, &stratum.lower, &stratum.upper}) clamp_to_probabilities(*values);
  stratum.median = node.find_number("median");
  stratum.median_lower = node.find_number("median_lower");
  stratum.median_upper = node.find_number("median_upper");
  return stratum;
}

// Steps of the calendar for units that are not counted in tens.
std::span<const double> calendar_steps(std::string_view unit) {
  static constexpr double kMonths[] = {1, 2, 3, 6, 12, 24, 36, 60, 120, 240};
  static constexpr double kWeeks[] = {1, 2, 4, 8, 13, 26, 52, 104, 156, 260};
  static constexpr double kHours[] = {1, 2, 3, 6, 12, 24, 48, 72, 168, 336};
  if (unit == "mo") return kMonths;
  if (unit == "wk") return kWeeks;
  if (unit == "h") return kHours;
  return {};
}

}  // namespace

Estimate Stratum::survival_at(double t) const {
  if (curve_withheld()) return {.kind = Estimate::Kind::kWithheld};
  if (empty()) return {};
  const auto next = std::upper_bound(time.begin(), time.end(), t);
  if (next == time.begin()) return {Estimate::Kind::kKnown, 1, 1, 1};
  const std::size_t i = static_cast<std::size_t>(next - time.begin()) - 1;
  if (!survival[i]) return {.kind = Estimate::Kind::kWithheld};
  if (next == time.end() && t > time.back() && *survival[i] > 0) return {};
  return {Estimate::Kind::kKnown, *survival[i], lower[i], upper[i]};
}

Estimate Stratum::at_risk_at(double t) const {
  if (withheld) return {.kind = Estimate::Kind::kWithheld};
  if (t <= 0 && size) return {.kind = Estimate::Kind::kKnown, .value = *size};
  const auto next = std::lower_bound(time.begin(), time.end(), t);
  if (next != time.end()) {
    const auto& number = at_risk[static_cast<std::size_t>(next - time.begin())];
    if (!number) return {.kind = Estimate::Kind::kWithheld};
    return {.kind = Estimate::Kind::kKnown, .value = *number};
  }
  // After the last time nobody is left, if everybody has left by then.
  const bool all_known = !empty() && at_risk.back() && deaths.back() && censored.back();
  if (all_known && *at_risk.back() == *deaths.back() + *censored.back()) return {.kind = Estimate::Kind::kKnown};
  return {};
}

bool Stratum::curve_withheld() const { return withheld || (empty() && size != 0 && !events); }

bool Stratum::has_gaps() const {
  return withheld ||
         std::any_of(survival.begin(), survival.end(), [](const auto& value) { return !value.has_value(); });
}

bool Stratum::median_not_reached() const {
  return !withheld && !empty() &&
         std::all_of(survival.begin(), survival.end(), [](const auto& value) { return value && *value > 0.5; });
}

double Curves::last_time() const {
  double last = 0;
  for (const Stratum& stratum : strata) {
    if (!stratum.empty()) last = std::max(last, stratum.time.back());
  }
  return last;
}

double tick_step(double last, std::string_view unit, int intervals) {
  if (last <= 0) return 1;
  for (const double step : calendar_steps(unit)) {
    if (last >= 2 && last <= step * intervals) return step;
  }
  const double power = std::pow(10, std::floor(std::log10(last / intervals)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (last <= factor * power * intervals) return factor * power;
  }
  return 10 * power;
}

std::vector<double> Curves::ticks() const {
  constexpr int kIntervals = 8;
  const double last = last_time();
  const double step = tick_step(last, unit, kIntervals);
  std::vector<double> result;
  for (int i = 0; i <= kIntervals && i * step <= last * (1 + 1e-9); ++i) result.push_back(i * step);
  return result;
}

Curves read_curves(const Node& analysis, IntervalScale interval) {
  if (analysis.at("kind").text() != "kaplan_meier") analysis.refuse("an analysis of kind kaplan_meier is expected");
  Curves curves;
  curves.title = analysis.find_text("title");
  const Node time = analysis.at("time");
  curves.column = time.find_text("column");
  curves.unit = time.find_text("unit");
  curves.by = joined(analysis.find_names("by"));
  curves.merged = analysis.find_text("curve") == "merged";
  if (const auto confidence = analysis.find("confidence")) curves.confidence = confidence->number();
  if (curves.confidence <= 0 || curves.confidence >= 1) analysis.refuse("confidence must lie between 0 and 1");
  curves.error_bound = analysis.find_number("error_bound");
  for (const Node& stratum : analysis.at("strata").items()) curves.strata.push_back(read_stratum(stratum, interval));
  return curves;
}

}  // namespace cohortium::study::report
