#include "data/column_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cohortium::data {
namespace {

constexpr double kGridTolerance = 1e-9;
constexpr double kUnreadable = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> value_codes(const ColumnDeclaration& declaration) {
  std::vector<std::string> codes;
  for (const Level& level : declaration.levels) codes.push_back(level.code);
  codes.insert(codes.end(), declaration.event.begin(), declaration.event.end());
  codes.insert(codes.end(), declaration.censored.begin(), declaration.censored.end());
  return codes;
}

std::vector<std::string> joined(std::vector<std::string> codes, const std::vector<std::string>& more) {
  codes.insert(codes.end(), more.begin(), more.end());
  return codes;
}

bool has_codes(ColumnType type) { return type == ColumnType::kEvent || type == ColumnType::kCategory; }

template <class T>
void keep_selected(std::vector<T>& values, const std::vector<std::uint8_t>& selected) {
  if (values.empty()) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[kept] = values[i];
    kept += selected[i];
  }
  values.resize(kept);
}

}  // namespace

FilterKind filter_kind(const ColumnDeclaration& declaration) {
  return !has_codes(declaration.type) || are_numeric(value_codes(declaration)) ? FilterKind::kNumber
                                                                               : FilterKind::kText;
}

ColumnReader::ColumnReader(const ColumnDeclaration& declaration, bool in_filter)
    : codes_(joined(value_codes(declaration), declaration.missing)),
      missing_from_(codes_.size() - declaration.missing.size()),
      book_(codes_),
      in_filter_(in_filter),
      kind_(filter_kind(declaration)) {
  column_.declaration = declaration;
  for (const std::string& code : declaration.missing)
    if (const auto number = parse_number(code)) missing_numbers_.push_back(*number);
}

void ColumnReader::add(std::string_view text) {
  if (has_codes(declaration().type))
    add_code(text);
  else
    add_number(text);
}

void ColumnReader::add_code(std::string_view text) {
  const auto code = book_.find(text);
  const bool known = code && *code < missing_from_, missing = code ? !known : text.empty();
  const bool is_event = declaration().type == ColumnType::kEvent;
  if (is_event)
    column_.event.push_back(known && *code < declaration().event.size() ? 1 : 0);
  else
    column_.level.push_back(known ? static_cast<std::uint16_t>(*code) : std::uint16_t{0});
  column_.missing.push_back(missing ? 1 : 0);
  faults_.push_back(code           ? Fault::kNone
                    : text.empty() ? Fault::kMissing
                    : is_event     ? Fault::kUnknownEvent
                                   : Fault::kUnknownLevel);
  if (!in_filter_) return;
  if (kind_ == FilterKind::kNumber)
    filter_numbers_.push_back(missing ? 0 : parse_number(text).value_or(kUnreadable));
  else
    filter_texts_.emplace_back(known ? std::string_view(codes_[*code]) : text);
}

void ColumnReader::add_number(std::string_view text) {
  const auto number = parse_number(text);
  const bool declared_missing =
      number ? std::find(missing_numbers_.begin(), missing_numbers_.end(), *number) != missing_numbers_.end()
             : !book_.empty() && book_.find(text).has_value();
  const bool usable = number && !declared_missing;
  const bool in_range = usable && *number >= declaration().low && *number <= declaration().high;

  Fault fault = Fault::kNone;
  if (!number && !declared_missing) fault = text.empty() ? Fault::kMissing : Fault::kNotANumber;
  if (usable && !in_range) fault = Fault::kOutOfRange;
  if (declaration().type == ColumnType::kNumber) {
    column_.number.push_back(in_range ? *number : 0);
  } else {
    column_.grid.push_back(0);
    if (in_range) fault = add_grid_index(*number);
  }
  column_.missing.push_back(declared_missing ? 1 : 0);
  faults_.push_back(fault);
  if (in_filter_) filter_numbers_.push_back(usable ? *number : declared_missing ? 0 : kUnreadable);
}

Fault ColumnReader::add_grid_index(double value) {
  const ColumnDeclaration& grid = declaration();
  const double index = std::round((value - grid.low) / grid.step);
  const double tolerance = kGridTolerance * std::max(std::abs(value), grid.step);
  if (std::abs(grid.low + index * grid.step - value) > tolerance) return Fault::kOffTheGrid;
  column_.grid.back() = static_cast<std::uint32_t>(index);
  return Fault::kNone;
}

bool ColumnReader::unreadable_for_filter(std::size_t row) const {
  if (faults_[row] == Fault::kMissing) return true;
  return kind_ == FilterKind::kNumber && std::isnan(filter_numbers_[row]);
}

Column ColumnReader::take(const std::vector<std::uint8_t>& selected) {
  if (!selected.empty()) {
    keep_selected(column_.number, selected);
    keep_selected(column_.grid, selected);
    keep_selected(column_.event, selected);
    keep_selected(column_.level, selected);
    keep_selected(column_.missing, selected);
  }
  return std::move(column_);
}

}  // namespace cohortium::data
