// Dates as a site writes them. A format is declared, never guessed: 03/04/2020 is a day in March or in April.
//
//   YYYY  MM  DD      four and two digits
//   M  D              one or two digits, where no digit follows
//   - / . and blank   stand for themselves
//
// Each of year, month and day stands once; years of two digits have no format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cohortium::harmonise {

class DateFormat {
 public:
  // Fails with harmonise.bad_date_format.
  explicit DateFormat(std::string pattern);
  // Days since 1970-01-01; false where the text is no day of the calendar in this format.
  bool parse(std::string_view text, std::int64_t& days) const;

 private:
  std::string pattern_;
};

// In the format, or without one 2020-02-29, a time of day behind it being left out.
bool read_date(std::string_view text, const std::optional<DateFormat>& format, std::int64_t& days);

}  // namespace cohortium::harmonise
