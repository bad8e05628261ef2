// Values of a row as the study wants them: in its units, and days between dates.
//
// Runs at the site, row by row, before the declared ranges are checked. Missing values and texts that are no number are
// left as they are: what to say of them is the column's business.
//
// Reveals    nothing. Errors name column, units and row, never a value; a unit that is no unit (which may be any text) is
//            in the message, which stays at the site, the study's unit in the rule, which leaves it
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/source_table.h"
#include "harmonise/date_format.h"
#include "harmonise/unit.h"

namespace cohortium::harmonise {

// What makes field `column` of a row.
struct FieldConversion {
  std::size_t column = 0;
  data::ColumnDeclaration declaration;
  // A value in `unit`, or in the unit that stands in the field `unit_field`.
  bool of_unit = false;
  std::string unit = {};
  std::size_t unit_field = 0;  // 0: none; no unit stands first
  std::optional<double> molar_mass = {};
  // The number of days from the date in field `from` to that in `until`.
  bool of_days = false;
  std::size_t from = 0, until = 0;
  std::string from_format = {}, until_format = {};  // empty: 2020-02-29, a time of day behind it being left out
};

// Fails with harmonise.unknown_unit, .different_dimensions, .missing_molar_mass (here for units that are declared, in the
// rows for those that stand there), .bad_date_format; in the rows with harmonise.ambiguous_date, .bad_date.
data::EditRow convert_rows(const std::string& table, const std::vector<FieldConversion>& fields);

}  // namespace cohortium::harmonise
