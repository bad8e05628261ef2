// Tables as HTML.
#include "study/report_table.h"

#include <fmt/format.h>

#include <utility>

#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

Html render_head(const TableContent& table) {
  Html cells;
  for (std::size_t i = 0; i < table.head.size(); ++i) {
    cells +=
        element("th", {{"scope", "col"}, {"class", i < table.text_columns ? "text" : "number"}}, text(table.head[i]));
  }
  return element("thead", element("tr", cells));
}

Html render_content(const Cell& cell) {
  if (cell.detail.empty()) return text(cell.plain);
  return text(cell.plain + " ") + element("span", {{"class", "detail"}}, text(cell.detail));
}

Html render_row(const TableContent& table, const std::vector<Cell>& row) {
  Html cells;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string css_class =
        fmt::format("{}{}", i < table.text_columns ? "text" : "number", row[i].muted ? " muted" : "");
    cells += i == 0 ? element("th", {{"scope", "row"}, {"class", css_class}}, render_content(row[i]))
                    : element("td", {{"class", css_class}}, render_content(row[i]));
  }
  return element("tr", cells);
}

}  // namespace

Html render_table(const TableContent& table) {
  Html rows;
  for (const auto& row : table.rows) rows += render_row(table, row);
  const Html content = element("table", {{"class", table.dense ? "dense" : "plain"}},
                               element("caption", text(table.caption)) + render_head(table) + element("tbody", rows));
  return element("div", {{"class", table.for_screen_readers ? "unseen" : "scroll"}}, content);
}

Cell withheld_cell(double minimum_cell) {
  return {minimum_cell > 0 ? fmt::format("withheld (<{})", count(minimum_cell)) : "withheld", true};
}

}  // namespace cohortium::study::report
