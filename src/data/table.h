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

#include "base/error.h"
#include "data/row_names.h"

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
  std::string name = {};
  ColumnType type = ColumnType::kNumber;
  std::string unit = {};
  double low = 0, high = 0;             // number, duration
  double step = 1;                      // duration
  std::vector<Level> levels = {};       // category
  std::vector<std::string> event = {};  // event: codes, as text
  std::vector<std::string> censored = {};
  // Codes that mean "no value"; "" is the empty field. Not declared: an empty field is refused.
  std::vector<std::string> missing = {};

  // Number of points of the public grid of a duration: 0 .. grid_size()-1.
  std::size_t grid_size() const;
};

struct TableDeclaration {
  std::string table = {};  // file stem: TABLE.csv, TABLE.csv.gz or TABLE.parquet
  std::vector<ColumnDeclaration> columns = {};
  std::string where = {};              // SQL expression over declared columns; empty: all rows
  std::size_t expected_rows = 10'000;  // of all sites together, for the forecast of what shares rows
};

// One column of the selected rows. Exactly one of the value vectors is filled, by type.
struct Column {
  ColumnDeclaration declaration;
  std::vector<double> number = {};
  std::vector<std::uint32_t> grid = {};    // duration: index i of low + i * step
  std::vector<std::uint8_t> event = {};    // 1 event, 0 censored
  std::vector<std::uint16_t> level = {};   // category: index into levels
  std::vector<std::uint8_t> missing = {};  // 1 where the value is missing (the value vector holds 0 there)
};

struct Table {
  std::size_t rows = 0;
  std::vector<Column> columns = {};
  std::vector<std::uint64_t> names = {};                // of the rows, where they were to be named; else empty
  std::size_t site = 0, sites = 1;                      // which of the study's sites it is from
  const Column& column(const std::string& name) const;  // must be declared
};

struct LoadLimits {
  unsigned threads = 1;                           // of the embedded database
  std::string memory = "4GB";                     // of the embedded database
  std::size_t file_bytes = std::size_t{8} << 30;  // of a CSV file, after decompression too
};

// Reads FOLDER/TABLE.{csv,csv.gz,parquet}, applies `where`, checks, and types. Only declared columns are looked at.
//
// Every row must suit the filter; what else a row holds matters once the filter selects it. The first field that does
// not fit is reported, with its value and place ("lung.csv:17:4 (age)": line, field), so the error must stay at the
// site: without_values() makes the version that may leave it. Fails with data.bad_declaration, data.missing_file,
// data.ambiguous_file, data.unreadable_file, data.unknown_column, data.ambiguous_column, data.bad_filter,
// data.missing_value, data.not_a_number, data.value_out_of_range, data.off_the_grid, data.unknown_level,
// data.unknown_event.
Table load_table(const std::filesystem::path& folder, const TableDeclaration& declaration,
                 const LoadLimits& limits = {}, const RowNaming& naming = {});

// Parses `where` and checks that it is one expression over declared columns with allowed functions only: no sub-query,
// no other table, no function that reads files or settings. Fails with data.bad_filter (`where` = "where:character").
void check_filter(const TableDeclaration& declaration);

// Names of the columns that `where` reads, in the order of the declaration. Fails with data.bad_filter.
std::vector<std::string> filter_columns(const TableDeclaration& declaration);

// The version of a load error that may leave the site: same code, file and column; no value, line, row or count.
Error without_values(const Error& error);

}  // namespace cohortium::data
