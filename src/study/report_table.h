// Tables for people and for screen readers: a caption, column heads, row heads.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "study/report_html.h"

namespace cohortium::study::report {

struct Cell {
  Cell(std::string words, bool is_muted = false)  // NOLINT(google-explicit-constructor): a text is a cell
      : plain(std::move(words)), muted(is_muted) {}
  Cell(const char* words) : plain(words) {}  // NOLINT(google-explicit-constructor): a text is a cell
  std::string plain;
  bool muted = false;
  std::string detail = {};  // said more quietly after the value, or below it in a dense table
};

struct TableContent {
  std::string caption;
  std::vector<std::string> head;
  std::vector<std::vector<Cell>> rows = {};
  std::size_t text_columns = 1;  // these are set flush left, the first is the row's head; numbers are flush right
  bool dense = false;
  bool for_screen_readers = false;  // says what a figure shows
};

Html render_table(const TableContent& table);

// "withheld (<11)", or "withheld" where the study has no minimum.
Cell withheld_cell(double minimum_cell);

}  // namespace cohortium::study::report
