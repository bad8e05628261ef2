// Person-time as integers that add up: a number or duration column in units of 2^-fraction_bits. Where the sum gets noise, in
// units of which the longest time is 2^11 to 2^12 (statistics/noisy_sums.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "statistics/entries.h"
#include "statistics/noisy.h"

namespace cohortium::statistics {

class PersonTime {
 public:
  // Of the entry's "time". Fails with study.negative_time, study.range_too_wide, study.unknown_column or
  // study.wrong_column_type.
  enum class Units { kFine, kFewBits };
  explicit PersonTime(const EntryContext& context, Units units = Units::kFine);

  const data::ColumnDeclaration& column() const { return column_; }
  int fraction_bits() const { return fraction_bits_; }
  // Per row; nothing where it is missing.
  std::vector<std::optional<mpc::u128>> read(const data::Table& table) const;
  double decode(mpc::u128 sum) const;
  // What so many sums over a site's rows lie between.
  Bounds sums(std::size_t count) const { return fixed_sums(count, 0, column_.high, fraction_bits_); }
  double in_units(double sum) const;  // of the column
  AggregatePart part(std::size_t size) const;

 private:
  data::ColumnDeclaration column_;
  int fraction_bits_ = 0;
};

}  // namespace cohortium::statistics
