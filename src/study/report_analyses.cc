// Sections: Kaplan-Meier, log-rank, describe, count; which section an analysis has.
#include "study/report_analyses.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "study/report_curves.h"
#include "study/report_figure.h"
#include "study/report_table.h"
#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

std::string with_unit(const std::string& what, const std::string& unit) {
  return unit.empty() ? what : what + " (" + unit_name(unit) + ")";
}

Html note(const std::string& plain) { return element("p", {{"class", "note"}}, text(plain)); }

std::string error_note(const std::optional<double>& bound) {
  if (!bound) return {};
  if (*bound == 0) return "The secure computation of these numbers is exact.";
  return "Numeric error of the secure computation: at most " + scientific(*bound) + ".";
}

const Cell withheld("withheld", true);
const Cell nothing("–", true);

Cell count_or_withheld(const std::optional<double>& number) { return number ? Cell(count(*number)) : withheld; }

// Of a cell that the rule withholds for its size alone.
Cell cell_count(const std::optional<double>& number, double minimum_cell) {
  return number ? Cell(count(*number)) : withheld_cell(minimum_cell);
}

// --- Kaplan-Meier ---

std::string interval_text(const std::optional<double>& lower, const std::optional<double>& upper,
                          const std::string& open_end) {
  if (!lower && !upper) return "–";
  return (lower ? measure(*lower) : "–") + " to " + (upper ? measure(*upper) : open_end);
}

std::vector<Cell> median_row(const Stratum& s) {
  std::vector<Cell> row = {s.label, count_or_withheld(s.size), count_or_withheld(s.events)};
  if (s.curve_withheld()) {
    row.insert(row.end(), {withheld, withheld});
  } else if (s.empty()) {
    row.insert(row.end(), {nothing, nothing});
  } else if (s.median) {
    row.push_back(measure(*s.median));
    row.push_back(interval_text(s.median_lower, s.median_upper, s.has_gaps() ? "–" : "not reached"));
  } else if (s.median_not_reached()) {
    row.push_back({"not reached", true});
    row.push_back(interval_text(s.median_lower, s.median_upper, "not reached"));
  } else {
    row.insert(row.end(), {withheld, nothing});
  }
  return row;
}

Html median_table(const Curves& curves, const std::string& confidence) {
  TableContent table{.caption = curves.merged ? "Median survival time: the end of the first step at or below one half"
                                              : "Median survival time",
                     .head = {capitalised(curves.by.empty() ? "stratum" : curves.by), "n", "Events",
                              with_unit("Median", curves.unit), confidence + " CI"}};
  for (const Stratum& stratum : curves.strata) table.rows.push_back(median_row(stratum));
  return render_table(table);
}

Cell survival_cell(const Estimate& estimate) {
  if (estimate.kind == Estimate::Kind::kWithheld) return withheld;
  if (estimate.kind == Estimate::Kind::kBeyond) return nothing;
  Cell cell = percent(estimate.value);
  if (estimate.lower && estimate.upper) {
    cell.detail = fmt::format("({}–{})", decimal(100 * *estimate.lower, 1), decimal(100 * *estimate.upper, 1));
  }
  return cell;
}

