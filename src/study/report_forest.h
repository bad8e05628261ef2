// A forest plot: estimates with limits on one axis, the value of no effect marked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "study/report_html.h"

namespace cohortium::study::report {

struct ForestRow {
  std::string label;
  std::optional<double> estimate = {}, lower = {}, upper = {};
};

struct ForestPlot {
  std::string title;
  std::string axis;          // what is measured
  bool logarithmic = false;  // of ratios: equal distances for equal factors, no effect at 1; otherwise at 0
  std::vector<ForestRow> rows;
};

// Empty where no row has limits.
Html draw_forest(const ForestPlot& plot);

}  // namespace cohortium::study::report
