// Sections: tests (one statistic with its p-value, what it is computed from, an estimate with limits), correlations.
#include <fmt/format.h>

#include "study/report_analyses.h"
#include "study/report_table.h"
#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

Cell value_or_dash(const std::optional<double>& value) { return value ? Cell(measure(*value, 5)) : Cell("–", true); }

Cell count_or_withheld(const std::optional<double>& n) { return n ? Cell(count(*n)) : Cell("withheld", true); }

Cell limits(const Node& estimate) {
  const auto lower = estimate.at("lower").number_or_null(), upper = estimate.at("upper").number_or_null();
  if (!lower && !upper) return Cell("–", true);
  return (lower ? measure(*lower, 4) : "–") + " to " + (upper ? measure(*upper, 4) : "∞");
}

Html statement(const Node& analysis) {
  const std::string method = analysis.at("method").text(), note = analysis.find_text("note");
  const auto statistic = analysis.at("statistic").number_or_null(), p = analysis.at("p").number_or_null();
  if (analysis.at("statistic_name").text().empty())
    return element("p", text(method + (note.empty() ? "." : ": " + note + ".")));
  if (!p) return element("p", text(method + ": " + (note.empty() ? "withheld or not defined." : note)));
  std::string words = method + ": ";
  if (statistic) words += analysis.at("statistic_name").text() + " = " + measure(*statistic, 5);
  std::string degrees;
  for (const auto& df : analysis.at("df").numbers())
    degrees += (degrees.empty() ? "" : " and ") + measure(df.value_or(0), 5);
  if (!degrees.empty()) words += " on " + degrees + (degrees == "1" ? " degree of freedom" : " degrees of freedom");
  if (statistic) words += ", ";
  Html out = element("p", text(words) + element("strong", text(p_value(*p))) + text("."));
  if (!note.empty()) out += element("p", {{"class", "note"}}, text(note));
  return out;
}

}  // namespace

Html test_section(const Node& analysis) {
  Html out = statement(analysis);
  const std::vector<Node> estimates = analysis.at("estimates").items(), groups = analysis.at("groups").items(),
                          cells = analysis.at("cells").items();
  if (!estimates.empty()) {
    const std::string confidence = measure(100 * analysis.at("confidence").number()) + "% CI";
    TableContent table{.caption = "Estimates", .head = {"Quantity", "Estimate", confidence}};
    for (const Node& estimate : estimates)
      table.rows.push_back(
          {estimate.at("name").text(), value_or_dash(estimate.at("value").number_or_null()), limits(estimate)});
    out += render_table(table);
  }
  if (!groups.empty()) {
    TableContent table{.caption = "Groups", .head = {"Group", "n", "Mean", "Standard deviation"}};
    for (const Node& group : groups)
      table.rows.push_back({group.at("label").text(), count_or_withheld(group.at("n").number_or_null()),
                            value_or_dash(group.at("mean").number_or_null()),
                            value_or_dash(group.at("sd").number_or_null())});
    out += render_table(table);
  }
  if (!cells.empty()) {
    TableContent table{.caption = "Records", .head = {"Cell", "n"}};
    for (const Node& cell : cells)
      table.rows.push_back(
          {joined(cell.at("labels").texts(), " × "), count_or_withheld(cell.at("n").number_or_null())});
    out += render_table(table);
  }
  return out + error_paragraph(analysis);
}

Html correlation_section(const Node& analysis) {
  const std::string confidence = measure(100 * analysis.at("confidence").number()) + "% CI";
  const auto n = analysis.at("n").number_or_null();
  TableContent table{
      .caption = analysis.at("method").text() + " correlation" + (n ? " of " + count(*n) + " records" : std::string()),
      .head = {"First", "Second", "r", confidence, "p"}};
  table.text_columns = 2;
  for (const Node& pair : analysis.at("pairs").items()) {
    const auto p = pair.at("p").number_or_null();
    table.rows.push_back({pair.at("first").text(), pair.at("second").text(),
                          value_or_dash(pair.at("r").number_or_null()), limits(pair),
                          p ? Cell(p_value(*p)) : Cell("–", true)});
  }
  return render_table(table) + error_paragraph(analysis);
}

}  // namespace cohortium::study::report
