// Typed columns, some thousand rows at a time: how every source of records delivers what a query finds.
//
// Whole numbers are exact over 64 bits: they never pass through floating point.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cohortium::data {

enum class ValueType {
  kInteger,    // 64 bits
  kReal,       // a double; from decimals the nearest one
  kText,       // UTF-8
  kDate,       // proleptic Gregorian
  kTimestamp,  // microseconds; UTC where the database knows the zone, else the clock that the database stores
  kBoolean
};
const char* name_of(ValueType type);  // "integer", "real", "text", "date", "timestamp", "boolean"

// One column of a batch. One of the value vectors is filled, by type; where `missing` is 1 it holds 0 or "".
struct BatchColumn {
  ValueType type = ValueType::kText;
  std::vector<std::int64_t> integers =
      {};                               // kInteger; kDate: days, kTimestamp: microseconds since 1970-01-01; kBoolean
  std::vector<double> reals = {};       // kReal
  std::vector<std::string> texts = {};  // kText
  std::vector<std::uint8_t> missing = {};

  void resize(std::size_t rows);  // all of them not missing, 0 or ""
  void shrink(std::size_t rows);  // keeps the first rows
  // The value as it stands in a CSV file: "-17", "0.1", "2020-02-29", "2020-02-29 23:59:59.5", "true"; missing: "".
  std::string text(std::size_t row) const;
};

struct Batch {
  std::size_t rows = 0;
  std::vector<BatchColumn> columns = {};
};

// Days since 1970-01-01 of a date, and the date of such a day; years -9999 to 9999 are more than records need.
std::int64_t day_number(int year, unsigned month, unsigned day);
// "2020-02-29" to its day number; false where the text is no such date.
bool parse_date(std::string_view text, std::int64_t& days);
// "2020-02-29 23:59:59.123456" or with a T, seconds and fraction optional; no zone.
bool parse_timestamp(std::string_view text, std::int64_t& microseconds);
std::string date_text(std::int64_t days);
std::string timestamp_text(std::int64_t microseconds);

// The double nearest to the shortest decimal of a float: 0.1f is 0.1, as it is in a database's own text.
double widened(float value);

}  // namespace cohortium::data
