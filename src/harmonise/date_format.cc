#include "harmonise/date_format.h"

#include <fmt/format.h>

#include "base/error.h"
#include "data/batch.h"

namespace cohortium::harmonise {
namespace {

constexpr std::string_view separators = "-/. ";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The letters of one kind from `at` on.
std::size_t run_of(std::string_view pattern, std::size_t at) {
  std::size_t length = 1;
  while (at + length < pattern.size() && pattern[at + length] == pattern[at]) ++length;
  return length;
}

[[noreturn]] void refuse(const std::string& pattern, const std::string& message) {
  throw Failure({.code = "harmonise.bad_date_format",
                 .message = message,
                 .where = pattern.substr(0, 60),
                 .remedy = "write each of YYYY, MM and DD once, with - / . or a blank between them: DD.MM.YYYY"});
}

}  // namespace

DateFormat::DateFormat(std::string pattern) : pattern_(std::move(pattern)) {
  int years = 0, months = 0, days = 0;
  for (std::size_t at = 0; at < pattern_.size();) {
    const char letter = pattern_[at];
    const std::size_t length = run_of(pattern_, at);
    const bool last = at + length == pattern_.size();
    if (letter == 'Y' && length == 4) {
      ++years;
    } else if ((letter == 'M' || letter == 'D') && length <= 2) {
      if (length == 1 && !last && separators.find(pattern_[at + 1]) == std::string_view::npos)
        refuse(pattern_, fmt::format("after a single {} a separator is needed", letter));
      ++(letter == 'M' ? months : days);
    } else if (separators.find(letter) == std::string_view::npos) {
      refuse(pattern_, "this is no format of dates");
    }
    at += length;
  }
  if (years != 1 || months != 1 || days != 1) refuse(pattern_, "year, month and day do not each stand once");
}

bool DateFormat::parse(std::string_view text, std::int64_t& days) const {
  int year = 0, month = 0, day = 0;
  std::size_t next = 0;
  for (std::size_t at = 0; at < pattern_.size();) {
    const char letter = pattern_[at];
    const std::size_t length = run_of(pattern_, at);
    at += length;
    if (separators.find(letter) != std::string_view::npos) {
      for (std::size_t i = 0; i < length; ++i, ++next)
        if (next >= text.size() || text[next] != letter) return false;
      continue;
    }
    const std::size_t least = length, most = length == 1 ? 2 : length;
    int value = 0;
    std::size_t digits = 0;
    for (; digits < most && next < text.size() && is_digit(text[next]); ++digits, ++next)
      value = 10 * value + (text[next] - '0');
    if (digits < least) return false;
    (letter == 'Y' ? year : letter == 'M' ? month : day) = value;
  }
  // The calendar is checked where all dates are.
  return next == text.size() && data::parse_date(fmt::format("{:04}-{:02}-{:02}", year, month, day), days);
}

bool read_date(std::string_view text, const std::optional<DateFormat>& format, std::int64_t& days) {
  if (format) return format->parse(text, days);
  if (data::parse_date(text, days)) return true;
  constexpr std::int64_t a_day = 86'400'000'000;
  std::int64_t microseconds = 0;
  if (!data::parse_timestamp(text, microseconds)) return false;
  days = microseconds / a_day - (microseconds % a_day < 0 ? 1 : 0);
  return true;
}

}  // namespace cohortium::harmonise
