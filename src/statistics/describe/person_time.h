// Person-time as integers that add up: a number or duration column in units of 2^-fraction_bits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "statistics/entries.h"

namespace cohortium::statistics {

class PersonTime {
 public:
  // Of the entry's "time". Fails with study.negative_time, study.range_too_wide, study.unknown_column or
  // study.wrong_column_type.
  explicit PersonTime(const EntryContext& context);

  const data::ColumnDeclaration& column() const { return column_; }
  int fraction_bits() const { return fraction_bits_; }
  // Per row; nothing where it is missing.
  std::vector<std::optional<mpc::u128>> read(const data::Table& table) const;
  double decode(mpc::u128 sum) const;
  // What so many sums over a site's rows lie between.
  Bounds sums(std::size_t count) const { return fixed_sums(count, 0, column_.high, fraction_bits_); }

 private:
  data::ColumnDeclaration column_;
  int fraction_bits_ = 0;
};

}  // namespace cohortium::statistics
