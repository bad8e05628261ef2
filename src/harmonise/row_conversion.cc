#include "harmonise/row_conversion.h"

#include <fmt/format.h>

#include <map>

#include "base/error.h"
#include "data/codes.h"

namespace cohortium::harmonise {
namespace {

constexpr std::size_t most_units = 10'000;  // different ones that are remembered

std::string place(const std::string& table, const std::string& column) { return fmt::format("{} ({})", table, column); }

// A unit that may leave the site: it was understood, and has no braces, in which anything may stand.
std::string sayable(const Unit& unit) { return unit.text.find('{') == std::string::npos ? unit.text : "another unit"; }

class UnitConverter {
 public:
  UnitConverter(std::string table, const FieldConversion& field)
      : table_(std::move(table)), field_(field), missing_(field.declaration.missing) {
    if (field.declaration.unit.empty())
      throw Failure({.code = "harmonise.unknown_unit",
                     .message = "the site's column has a unit, the study's has none",
                     .where = place(table_, field.declaration.name),
                     .rule = "a value is converted into the unit that the study declares",
                     .remedy = "declare the column's unit in the study"});
    wanted_ = parse_unit(field.declaration.unit);
    if (field.unit_field == 0) static_cast<void>(from(field.unit));
  }

  void edit(std::size_t row, std::vector<std::string>& fields) {
    std::string& text = fields[field_.column];
    const auto number = data::parse_number(text);
    if (!number || missing_.find(text)) return;
    const std::string& unit = field_.unit_field == 0 ? field_.unit : fields[field_.unit_field];
    try {
      const Known& known = from(unit);
      if (known.changes) text = fmt::format("{}", known.convert(*number));
    } catch (const Failure& failure) {
      Error error = failure.error();
      error.where = fmt::format("{}:row {} ({})", table_, row + 1, field_.declaration.name);
      throw Failure(error);
    }
  }

 private:
  struct Known {
    Conversion convert;
    bool changes = true;
  };

  const Known& from(const std::string& text) {
    const auto found = known_.find(text);
    if (found != known_.end()) return found->second;
    Known known;
    std::string said;
    const auto done = attempt([&] {
      const Unit unit = parse_unit(text);
      said = sayable(unit);
      known.convert = conversion(unit, wanted_, field_.molar_mass);
      known.changes = unit.text != wanted_.text;
      return true;
    });
    if (!done.ok()) refuse(text, said, done.error());
    if (known_.size() == most_units) known_.clear();
    return known_.emplace(text, known).first->second;
  }

  [[noreturn]] void refuse(const std::string& text, const std::string& said, const Error& reason) const {
    const std::string& column = field_.declaration.name;
    throw Failure(
        {.code = reason.code,
         .message = fmt::format("column {}: the unit '{}' cannot be turned into {}: {}", column, text.substr(0, 60),
                                wanted_.text, reason.message),
         .where = place(table_, column),
         .rule = said.empty() ? fmt::format("unit of {}: {}", column, wanted_.text)
                              : fmt::format("unit of {}: {}; the site has {}", column, wanted_.text, said),
         .remedy = "write units as UCUM does (docs/harmonisation.md), or say in node.toml which unit the column has"});
  }

  std::string table_;
  FieldConversion field_;
  data::CodeBook missing_;
  Unit wanted_;
  std::map<std::string, Known> known_;
};

class DayCounter {
 public:
  DayCounter(std::string table, const FieldConversion& field) : table_(std::move(table)), field_(field) {
    if (!field.from_format.empty()) from_.emplace(field.from_format);
    if (!field.until_format.empty()) until_.emplace(field.until_format);
  }

  void edit(std::size_t row, std::vector<std::string>& fields) const {
    std::string& text = fields[field_.column];
    std::int64_t from = 0, until = 0;
    text.clear();
    if (fields[field_.from].empty() || fields[field_.until].empty()) return;
    read(row, fields[field_.from], from_, from);
    read(row, fields[field_.until], until_, until);
    text = fmt::format("{}", until - from);
  }

 private:
  void read(std::size_t row, const std::string& text, const std::optional<DateFormat>& format,
            std::int64_t& days) const {
    if (read_date(text, format, days)) return;
    throw Failure(
        {.code = format ? "harmonise.bad_date" : "harmonise.ambiguous_date",
         .message = format ? "a date is none in the format that the site declares"
                           : "a date is not written 2020-02-29, and the site declares no format for it",
         .where = fmt::format("{}:row {} ({})", table_, row + 1, field_.declaration.name),
         .rule = "dates are read as declared, and never guessed",
         .remedy = "declare the format of the column in node.toml: [[harmonise.column]] date = \"DD.MM.YYYY\""});
  }

  std::string table_;
  FieldConversion field_;
  std::optional<DateFormat> from_, until_;
};

}  // namespace

data::EditRow convert_rows(const std::string& table, const std::vector<FieldConversion>& fields) {
  auto units = std::make_shared<std::vector<UnitConverter>>();
  auto days = std::make_shared<std::vector<DayCounter>>();
  for (const FieldConversion& field : fields) {
    if (field.of_unit) units->emplace_back(table, field);
    if (field.of_days) days->emplace_back(table, field);
  }
  if (units->empty() && days->empty()) return {};
  return [units, days](std::size_t row, std::vector<std::string>& row_fields) {
    for (UnitConverter& each : *units) each.edit(row, row_fields);
    for (const DayCounter& each : *days) each.edit(row, row_fields);
  };
}

}  // namespace cohortium::harmonise
