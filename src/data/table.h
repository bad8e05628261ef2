// A site's records as the study declares them: typed, checked columns.
//
// A declaration says for every column what it is, in which unit, in which public range, with which levels and missing
// codes. Data that do not fit are refused with file, line and column, never repaired.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cohortium::data {

enum class ColumnType {
  kNumber,    // a real number in [low, high]
  kDuration,  // low + i * step, in [low, high]: the public time grid
  kEvent,     // one of the event codes or one of the censored codes
  kCategory   // one of the declared levels
};

struct Level {
  std::string code;   // as it stands in the data: "1"
  std::string label;  // for people: "male"
};

struct ColumnDeclaration {
  std::string name;
  ColumnType type = ColumnType::kNumber;
  std::string unit;
  double low = 0, high = 0;        // number, duration
  double step = 1;                 // duration
  std::vector<Level> levels;       // category
  std::vector<std::string> event;  // event: codes, as text
  std::vector<std::string> censored;
  std::vector<std::string>
      missing;  // codes that mean "no value"; "" is the empty field. Anything else empty is refused

  // Number of points of the public grid of a duration: 0 .. grid_size()-1.
  std::size_t grid_size() const;
};

struct TableDeclaration {
  std::string table;  // file stem: TABLE.csv, TABLE.csv.gz or TABLE.parquet
  std::vector<ColumnDeclaration> columns;
  std::string where;  // SQL expression over declared columns; empty: all rows
};

// One column of the selected rows. Exactly one of the vectors is filled, by type.
struct Column {
  ColumnDeclaration declaration;
  std::vector<double> number;
  std::vector<std::uint32_t> grid;    // duration: index i of low + i * step
  std::vector<std::uint8_t> event;    // 1 event, 0 censored
  std::vector<std::uint16_t> level;   // category: index into levels
  std::vector<std::uint8_t> missing;  // 1 where the value is missing (the value vector holds 0 there)
};

struct Table {
  std::size_t rows = 0;
  std::vector<Column> columns;
  const Column& column(const std::string& name) const;  // must be declared
};

// Reads FOLDER/TABLE.{csv,csv.gz,parquet} through the embedded DuckDB, applies `where`, checks, and types.
// Fails with data.missing_file, data.unknown_column, data.not_a_number, data.value_out_of_range, data.off_the_grid,
// data.unknown_level, data.missing_value, data.bad_filter, data.unreadable_file. `where` of the error is
// file:line:column name.
Table load_table(const std::filesystem::path& folder, const TableDeclaration& declaration);

// Parses `where` and checks that it is one expression over declared columns with allowed functions only: no sub-query,
// no other table, no function that reads files or settings. Fails with data.bad_filter (`where` = character position).
void check_filter(const TableDeclaration& declaration);

}  // namespace cohortium::data
