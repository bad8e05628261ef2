// Drawing baseline hazards: a step function per stratum, named at its end. Survival at covariates of 0 may be near 0 or 1
// all along, where nobody is like that; the cumulative hazard, drawn up to its largest value, keeps its shape.
#include "study/report_baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "study/report_curves.h"
#include "study/report_drawing.h"
#include "study/report_table.h"
#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

constexpr double kWidth = 640, kHeight = 340, kLeft = 76, kRight = 110, kTop = 20, kBottom = 50;

struct Baseline {
  std::string label;
  std::vector<double> time, hazard;
};

// Fails with report.malformed_result.
Baseline read_baseline(const Node& stratum) {
  Baseline baseline{.label = stratum.at("label").text(), .time = {}, .hazard = {}};
  const Numbers times = stratum.at("time").numbers(), hazards = stratum.at("cumhaz").numbers();
  if (times.size() != hazards.size()) stratum.refuse("the list of hazards is not as long as the list of times");
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (!times[i] || (i > 0 && !(*times[i] > *times[i - 1]))) stratum.refuse("times must be numbers, ascending");
    if (!hazards[i]) continue;
    if (*hazards[i] < 0) stratum.refuse("a cumulative hazard is not negative");
    baseline.time.push_back(*times[i]);
    baseline.hazard.push_back(*hazards[i]);
  }
  return baseline;
}

class Picture {
 public:
  explicit Picture(const std::vector<Baseline>& curves) : curves_(curves) {
    for (const Baseline& curve : curves) {
      if (curve.time.empty()) continue;
      last_ = std::max(last_, curve.time.back());
      most_ = std::max(most_, *std::max_element(curve.hazard.begin(), curve.hazard.end()));
    }
    if (!(most_ > 0)) most_ = 1;
    if (!(last_ > 0)) last_ = 1;
  }

  Html draw(const std::string& title, const std::string& axis, const std::string& unit) const {
    Html body = axes(axis, unit);
    for (const Baseline& curve : curves_) {
      if (curve.time.empty()) continue;
      std::string path = fmt::format("M{} {}", px(x(0)), px(y(0)));
      for (std::size_t i = 0; i < curve.time.size(); ++i)
        path += fmt::format("H{}V{}", px(x(curve.time[i])), px(y(curve.hazard[i])));
      body += stroke(path, kBlue, "chart-line", "1.6");
      if (curves_.size() > 1)
        body += words(x(curve.time.back()) + 6, y(curve.hazard.back()) + 4, "start", curve.label, false);
    }
    return drawing(title, kWidth, kHeight, body);
  }

 private:
  double x(double time) const { return kLeft + (kWidth - kLeft - kRight) * time / last_; }
  double y(double hazard) const { return kHeight - kBottom - (kHeight - kTop - kBottom) * hazard / most_; }

  Html axes(const std::string& axis, const std::string& unit) const {
    Html out;
    const double across = tick_step(last_, unit, 8), up = tick_step(most_, "", 5);
    for (int i = 0; i * up <= most_ * 1.0001; ++i) {
      out += stroke(fmt::format("M{} {}H{}", px(kLeft), px(y(i * up)), px(kWidth - kRight)), kRule, "chart-rule", "1");
      out += words(kLeft - 8, y(i * up) + 4, "end", measure(i * up, 3), true);
    }
    for (int i = 0; i * across <= last_ * 1.0001; ++i)
      out += words(x(i * across), kHeight - kBottom + 18, "middle", measure(i * across, 4), true);
    out += stroke(fmt::format("M{} {}H{}", px(kLeft), px(y(0)), px(kWidth - kRight)), kAxis, "chart-axis", "1");
    return out + words((kLeft + kWidth - kRight) / 2, kHeight - 10, "middle", axis, true);
  }

  const std::vector<Baseline>& curves_;
  double last_ = 0, most_ = 0;
};

// The last value up to each tick.
Html table_of(const std::vector<Baseline>& curves, const std::string& axis, double last, double step) {
  TableContent table{.caption = "Baseline cumulative hazard, and survival, for covariates of 0",
                     .head = {capitalised(axis)}};
  for (const Baseline& curve : curves) table.head.push_back(curve.label);
  for (int i = 1; i * step <= last * 1.0001; ++i) {
    std::vector<Cell> row = {measure(i * step)};
    for (const Baseline& curve : curves) {
      const auto next = std::upper_bound(curve.time.begin(), curve.time.end(), i * step * (1 + 1e-12));
      const bool beyond = curve.time.empty() || (next == curve.time.end() && i * step > curve.time.back());
      if (beyond) {
        row.push_back(Cell("–", true));
        continue;
      }
      const double hazard =
          next == curve.time.begin() ? 0 : curve.hazard[static_cast<std::size_t>(next - curve.time.begin()) - 1];
      Cell cell(measure(hazard, 4));
      cell.detail = "(" + measure(std::exp(-hazard), 4) + ")";
      row.push_back(std::move(cell));
    }
    table.rows.push_back(std::move(row));
  }
  return render_table(table);
}

}  // namespace

Html baseline_section(const Node& analysis) {
  const auto baseline = analysis.find("baseline");
  if (!baseline) return {};
  const Node time = baseline->at("time");
  const std::string unit = time.find_text("unit");
  const std::string axis = time.at("column").text() + (unit.empty() ? "" : " (" + unit_name(unit) + ")");
  std::vector<Baseline> curves;
  double last = 0;
  for (const Node& stratum : baseline->at("strata").items()) {
    curves.push_back(read_baseline(stratum));
    if (!curves.back().time.empty()) last = std::max(last, curves.back().time.back());
  }
  if (last <= 0) return element("p", {{"class", "note"}}, text("The baseline hazard is withheld."));
  std::string caption = "Cumulative hazard of someone whose covariates are all 0";
  caption += baseline->at("curve").text() == "merged" ? ", at the ends of steps with enough events each." : ".";
  const Html figure = Picture(curves).draw("Baseline cumulative hazard", axis, unit);
  return element("figure", figure + element("figcaption", text(caption))) +
         table_of(curves, axis, last, tick_step(last, unit, 8));
}

}  // namespace cohortium::study::report
