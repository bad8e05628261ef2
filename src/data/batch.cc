#include "data/batch.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

#include "data/codes.h"

namespace cohortium::data {
namespace {

constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000, kMicrosecondsPerDay = 86'400 * kMicrosecondsPerSecond;

// `count` digits at the front of the text, as a number; cut off when they are there.
std::optional<unsigned> take_digits(std::string_view& text, std::size_t count) {
  unsigned value = 0;
  if (text.size() < count) return std::nullopt;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + count, value);
  if (error != std::errc{} || stop != text.data() + count || text[0] == '-') return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text, std::int64_t& days) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return false;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return false;
  const auto day = take_digits(text, 2);
  if (!day) return false;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(*day));
  if (!date.ok()) return false;
  days = day_number(static_cast<int>(*year), *month, *day);
  return true;
}

}  // namespace

const char* name_of(ValueType type) {
  switch (type) {
    case ValueType::kInteger:
      return "integer";
    case ValueType::kReal:
      return "real";
    case ValueType::kText:
      return "text";
    case ValueType::kDate:
      return "date";
    case ValueType::kTimestamp:
      return "timestamp";
    case ValueType::kBoolean:
      break;
  }
  return "boolean";
}

void BatchColumn::resize(std::size_t rows) {
  missing.assign(rows, 0);
  if (type == ValueType::kReal)
    reals.assign(rows, 0);
  else if (type != ValueType::kText)
    integers.assign(rows, 0);
  else {
    texts.resize(rows);
    for (std::string& text : texts) text.clear();  // keeps its memory, which assign() would give back
  }
}

void BatchColumn::shrink(std::size_t rows) {
  missing.resize(rows);
  if (!reals.empty()) reals.resize(rows);
  if (!texts.empty()) texts.resize(rows);
  if (!integers.empty()) integers.resize(rows);
}

std::string BatchColumn::text(std::size_t row) const {
  if (missing[row] != 0) return "";
  std::array<char, 32> digits;
  switch (type) {
    case ValueType::kInteger:
      return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), integers[row]).ptr};
    case ValueType::kReal:
      return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), reals[row]).ptr};
    case ValueType::kText:
      return texts[row];
    case ValueType::kDate:
      return date_text(integers[row]);
    case ValueType::kTimestamp:
      return timestamp_text(integers[row]);
    case ValueType::kBoolean:
      break;
  }
  return integers[row] != 0 ? "true" : "false";
}

std::int64_t day_number(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(
             std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)))
      .time_since_epoch()
      .count();
}

bool parse_date(std::string_view text, std::int64_t& days) { return take_date(text, days) && text.empty(); }

bool parse_timestamp(std::string_view text, std::int64_t& microseconds) {
  std::int64_t days = 0;
  if (!take_date(text, days) || !(take(text, ' ') || take(text, 'T'))) return false;
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return false;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return false;
  std::int64_t second = 0, fraction = 0;
  if (take(text, ':')) {
    const auto seconds = take_digits(text, 2);
    if (!seconds || *seconds > 59) return false;
    second = *seconds;
    if (take(text, '.')) {
      const std::size_t count = text.size();
      const auto digits = count >= 1 && count <= 6 ? take_digits(text, count) : std::nullopt;
      if (!digits) return false;
      fraction = *digits;
      for (std::size_t i = count; i < 6; ++i) fraction *= 10;
    }
  }
  if (!text.empty()) return false;
  microseconds = days * kMicrosecondsPerDay +
                 ((std::int64_t{*hour} * 60 + *minute) * 60 + second) * kMicrosecondsPerSecond + fraction;
  return true;
}

std::string date_text(std::int64_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  return fmt::format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()), unsigned(date.day()));
}

std::string timestamp_text(std::int64_t microseconds) {
  std::int64_t days = microseconds / kMicrosecondsPerDay, rest = microseconds % kMicrosecondsPerDay;
  if (rest < 0) {
    rest += kMicrosecondsPerDay;
    --days;
  }
  const std::int64_t seconds = rest / kMicrosecondsPerSecond, fraction = rest % kMicrosecondsPerSecond;
  std::string text =
      fmt::format("{} {:02}:{:02}:{:02}", date_text(days), seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (fraction != 0) {
    text += fmt::format(".{:06}", fraction);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text;
}

double widened(float value) {
  if (!std::isfinite(value)) return value;
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return parse_number({digits.data(), static_cast<std::size_t>(end - digits.data())}).value_or(value);
}

}  // namespace cohortium::data
