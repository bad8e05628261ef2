#include "data/row_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "data/codes.h"
#include "data/source.h"

namespace cohortium::data {
namespace {

constexpr std::size_t exact_digits = 15;  // of whole numbers that a double has, too

// What is surely no number in need of another spelling: short decimals as this program writes them, and what begins like
// no number.
bool stands_for_itself(std::string_view field) {
  if (field.empty()) return true;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const char first = field.front();
  if (!is_digit(first)) return first != '-' && first != '.' && first != '+';
  if (field.size() > exact_digits) return false;
  const std::size_t whole =
      static_cast<std::size_t>(std::find_if_not(field.begin(), field.end(), is_digit) - field.begin());
  if (first == '0' && (whole != 1 || (field.size() > 2 && field[2] == '0'))) return false;
  if (whole == field.size()) return true;
  const std::string_view fraction = field.substr(whole + 1);
  return field[whole] == '.' && !fraction.empty() && fraction.back() != '0' &&
         std::all_of(fraction.begin(), fraction.end(), is_digit);
}

std::string known_column(const SourceTable& table, const std::string& name) {
  for (const SourceColumn& column : table.columns)
    if (column.name == name) return name;
  throw Failure({.code = "data.unknown_column",
                 .message = "the table has no column '" + name + "', by which the site names its rows",
                 .where = table.name + " (" + name + ")",
                 .remedy = "correct [identifiers] in the node's configuration"});
}

}  // namespace

void RowNames::append(std::string_view field) {
  const auto number = stands_for_itself(field) ? std::nullopt : parse_number(field);
  if (!number) {
    text_ += field;
  } else if (std::abs(*number) < 1e15 && *number == std::trunc(*number)) {
    fmt::format_to(std::back_inserter(text_), "{}", static_cast<std::int64_t>(*number));
  } else {
    fmt::format_to(std::back_inserter(text_), "{}", *number);
  }
  text_ += field_separator;
}

void RowNames::add(std::span<const std::string_view> fields) {
  text_.clear();
  for (const std::string_view field : fields) append(field);
  names_.push_back(naming_.name(text_));
}

void RowNames::add_joined(std::string_view text) {
  text_.clear();
  while (true) {
    const std::size_t end = text.find(field_separator);
    append(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  names_.push_back(naming_.name(text_));
}

std::vector<std::uint64_t> RowNames::take(const std::vector<std::uint8_t>& selected) {
  if (selected.empty() || names_.empty()) return std::move(names_);
  std::vector<std::uint64_t> kept;
  for (std::size_t row = 0; row < names_.size(); ++row)
    if (selected[row] != 0) kept.push_back(names_[row]);
  return kept;
}

std::string row_text_sql(Source& source, const std::string& table, const RowNaming& naming, const std::string& prefix) {
  std::string sql;
  const auto add = [&](const std::string& column) {
    sql += fmt::format("{}coalesce(CAST({}{} AS VARCHAR), '')",
                       sql.empty() ? "" : fmt::format(" || '{}' || ", field_separator), prefix, source.quoted(column));
  };
  for (const SourceTable& found : source.tables()) {
    if (found.name != table) continue;
    if (!naming.identifier.empty()) {
      add(known_column(found, naming.identifier));
    } else {
      for (const SourceColumn& column : found.columns) add(column.name);
    }
  }
  COHORTIUM_CHECK(!sql.empty());  // whoever reads the table has found that it is there
  return sql;
}

}  // namespace cohortium::data
