// Sections: cumulative hazards and cumulative incidences at the ticks of the time axis, restricted means.
#include <fmt/format.h>

#include <algorithm>

#include "study/report_analyses.h"
#include "study/report_curves.h"
#include "study/report_table.h"
#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

const Cell withheld("withheld", true);
const Cell nothing("–", true);

// One curve as a step function: the value from each time on.
struct Steps {
  std::string label;
  bool shown = false;
  std::optional<double> people = {}, events = {};
  Numbers time = {}, value = {}, lower = {}, upper = {};
};

Steps read_steps(const Node& stratum, const std::string& value) {
  Steps steps{.label = stratum.at("label").text()};
  steps.people = stratum.find_number("n");
  steps.events = stratum.find_number("events");
  steps.time = stratum.at("time").numbers();
  steps.value = stratum.at(value).numbers();
  steps.lower = stratum.at("lower").numbers();
  steps.upper = stratum.at("upper").numbers();
  steps.shown = !steps.time.empty();
  for (const Numbers* list : {&steps.value, &steps.lower, &steps.upper}) {
    if (list->size() != steps.time.size()) stratum.refuse("a list is not as long as the list of times");
  }
  for (std::size_t i = 0; i < steps.time.size(); ++i) {
    if (!steps.time[i] || (i > 0 && !(*steps.time[i] > *steps.time[i - 1])))
      stratum.refuse("times must be numbers, ascending");
  }
  return steps;
}

Cell cell_at(const Steps& steps, double tick) {
  if (!steps.shown) return withheld;
  std::size_t i = 0;
  while (i < steps.time.size() && *steps.time[i] <= tick) ++i;
  if (i == 0) return Cell("0");
  if (i == steps.time.size() && tick > *steps.time.back()) return nothing;
  --i;
  if (!steps.value[i]) return withheld;
  Cell cell(decimal(*steps.value[i], 4));
  if (steps.lower[i] && steps.upper[i])
    cell.detail = fmt::format("({}–{})", decimal(*steps.lower[i], 4), decimal(*steps.upper[i], 4));
  return cell;
}

std::string with_unit(const std::string& what, const std::string& unit) {
  return unit.empty() ? what : what + " (" + unit_name(unit) + ")";
}

Cell number_or(const std::optional<double>& value, const Cell& absent) {
  return value ? Cell(measure(*value, 5)) : absent;
}

}  // namespace

Html cumulative_section(const Node& analysis, const std::string& what, const std::string& value) {
  const std::string unit = analysis.at("time").find_text("unit");
  const std::string confidence = measure(100 * analysis.at("confidence").number()) + "% CI";
  std::vector<Steps> curves;
  double last = 0;
  for (const Node& stratum : analysis.at("strata").items()) {
    curves.push_back(read_steps(stratum, value));
    if (curves.back().shown) last = std::max(last, *curves.back().time.back());
  }
  TableContent people{.caption = "Records and events", .head = {"Curve", "n", "Events"}};
  TableContent table{.caption = what + " at the end of each period, with " + confidence,
                     .head = {with_unit("Time", unit)}};
  table.dense = curves.size() > 3;
  for (const Steps& steps : curves) {
    table.head.push_back(steps.label);
    people.rows.push_back({steps.label, steps.people ? Cell(count(*steps.people)) : withheld,
                           steps.events ? Cell(count(*steps.events)) : withheld});
  }
  constexpr int kIntervals = 8;
  const double step = tick_step(last, unit, kIntervals);
  for (int i = 0; i <= kIntervals && i * step <= last * (1 + 1e-9); ++i) {
    std::vector<Cell> row = {measure(i * step)};
    for (const Steps& steps : curves) row.push_back(cell_at(steps, i * step));
    table.rows.push_back(std::move(row));
  }
  return render_table(people) + render_table(table) + error_paragraph(analysis);
}

Html restricted_mean_section(const Node& analysis) {
  const std::string confidence = measure(100 * analysis.at("confidence").number()) + "% CI";
  const std::string unit = analysis.find_text("unit");
  auto estimate = [](const Node& node, std::vector<Cell>& row) {
    row.push_back(number_or(node.at("value").number_or_null(), withheld));
    row.push_back(number_or(node.at("standard_error").number_or_null(), nothing));
    const auto lower = node.at("lower").number_or_null(), upper = node.at("upper").number_or_null();
    row.push_back(lower && upper ? Cell(measure(*lower, 5) + " to " + measure(*upper, 5)) : nothing);
  };
  TableContent means{.caption = with_unit("Mean of " + analysis.at("outcome").text(), unit),
                     .head = {"Group", "n", "Events", "Mean", "Standard error", confidence}};
  for (const Node& group : analysis.at("groups").items()) {
    std::vector<Cell> row = {group.at("label").text()};
    for (const char* name : {"n", "events"}) {
      const auto number = group.at(name).number_or_null();
      row.push_back(number ? Cell(count(*number)) : withheld);
    }
    estimate(group, row);
    means.rows.push_back(std::move(row));
  }
  Html out = render_table(means);
  const std::vector<Node> pairs = analysis.at("differences").items();
  if (!pairs.empty()) {
    TableContent table{.caption = "Differences", .head = {"Groups", "Difference", "Standard error", confidence, "p"}};
    for (const Node& pair : pairs) {
      std::vector<Cell> row = {pair.at("second").text() + " − " + pair.at("first").text()};
      estimate(pair, row);
      const auto p = pair.at("p").number_or_null();
      row.push_back(p ? Cell(p_value(*p)) : nothing);
      table.rows.push_back(std::move(row));
    }
    out += render_table(table);
  }
  return out + error_paragraph(analysis);
}

}  // namespace cohortium::study::report
