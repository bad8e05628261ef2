#include "statistics/describe/person_time.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "statistics/noisy_sums.h"

namespace cohortium::statistics {

using mpc::u128;

PersonTime::PersonTime(const EntryContext& context, Units units)
    : column_(context.any_column("time", context.entry.time)) {
  if (column_.type != data::ColumnType::kDuration)
    context.column("time", column_.name, data::ColumnType::kNumber);  // says what is needed
  if (column_.low < 0) {
    throw Failure({.code = "study.negative_time",
                   .message = "the range of \"" + column_.name + "\" allows times below 0",
                   .where = context.at("time"),
                   .remedy = "declare a range that begins at 0"});
  }
  if (units == Units::kFewBits) {
    fraction_bits_ = noisy_fraction_bits(column_.high);
    return;
  }
  // A sum over 2^count_bits people, each at most 2^r, stays below 2^62 with at most 40 fraction bits: it is printed as a
  // double, and longer sums are nobody's.
  const int range_bits = static_cast<int>(std::ceil(std::log2(std::max(column_.high, 1e-300))));
  fraction_bits_ = std::min(40, 125 - mpc::count_bits - range_bits);
  if (fraction_bits_ < 8) {
    throw Failure({.code = "study.range_too_wide",
                   .message = "the range of column \"" + column_.name + "\" leaves too few digits for a sum",
                   .where = context.at("time"),
                   .remedy = "declare a narrower range or another unit"});
  }
}

std::vector<std::optional<u128>> PersonTime::read(const data::Table& table) const {
  const data::Column& column = table.column(column_.name);
  std::vector<std::optional<u128>> times(table.rows);
  for (std::size_t row = 0; row < table.rows; ++row) {
    if (!column.missing.empty() && column.missing[row]) continue;
    const double time = column_.type == data::ColumnType::kDuration ? column_.low + column.grid[row] * column_.step
                                                                    : column.number[row];
    times[row] = static_cast<u128>(std::round(std::ldexp(time, fraction_bits_)));
  }
  return times;
}

double PersonTime::in_units(double sum) const { return std::ldexp(sum, -fraction_bits_); }

AggregatePart PersonTime::part(std::size_t size) const {
  return {.size = size,
          .most = static_cast<std::uint64_t>(std::round(std::ldexp(column_.high, fraction_bits_))),
          .people = false,
          .sums = column_.name,
          .one = in_units(1),
          .unit = column_.unit};
}

double PersonTime::decode(u128 sum) const { return mpc::decode_fixed(sum, fraction_bits_); }

}  // namespace cohortium::statistics