// One row per axis tick, one column per stratum.
template <class ToCell>
TableContent tick_table(const Curves& curves, const std::string& caption, const ToCell& to_cell) {
  TableContent table{.caption = caption, .head = {with_unit("Time", curves.unit)}};
  table.dense = curves.strata.size() > 3;
  for (const Stratum& stratum : curves.strata) table.head.push_back(stratum.label);
  for (const double tick : curves.ticks()) {
    std::vector<Cell> row = {measure(tick)};
    for (const Stratum& stratum : curves.strata) row.push_back(to_cell(stratum, tick));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Cell at_risk_cell(const Estimate& number) {
  if (number.kind == Estimate::Kind::kKnown) return count(number.value);
  return number.kind == Estimate::Kind::kWithheld ? withheld : nothing;
}

std::string figure_caption(const Curves& curves, const std::string& confidence) {
  std::string caption = "Kaplan-Meier estimate of survival";
  if (!curves.by.empty()) caption += " by " + curves.by;
  if (!curves.column.empty()) caption += " (time column: " + curves.column + ")";
  caption += ". Shaded: pointwise " + confidence + " confidence interval, log type. ";
  caption += curves.merged ? "The study's release rule merges steps: each is drawn at its end, numbers at risk are "
                             "those at its start, and censored times are not shown."
                           : "Vertical marks: censored times.";
  const bool dashes = std::any_of(curves.strata.begin(), curves.strata.end(), [](const Stratum& stratum) {
    return std::any_of(stratum.at_risk.begin(), stratum.at_risk.end(), [](const auto& n) { return !n.has_value(); });
  });
  return dashes ? caption + " A dash is a number that is withheld." : caption;
}

Html curves_section(const Node& analysis) {
  const Curves curves = read_curves(analysis, IntervalScale::kLog);
  const std::string confidence = measure(100 * curves.confidence) + "%";
  const Html figure =
      element("figure", draw_curves(curves) + element("figcaption", text(figure_caption(curves, confidence))));
  TableContent at_risk = tick_table(curves, "Number at risk", [](const Stratum& stratum, double tick) {
    return at_risk_cell(stratum.at_risk_at(tick));
  });
  at_risk.for_screen_readers = true;
  const TableContent survival =
      tick_table(curves, "Survival at the times of the axis, with " + confidence + " confidence interval",
                 [](const Stratum& stratum, double tick) { return survival_cell(stratum.survival_at(tick)); });
  return figure + render_table(at_risk) + median_table(curves, confidence) + render_table(survival) +
         note(error_note(curves.error_bound));
}

// --- Log-rank ---

Html log_rank_statement(const Node& analysis, std::size_t groups) {
  const auto chisq = analysis.at("chisq").number_or_null(), p = analysis.at("p").number_or_null();
  const auto freedom = analysis.at("df").number_or_null();
  if (!chisq || !p || !freedom) return element("p", text("The test statistic is withheld or not defined."));
  const std::string statistic = fmt::format("χ² = {} on {} {} of freedom", measure(*chisq, 4), count(*freedom),
                                            *freedom == 1 ? "degree" : "degrees");
  return element("p", text(fmt::format("Hypothesis of equal survival in {} groups: {}, ", groups, statistic)) +
                          element("strong", text(p_value(*p))) + text("."));
}

// A withheld test has null in place of its lists.
Numbers per_group(const Node& analysis, const std::string& name, std::size_t groups) {
  const auto list = analysis.find(name);
  Numbers values = list ? list->numbers() : Numbers(groups);
  if (values.size() != groups) list->refuse("the list is not as long as the list of groups");
  return values;
}

Html log_rank_section(const Node& analysis) {
  const std::vector<std::string> groups = analysis.at("labels").texts();
  const Numbers size = per_group(analysis, "n", groups.size()),
                observed = per_group(analysis, "observed", groups.size()),
                expected = per_group(analysis, "expected", groups.size());
  TableContent table{.caption = "Observed and expected events",
                     .head = {"Group", "n", "Observed", "Expected", "Observed / expected"}};
  if (const auto weights = analysis.find("weights")) {
    table.caption = fmt::format("Observed and expected events, weighted by S^{} (1 − S)^{}",
                                measure(weights->at("rho").number()), measure(weights->at("gamma").number()));
  }
  const std::vector<std::string> strata = analysis.find_names("strata");
  if (!strata.empty()) table.caption += ", within strata of " + joined(strata);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const bool both = observed[i] && expected[i] && *expected[i] > 0;
    table.rows.push_back({groups[i], count_or_withheld(size[i]), observed[i] ? Cell(count(*observed[i])) : withheld,
                          expected[i] ? Cell(decimal(*expected[i], 1)) : withheld,
                          both ? Cell(decimal(*observed[i] / *expected[i], 2)) : nothing});
  }
  return log_rank_statement(analysis, groups.size()) + render_table(table) +
         note(error_note(analysis.find_number("error_bound")));
}

// --- Describe ---

Html describe_section(const Node& analysis, double minimum_cell) {
  const Node column = analysis.at("column");
  const std::string by = joined(analysis.find_names("by"));
  const std::string what = with_unit(capitalised(column.at("name").text()), column.find_text("unit"));
  TableContent table{
      .caption = by.empty() ? what : what + " by " + by,
      .head = {capitalised(by.empty() ? "group" : by), "n", "Missing", "Mean", "Standard deviation", "Variance"}};
  Html noise;
  for (const Node& group : analysis.at("groups").items()) {
    const auto size = group.at("n").number_or_null();
    std::vector<Cell> row = {group.at("label").text(), cell_count(size, minimum_cell),
                             cell_count(group.at("missing").number_or_null(), minimum_cell)};
    const auto mean_error = group.find_number("mean_error"), sd_error = group.find_number("sd_error");
    if (mean_error && sd_error)
      noise +=
          note(fmt::format("{}: with 95% probability noise moves the mean by at most {}, the standard deviation by at "
                           "most {}.",
                           group.at("label").text(), measure(*mean_error, 2), measure(*sd_error, 2)));
    for (const char* statistic : {"mean", "sd", "variance"}) {
      const auto value = group.at(statistic).number_or_null();
      row.push_back(value ? Cell(measure(*value, 4)) : size ? nothing : withheld);  // one record has no variance
    }
    table.rows.push_back(std::move(row));
  }
  return render_table(table) + noise + note(error_note(analysis.find_number("error_bound")));
}

// --- Count ---

struct Count {
  std::vector<std::string> labels;
  std::optional<double> number;
};

std::vector<Count> read_counts(const Node& analysis, std::size_t factors) {
  std::vector<Count> cells;
  for (const Node& cell : analysis.at("cells").items()) {
    cells.push_back({cell.at("labels").texts(), cell.at("n").number_or_null()});
    if (cells.back().labels.size() != factors) cell.refuse("a level for each column of the table is expected");
  }
  return cells;
}

// Place of a label in the order of first appearance.
std::size_t place(std::vector<std::string>& seen, std::map<std::string, std::size_t>& places,
                  const std::string& label) {
  const auto [found, added] = places.try_emplace(label, seen.size());
  if (added) seen.push_back(label);
  return found->second;
}

// Two columns: the first runs down, the second across.
TableContent cross_table(const std::vector<std::string>& by, const std::vector<Count>& cells, double minimum_cell) {
  std::vector<std::string> down, across;
  std::map<std::string, std::size_t> down_places, across_places;
  for (const Count& cell : cells) {
    place(down, down_places, cell.labels[0]);
    place(across, across_places, cell.labels[1]);
  }
  TableContent table{.caption = "Records by " + by[0] + " and " + by[1], .head = {capitalised(by[0])}};
  for (const std::string& label : across) table.head.push_back(label);
  for (const std::string& label : down) {
    table.rows.emplace_back(across.size() + 1, nothing);
    table.rows.back().front() = Cell(label);
  }
  for (const Count& cell : cells) {
    const std::size_t row = down_places[cell.labels[0]], column = across_places[cell.labels[1]];
    table.rows[row][column + 1] = cell_count(cell.number, minimum_cell);
  }
  return table;
}

// One row per cell; the share of the total is told only where no cell is withheld.
TableContent list_table(const std::vector<std::string>& by, const std::vector<Count>& cells, double minimum_cell) {
  TableContent table{.caption = by.empty() ? "Records" : "Records by " + joined(by), .head = {}};
  table.text_columns = std::max<std::size_t>(by.size(), 1);
  if (by.empty()) table.head.push_back("Group");
  for (const std::string& column : by) table.head.push_back(capitalised(column));
  table.head.push_back("n");
  double total = 0;
  for (const Count& cell : cells) total += cell.number.value_or(0);
  const bool complete =
      std::all_of(cells.begin(), cells.end(), [](const Count& cell) { return cell.number.has_value(); });
  const bool shares = complete && total > 0 && cells.size() > 1;
  if (shares) table.head.push_back("Share");
  for (const Count& cell : cells) {
    std::vector<Cell> row(cell.labels.begin(), cell.labels.end());
    if (by.empty()) row.push_back("all");
    row.push_back(cell_count(cell.number, minimum_cell));
    if (shares) row.push_back(percent(*cell.number / total));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Html count_section(const Node& analysis, double minimum_cell) {
  const std::vector<std::string> by = analysis.at("by").texts();
  const std::vector<Count> cells = read_counts(analysis, by.size());
  return render_table(by.size() == 2 ? cross_table(by, cells, minimum_cell) : list_table(by, cells, minimum_cell));
}

}  // namespace

std::string analysis_title(const std::string& name, const Node& analysis) {
  const std::string title = analysis.find_text("title");
  return title.empty() ? name : title;
}

Html error_paragraph(const Node& analysis) { return note(error_note(analysis.find_number("error_bound"))); }

Html render_analysis(const std::string& name, const Node& analysis, double minimum_cell) {
  const std::string kind = analysis.at("kind").text();
  Html body;
  if (kind == "kaplan_meier") {
    body = curves_section(analysis);
  } else if (kind == "nelson_aalen") {
    body = cumulative_section(analysis, "Cumulative hazard", "cumhaz");
  } else if (kind == "aalen_johansen") {
    body = cumulative_section(analysis, "Cumulative incidence", "cuminc");
  } else if (kind == "restricted_mean") {
    body = restricted_mean_section(analysis);
  } else if (kind == "log_rank") {
    body = log_rank_section(analysis);
  } else if (kind == "describe") {
    body = describe_section(analysis, minimum_cell);
  } else if (kind == "count") {
    body = count_section(analysis, minimum_cell);
  } else if (kind == "funnel") {
    body = funnel_section(analysis, minimum_cell);
  } else if (kind == "table") {
    body = table_section(analysis, minimum_cell);
  } else if (kind == "proportion" || kind == "prevalence" || kind == "rate" || kind == "standardised_rate") {
    body = estimates_section(analysis);
  } else if (kind == "quantiles") {
    body = quantiles_section(analysis);
  } else if (kind == "histogram") {
    body = histogram_section(analysis, minimum_cell);
  } else if (kind == "correlation") {
    body = correlation_section(analysis);
  } else if (analysis.find("model_statistic")) {
    body = model_section(analysis);
  } else if (kind == "disproportionality") {
    body = disproportionality_section(analysis);
  } else if (analysis.find("statistic_name")) {
    body = test_section(analysis);
  } else {
    analysis.at("kind").refuse("this kind of analysis is not known");
  }
  return element("section", {{"class", "analysis"}}, element("h2", text(analysis_title(name, analysis))) + body);
}

}  // namespace cohortium::study::report
