// Dates and times as FHIR and HL7 v2 write them, brought to one form without shifting them.
//
// A clinical date is the one on the wall of the hospital: the local date and time are kept as written, and the offset
// from UTC beside them. Partial dates keep what they say: a year or a month becomes its first day, without a time of
// day, and `whole` is false.
//
// Source  FHIR R4 2.24.0.1 (date, dateTime, instant); HL7 v2.8 chapter 2A, DTM and TS
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cohortium::omop {

struct Moment {
  int year = 0;
  unsigned month = 0, day = 0;          // 0: not said
  std::int64_t microsecond = -1;        // of the day; -1: not said
  std::optional<int> offset_minutes{};  // local time minus UTC

  bool whole() const { return day != 0; }
  std::string date() const;                   // "2010-05-01"; the first day of what is not said
  std::optional<std::string> time() const;    // "2010-05-01 23:30:00.000000"; none where no time is said
  std::optional<std::string> in_utc() const;  // the same at UTC; none without an offset
};

// None when the text is not of the format, or no day of the calendar.
std::optional<Moment> fhir_moment(std::string_view text);  // YYYY[-MM[-DD[Thh:mm[:ss[.f]]Z|±hh:mm]]]
std::optional<Moment> hl7_moment(std::string_view text);   // YYYY[MM[DD[hh[mm[ss[.f]]]]]][±hhmm]

}  // namespace cohortium::omop
