// Section: people left after each step, as bars and as a table. Bars are shares of the largest number shown.
#include <algorithm>

#include "study/report_analyses.h"
#include "study/report_drawing.h"
#include "study/report_table.h"
#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

constexpr double kWidth = 760, kRow = 30, kBar = 18, kTop = 8, kNumbers = 130, kCharacter = 6.6;

struct Step {
  std::string label;
  std::optional<double> n, lost;
};

Html bar(double x, double y, double width) {
  return element("rect",
                 {{"x", px(x)},
                  {"y", px(y)},
                  {"width", px(width)},
                  {"height", px(kBar)},
                  {"fill", kBlue},
                  {"class", "chart-mark"}},
                 {});
}

Html draw(const std::vector<Step>& steps, double most, const std::string& title) {
  std::size_t widest = 0;
  for (const Step& step : steps) widest = std::max(widest, width_in_characters(shortened(step.label, 40)));
  const double left = std::max(72.0, 16 + kCharacter * static_cast<double>(widest));
  const double bottom = kTop + kRow * static_cast<double>(steps.size());
  Html body;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double top = kTop + kRow * static_cast<double>(i), line = top + kBar - 4.5;
    const double width = steps[i].n ? (kWidth - left - kNumbers) * *steps[i].n / most : 0;
    body += words(left - 10, line, "end", shortened(steps[i].label, 40), false);
    if (steps[i].n) body += bar(left, top, std::max(width, 1.0));
    const std::string number =
        steps[i].n ? count(*steps[i].n) + " (" + percent(*steps[i].n / most) + ")" : std::string("withheld");
    body += words(left + width + 8, line, "start", number, !steps[i].n);
  }
  body += stroke("M" + px(left) + " " + px(kTop - 4) + "V" + px(bottom - 8), kAxis, "chart-axis", "1");
  return drawing(title, kWidth, bottom + 4, body);
}

}  // namespace

Html funnel_section(const Node& analysis, double minimum_cell) {
  std::vector<Step> steps;
  double most = 0;
  for (const Node& step : analysis.at("steps").items()) {
    steps.push_back({step.at("label").text(), step.at("n").number_or_null(), step.at("lost").number_or_null()});
    most = std::max(most, steps.back().n.value_or(0));
  }
  TableContent table{.caption = "People left after each step", .head = {"Step", "n", "Lost"}};
  bool any_withheld = false;
  for (const Step& step : steps) {
    any_withheld = any_withheld || !step.n;
    table.rows.push_back({step.label, step.n ? Cell(count(*step.n)) : Cell("withheld", true),
                          step.lost ? Cell(count(*step.lost)) : Cell("–", true)});
  }
  Html figure;
  if (most > 0) {
    std::string caption = "People left after each step, and their share of the largest number shown.";
    if (any_withheld)
      caption += " Withheld: fewer than " + count(minimum_cell) +
                 " people are left, or so few were lost before the next step shown.";
    figure = element("figure", draw(steps, most, "People left after each step") + element("figcaption", text(caption)));
  }
  return figure + render_table(table) + error_paragraph(analysis);
}

}  // namespace cohortium::study::report
