#include "omop/moments.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace cohortium::omop {
namespace {

constexpr std::int64_t kMinute = 60'000'000, kDay = 24 * 60 * kMinute;

// Takes pieces off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char expected) {
    if (peek() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly `digits` decimal digits.
  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits) return {};
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(rest_[i])) return {};
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  // Digits after a decimal point, as microseconds; what is finer is cut.
  std::optional<std::int64_t> fraction() {
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; is_digit(peek()); ++digits, rest_.remove_prefix(1))
      if (digits < 6) value = value * 10 + (peek() - '0');
    if (digits == 0 || digits > 12) return {};
    for (std::size_t i = digits; i < 6; ++i) value *= 10;
    return value;
  }

  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

 private:
  std::string_view rest_;
};

bool in_calendar(const Moment& moment) {
  using namespace std::chrono;
  const year_month_day day{year(moment.year), month(std::max(moment.month, 1u)),
                           std::chrono::day(std::max(moment.day, 1u))};
  return moment.year >= 1 && day.ok();
}

// hh, mm, and where they are said ss and a fraction; `separator` is ':' or nothing.
bool take_clock(Scanner& scanner, Moment& moment, bool colons, bool only_hour_may_do) {
  const auto hour = scanner.number(2);
  if (!hour || *hour > 23) return false;
  std::int64_t microsecond = *hour * 60 * kMinute;
  const auto more = [&] { return colons ? scanner.take(':') : Scanner::is_digit(scanner.peek()); };
  if (more()) {
    const auto minute = scanner.number(2);
    if (!minute || *minute > 59) return false;
    microsecond += *minute * kMinute;
    if (more()) {
      const auto second = scanner.number(2);
      if (!second || *second > 59) return false;
      microsecond += *second * std::int64_t{1'000'000};
      if (scanner.take('.')) {
        const auto fraction = scanner.fraction();
        if (!fraction) return false;
        microsecond += *fraction;
      }
    }
  } else if (!only_hour_may_do) {
    return false;
  }
  moment.microsecond = microsecond;
  return true;
}

// ±hh:mm or ±hhmm, at most 14 hours as in ISO 8601.
bool take_offset(Scanner& scanner, Moment& moment, bool colons) {
  const bool negative = scanner.peek() == '-';
  if (!scanner.take('-') && !scanner.take('+')) return false;
  const auto hours = scanner.number(2);
  if (!hours || (colons && !scanner.take(':'))) return false;
  const auto minutes = scanner.number(2);
  if (!minutes || *minutes > 59 || *hours * 60 + *minutes > 14 * 60) return false;
  moment.offset_minutes = (negative ? -1 : 1) * (*hours * 60 + *minutes);
  return true;
}

std::string date_text(int year, unsigned month, unsigned day) {
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

std::string clock_text(std::int64_t microsecond) {
  return fmt::format("{:02}:{:02}:{:02}.{:06}", microsecond / (60 * kMinute), microsecond / kMinute % 60,
                     microsecond / 1'000'000 % 60, microsecond % 1'000'000);
}

}  // namespace

std::string Moment::date() const { return date_text(year, std::max(month, 1u), std::max(day, 1u)); }

std::optional<std::string> Moment::time() const {
  if (microsecond < 0) return {};
  return date() + " " + clock_text(microsecond);
}

std::optional<std::string> Moment::in_utc() const {
  using namespace std::chrono;
  if (microsecond < 0 || !offset_minutes) return {};
  std::int64_t utc = microsecond - *offset_minutes * kMinute;
  sys_days days_since = year_month_day{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (utc < 0) utc += kDay, days_since -= days(1);
  if (utc >= kDay) utc -= kDay, days_since += days(1);
  const year_month_day date(days_since);
  return date_text(static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                   static_cast<unsigned>(date.day())) +
         " " + clock_text(utc);
}

std::optional<Moment> fhir_moment(std::string_view text) {
  Scanner scanner(text);
  Moment moment;
  const auto year = scanner.number(4);
  if (!year) return {};
  moment.year = *year;
  for (unsigned* part : {&moment.month, &moment.day}) {
    if (scanner.at_end()) break;
    const auto number = scanner.take('-') ? scanner.number(2) : std::nullopt;
    if (!number || *number == 0) return {};
    *part = static_cast<unsigned>(*number);
  }
  if (!in_calendar(moment)) return {};
  if (scanner.at_end()) return moment;
  if (moment.day == 0 || !scanner.take('T') || !take_clock(scanner, moment, true, false)) return {};
  if (scanner.take('Z'))
    moment.offset_minutes = 0;
  else if (!take_offset(scanner, moment, true))  // FHIR demands a zone wherever there is a time
    return {};
  return scanner.at_end() ? std::optional(moment) : std::nullopt;
}

std::optional<Moment> hl7_moment(std::string_view text) {
  Scanner scanner(text);
  Moment moment;
  const auto year = scanner.number(4);
  if (!year) return {};
  moment.year = *year;
  for (unsigned* part : {&moment.month, &moment.day}) {
    if (!Scanner::is_digit(scanner.peek())) break;
    const auto number = scanner.number(2);
    if (!number || *number == 0) return {};
    *part = static_cast<unsigned>(*number);
  }
  if (!in_calendar(moment)) return {};
  if (moment.day != 0 && Scanner::is_digit(scanner.peek()) && !take_clock(scanner, moment, false, true)) return {};
  if (!scanner.at_end() && !take_offset(scanner, moment, false)) return {};
  return scanner.at_end() ? std::optional(moment) : std::nullopt;
}

}  // namespace cohortium::omop
