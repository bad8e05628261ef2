// Turns the text of one column, row by row, into typed values, and remembers per row what is wrong with it.
//
// Faults are only reported later, because a row that the filter leaves out may hold anything: rows are faulty only once
// they are selected. What the filter itself reads must have the right type on every row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/codes.h"
#include "data/table.h"

namespace cohortium::data {

enum class Fault : std::uint8_t {
  kNone,
  kMissing,       // empty, and the empty field is not declared as a missing code
  kNotANumber,    //
  kOutOfRange,    // outside [low, high]
  kOffTheGrid,    // not low + i * step
  kUnknownLevel,  // category
  kUnknownEvent   // neither an event nor a censored code
};

// How a column appears in the filter: numbers, durations and all-numeric codes as numbers, other codes as text.
enum class FilterKind { kNumber, kText };
FilterKind filter_kind(const ColumnDeclaration& declaration);

class ColumnReader {
 public:
  // `in_filter`: also keep what the filter needs.
  ColumnReader(const ColumnDeclaration& declaration, bool in_filter);

  void add(std::string_view text);

  const ColumnDeclaration& declaration() const { return column_.declaration; }
  std::size_t rows() const { return faults_.size(); }
  Fault fault(std::size_t row) const { return faults_[row]; }
  // Where the filter cannot read a value: a missing value that is not declared, or text where it needs a number.
  bool unreadable_for_filter(std::size_t row) const;

  // The filter's view, with column().missing for NULL.
  const std::vector<double>& filter_numbers() const { return filter_numbers_; }
  const std::vector<std::string>& filter_texts() const { return filter_texts_; }
  const std::vector<std::uint8_t>& missing() const { return column_.missing; }

  // Keeps the rows whose flag is set and hands the column over.
  Column take(const std::vector<std::uint8_t>& selected);

 private:
  void add_code(std::string_view text);
  void add_number(std::string_view text);
  Fault add_grid_index(double value);

  Column column_;
  std::vector<Fault> faults_;
  std::vector<std::string> codes_;  // levels, or event then censored codes; then, for every type, the missing codes
  std::size_t missing_from_;        // index of the first missing code
  CodeBook book_;
  std::vector<double> missing_numbers_;
  bool in_filter_;
  FilterKind kind_;
  std::vector<double> filter_numbers_;
  std::vector<std::string> filter_texts_;
};

}  // namespace cohortium::data
