// Sections: tables of counts, proportions and rates, quantiles, histograms.
#include <fmt/format.h>

#include <algorithm>

#include "study/report_analyses.h"
#include "study/report_table.h"
#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

Cell measure_or(const std::optional<double>& value, const char* absent) {
  return value ? Cell(measure(*value, 5)) : Cell(absent, true);
}

Cell interval(const std::optional<double>& lower, const std::optional<double>& upper) {
  if (!lower || !upper) return Cell("–", true);
  return measure(*lower, 4) + " to " + measure(*upper, 4);
}

std::string group_head(const Node& analysis) {
  const std::string by = joined(analysis.find_names("by"));
  return capitalised(by.empty() ? "group" : by);
}

}  // namespace

Html table_section(const Node& analysis, double minimum_cell) {
  const std::vector<std::string> by = analysis.at("by").texts();
  const std::vector<Node> cells = analysis.at("cells").items();
  const bool shares = !cells.empty() && cells.front().find("proportion").has_value();
  TableContent table{.caption = "Records by " + joined(by), .head = {}};
  table.text_columns = by.size();
  for (const std::string& column : by) table.head.push_back(capitalised(column));
  table.head.push_back("n");
  const bool any_share = std::any_of(cells.begin(), cells.end(), [](const Node& c) { return c.find("proportion"); });
  if (shares || any_share) table.head.push_back("Proportion");
  const auto add = [&](const Node& cell, bool is_total) {
    std::vector<std::string> labels = cell.at("labels").texts();
    if (labels.size() > by.size()) cell.refuse("more levels than the table has columns");
    labels.resize(by.size(), is_total ? "total" : "");
    std::vector<Cell> row(labels.begin(), labels.end());
    const auto number = cell.at("n").number_or_null();
    row.push_back(number ? Cell(count(*number)) : withheld_cell(minimum_cell));
    if (shares || any_share) {
      const auto share = cell.find_number("proportion");
      row.push_back(share ? Cell(percent(*share)) : Cell("–", true));
    }
    table.rows.push_back(std::move(row));
  };
  for (const Node& cell : cells) add(cell, false);
  for (const Node& total : analysis.at("totals").items()) add(total, true);
  return render_table(table);
}

Html estimates_section(const Node& analysis) {
  const std::string confidence = measure(100 * analysis.at("confidence").number()) + "% CI";
  const double per = analysis.at("per").number();
  std::string caption = capitalised(analysis.at("measure").text()) + " of " + analysis.at("outcome").text();
  const std::string unit = analysis.find_text("unit");
  if (!unit.empty()) caption += " per " + (per == 1 ? "" : measure(per) + " ") + unit_name(unit);
  if (unit.empty() && per != 1) caption += " per " + measure(per);
  const std::vector<Node> groups = analysis.at("groups").items();
  const bool times = std::any_of(groups.begin(), groups.end(), [](const Node& g) { return g.find("person_time"); });
  TableContent table{.caption = caption, .head = {group_head(analysis), "n", "With the outcome"}};
  if (times) table.head.push_back("Person-time");
  table.head.insert(table.head.end(), {"Estimate", confidence});
  for (const Node& group : groups) {
    const auto n = group.at("n").number_or_null(), events = group.at("events").number_or_null();
    std::vector<Cell> row = {group.at("label").text(), n ? Cell(count(*n)) : Cell("withheld", true),
                             events ? Cell(count(*events)) : Cell("–", true)};
    if (times) row.push_back(measure_or(group.find_number("person_time"), "withheld"));
    row.push_back(measure_or(group.at("value").number_or_null(), "–"));
    row.push_back(interval(group.at("lower").number_or_null(), group.at("upper").number_or_null()));
    table.rows.push_back(std::move(row));
  }
  return render_table(table) + error_paragraph(analysis);
}

Html quantiles_section(const Node& analysis) {
  const Node column = analysis.at("column");
  const std::string unit = column.find_text("unit");
  const std::string caption =
      "Quantiles of " + column.at("name").text() + (unit.empty() ? "" : " (" + unit_name(unit) + ")");
  TableContent table{.caption = caption, .head = {group_head(analysis), "n"}};
  for (const auto& probability : analysis.at("probabilities").numbers())
    table.head.push_back(probability ? percent(*probability) : "–");
  for (const Node& group : analysis.at("groups").items()) {
    const auto n = group.at("n").number_or_null();
    std::vector<Cell> row = {group.at("label").text(), n ? Cell(count(*n)) : Cell("withheld", true)};
    for (const auto& value : group.at("quantiles").numbers()) row.push_back(measure_or(value, "withheld"));
    table.rows.push_back(std::move(row));
  }
  return render_table(table);
}

Html histogram_section(const Node& analysis, double minimum_cell) {
  const Numbers breaks = analysis.at("breaks").numbers();
  TableContent table{.caption = "Records by " + analysis.at("column").at("name").text(), .head = {"From", "To"}};
  const std::vector<Node> groups = analysis.at("groups").items();
  for (const Node& group : groups) table.head.push_back(group.at("label").text());
  for (std::size_t bin = 0; bin + 1 < breaks.size(); ++bin) {
    std::vector<Cell> row = {measure_or(breaks[bin], "–"), measure_or(breaks[bin + 1], "–")};
    for (const Node& group : groups) {
      const Numbers counts = group.at("counts").numbers();
      if (counts.size() + 1 != breaks.size()) group.refuse("a count for each bin is expected");
      row.push_back(counts[bin] ? Cell(count(*counts[bin])) : withheld_cell(minimum_cell));
    }
    table.rows.push_back(std::move(row));
  }
  return render_table(table);
}

}  // namespace cohortium::study::report
