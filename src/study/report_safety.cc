// Sections: signals of disproportionality.
#include <fmt/format.h>

#include "study/report_analyses.h"
#include "study/report_table.h"
#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

constexpr std::size_t most_signals_shown = 1000;  // the result holds all

// The value, with its limits said more quietly.
Cell with_limits(const Node& interval) {
  const auto value = interval.at("value").number_or_null();
  if (!value) return Cell("–", true);
  Cell cell = measure(*value, 4);
  const auto lower = interval.at("lower").number_or_null(), upper = interval.at("upper").number_or_null();
  if (lower && upper) cell.detail = "(" + measure(*lower, 3) + "–" + measure(*upper, 3) + ")";
  return cell;
}

}  // namespace

Html disproportionality_section(const Node& analysis) {
  const std::vector<Node> signals = analysis.at("signals").items();
  const std::string drug = analysis.at("drug").text(), event = analysis.at("event").text();
  const auto reports = analysis.at("reports").number_or_null();
  Html out =
      element("p", text(fmt::format("{} of {} pairs of {} and {} are signals that may be shown ({}){}.",
                                    count(static_cast<double>(signals.size())), count(analysis.at("pairs").number()),
                                    drug, event, analysis.at("criterion").text(),
                                    reports ? "; " + count(*reports) + " reports" : std::string())));
  if (signals.empty()) return out;
  TableContent table{
      .caption = "Signals, with " + measure(100 * analysis.at("confidence").number()) +
                 "% limits; of EBGM the 5 % and 95 % quantile",
      .head = {capitalised(drug), capitalised(event), "n", "Expected", "PRR", "ROR", "χ² (Yates)", "IC", "EBGM"}};
  table.text_columns = 2;
  table.dense = true;
  for (const Node& signal : signals) {
    if (table.rows.size() == most_signals_shown) break;
    const auto chi_square = signal.at("chi_square").number_or_null();
    table.rows.push_back({signal.at("drug_label").text(), signal.at("event_label").text(),
                          count(signal.at("n").number()), measure(signal.at("expected").number(), 4),
                          with_limits(signal.at("prr")), with_limits(signal.at("ror")),
                          chi_square ? Cell(measure(*chi_square, 4)) : Cell("–", true), with_limits(signal.at("ic")),
                          with_limits(signal.at("ebgm"))});
  }
  if (signals.size() > most_signals_shown)
    out += element("p", {{"class", "note"}},
                   text(fmt::format("The first {} are shown; the result file holds all.", most_signals_shown)));
  return out + render_table(table) + error_paragraph(analysis);
}

}  // namespace cohortium::study::report
