// Sections: models. Coefficients with limits as a table and as a forest plot, how well the model fits, its tests.
#include <fmt/format.h>

#include "study/report_analyses.h"
#include "study/report_baseline.h"
#include "study/report_calibration.h"
#include "study/report_forest.h"
#include "study/report_table.h"
#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

Cell value_or_dash(const std::optional<double>& value) { return value ? Cell(measure(*value, 5)) : Cell("–", true); }

Cell limits(const std::optional<double>& lower, const std::optional<double>& upper) {
  if (!lower && !upper) return Cell("–", true);
  return (lower ? measure(*lower, 4) : "–") + " to " + (upper ? measure(*upper, 4) : "–");
}

Cell p_cell(const std::optional<double>& p) { return p ? Cell(p_value(*p)) : Cell("–", true); }

std::string interval_head(const Node& analysis) { return measure(100 * analysis.at("confidence").number()) + "% CI"; }

Html statement(const Node& analysis) {
  std::string words = analysis.at("method").text() + ": " + analysis.at("formula").text() + ".";
  const auto n = analysis.at("n").number_or_null();
  words += n ? " " + count(*n) + " records" : " Withheld";
  if (const auto events = analysis.find_number("events")) words += ", " + count(*events) + " events";
  const auto missing = analysis.at("n_missing").number_or_null();
  if (missing && *missing > 0) words += ", " + count(*missing) + " left out for missing values";
  if (const auto steps = analysis.find_number("steps")) words += ", " + count(*steps) + " steps";
  Html out = element("p", text(words + "."));
  const std::string note = analysis.find_text("note");
  if (!note.empty()) out += element("p", {{"class", "note"}}, text(note));
  return out;
}

Html coefficient_table(const Node& analysis, const std::vector<Node>& terms, const std::string& ratio) {
  const bool robust = terms.front().find("robust_se").has_value();
  TableContent table{.caption = "Coefficients",
                     .head = {"Term", "Estimate", "Standard error", analysis.at("model_statistic").text(), "p"}};
  if (robust) table.head.insert(table.head.begin() + 3, "Robust standard error");
  if (!ratio.empty()) table.head.push_back(capitalised(ratio));
  table.head.push_back(interval_head(analysis));
  for (const Node& term : terms) {
    std::vector<Cell> row = {term.at("term").text(), value_or_dash(term.at("estimate").number_or_null()),
                             value_or_dash(term.at("se").number_or_null()),
                             value_or_dash(term.at("statistic").number_or_null()),
                             p_cell(term.at("p").number_or_null())};
    if (robust) row.insert(row.begin() + 3, value_or_dash(term.at("robust_se").number_or_null()));
    if (!ratio.empty()) row.push_back(value_or_dash(term.at("ratio").number_or_null()));
    row.push_back(ratio.empty()
                      ? limits(term.at("lower").number_or_null(), term.at("upper").number_or_null())
                      : limits(term.at("ratio_lower").number_or_null(), term.at("ratio_upper").number_or_null()));
    table.rows.push_back(std::move(row));
  }
  return render_table(table);
}

Html forest(const Node& analysis, const std::vector<Node>& terms, const std::string& ratio) {
  ForestPlot plot{.title = "Estimates of " + analysis.at("formula").text(),
                  .axis = ratio.empty() ? "coefficient" : ratio,
                  .logarithmic = !ratio.empty(),
                  .rows = {}};
  const std::string before = ratio.empty() ? "" : "ratio_";
  for (const Node& term : terms) {
    if (term.at("term").text() == "(Intercept)") continue;
    plot.rows.push_back({term.at("term").text(), term.find_number(ratio.empty() ? "estimate" : "ratio"),
                         term.find_number(before + "lower"), term.find_number(before + "upper")});
  }
  const Html drawn = draw_forest(plot);
  if (drawn.empty()) return drawn;
  const std::string caption =
      capitalised(plot.axis) + " with " + interval_head(analysis) +
      (ratio.empty() ? "; the line marks no effect." : ", on a logarithmic axis; the line marks no effect.");
  return element("figure", drawn + element("figcaption", text(caption)));
}

Html fit_table(const Node& analysis) {
  TableContent table{.caption = "Fit", .head = {"Quantity", "Value"}};
  for (const auto& [name, value] : analysis.at("fit").members()) {
    std::string words = name;
    for (char& c : words) c = c == '_' ? ' ' : c;
    table.rows.push_back({capitalised(words), value_or_dash(value.number_or_null())});
  }
  return table.rows.empty() ? Html() : render_table(table);
}

Html tests_table(const std::vector<Node>& tests) {
  if (tests.empty()) return {};
  bool squares = false;
  for (const Node& test : tests) squares = squares || test.find("sum_of_squares");
  TableContent table{.caption = "Tests", .head = {"Test", "Statistic", "Degrees of freedom", "p"}};
  if (squares) table.head.insert(table.head.begin() + 1, {"Sum of squares", "Mean square"});
  for (const Node& test : tests) {
    std::string degrees;
    for (const auto& df : test.at("df").numbers())
      degrees += (degrees.empty() ? "" : ", ") + measure(df.value_or(0), 5);
    const auto statistic = test.at("statistic").number_or_null();
    std::vector<Cell> row = {test.at("name").text()};
    if (squares) {
      row.push_back(value_or_dash(test.find_number("sum_of_squares")));
      row.push_back(value_or_dash(test.find_number("mean_square")));
    }
    row.push_back(statistic ? Cell(test.at("statistic_name").text() + " = " + measure(*statistic, 5))
                            : Cell("–", true));
    row.push_back(degrees);
    row.push_back(p_cell(test.at("p").number_or_null()));
    table.rows.push_back(std::move(row));
  }
  return render_table(table);
}

}  // namespace

Html model_section(const Node& analysis) {
  const std::vector<Node> terms = analysis.at("terms").items();
  const std::string ratio = analysis.find_text("ratio_name");
  Html out = statement(analysis);
  if (!terms.empty()) out += coefficient_table(analysis, terms, ratio) + forest(analysis, terms, ratio);
  return out + fit_table(analysis) + tests_table(analysis.at("tests").items()) + calibration_section(analysis) +
         baseline_section(analysis) + error_paragraph(analysis);
}

}  // namespace cohortium::study::report
