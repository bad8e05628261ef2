#include "data/binary_copy.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <limits>

#include "base/error.h"
#include "data/codes.h"
#include "data/utf8.h"

namespace cohortium::data {
namespace {

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr std::int64_t kDaysTo2000 = 10'957, kMicrosecondsTo2000 = kDaysTo2000 * 86'400'000'000;
constexpr std::size_t kExactDigits = 15, kInt64Digits = 18;
constexpr std::size_t kMostNumericDigits = 40'000;  // more than any numeric has: four decimals each

[[noreturn]] void refuse(const std::string& column, const std::string& what, const std::string& remedy) {
  throw Failure({.code = "data.source_failed", .message = what, .where = column, .remedy = remedy});
}
[[noreturn]] void refuse_stream(const std::string& what) {
  refuse("COPY", "the database server sends what is no binary COPY: " + what, "check that this is a PostgreSQL server");
}

template <class T>
T big_endian(const char* bytes) {
  std::make_unsigned_t<T> value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<std::make_unsigned_t<T>>((value << 8) | static_cast<unsigned char>(bytes[i]));
  return static_cast<T>(value);
}

template <class T>
T take(std::string_view& message) {
  if (message.size() < sizeof(T)) refuse_stream("a message ends too early");
  const T value = big_endian<T>(message.data());
  message.remove_prefix(sizeof(T));
  return value;
}

std::string_view take_bytes(std::string_view& message, std::size_t count) {
  if (message.size() < count) refuse_stream("a field is longer than its message");
  const std::string_view bytes = message.substr(0, count);
  message.remove_prefix(count);
  return bytes;
}

// The whole field as one number.
template <class T>
T number(std::string_view field) {
  if (field.size() != sizeof(T)) refuse_stream("a field has not the length of its type");
  return big_endian<T>(field.data());
}

// "-12345e-2": the digits of a numeric, four to a base-10000 digit, with their exponent.
std::string numeric_text(std::string_view field) {
  constexpr int negative = 0x4000, not_a_number = 0xc000, infinite = 0xd000, negative_infinite = 0xf000;
  const auto count = static_cast<std::uint16_t>(take<std::int16_t>(field));
  const int weight = take<std::int16_t>(field);
  const int sign = static_cast<std::uint16_t>(take<std::int16_t>(field));
  take<std::int16_t>(field);  // digits after the point to show
  if (sign == not_a_number) return "nan";
  if (sign == infinite) return "inf";
  if (sign == negative_infinite) return "-inf";
  if ((sign != 0 && sign != negative) || count > kMostNumericDigits || field.size() != std::size_t{2} * count)
    refuse_stream("a numeric field is malformed");
  std::string text = sign == negative ? "-" : "";
  if (count == 0) return "0";
  for (std::size_t i = 0; i < count; ++i) {
    const auto digit = static_cast<std::uint16_t>(take<std::int16_t>(field));
    if (digit > 9999) refuse_stream("a numeric field is malformed");
    text += fmt::format("{:04}", digit);
  }
  return text + fmt::format("e{}", 4 * (weight - count + 1));
}

// The decimal digits of a whole number with an exponent, as parse_canonical: "-12e2" is "-1200".
struct Decimal {
  bool negative = false;
  std::string digits;  // without zeros at either end
  int exponent = 0;
  bool whole() const { return exponent >= 0; }
  std::size_t whole_digits() const { return digits.size() + static_cast<std::size_t>(exponent); }
  std::string plain() const {
    return (negative ? "-" : "") + digits + std::string(static_cast<std::size_t>(exponent), '0');
  }
};

Decimal decimal_of(const std::string& text) {
  const auto canonical = canonical_number(text);
  if (!canonical) refuse_stream("a numeric field is malformed");
  std::string_view rest = *canonical;
  Decimal decimal;
  decimal.negative = rest.starts_with('-');
  if (decimal.negative) rest.remove_prefix(1);
  const std::size_t e = rest.find('e');
  decimal.digits = rest.substr(0, e);
  std::from_chars(rest.data() + e + 1, rest.data() + rest.size(), decimal.exponent);
  return decimal;
}

double numeric_value(std::string_view field, const std::string& column) {
  const std::string text = numeric_text(field);
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text.ends_with("inf"))
    return text[0] == '-' ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  const Decimal decimal = decimal_of(text);
  if (decimal.whole() && decimal.whole_digits() > kExactDigits)
    refuse(column, "a numeric is a whole number of more than 15 digits, which no double keeps exactly",
           "cast the column to bigint, to double precision, or to text");
  const auto value = parse_number(text);
  if (!value)
    refuse(column, "a numeric lies outside the range of a double", "leave such rows out, or cast the column to text");
  return *value;
}

void put_whole_numeric(std::string_view field, const WireColumn& column, BatchColumn& into, std::size_t row) {
  const std::string text = numeric_text(field);
  const bool finite = text.find_first_of("nf") == std::string::npos;  // neither nan nor inf
  const Decimal decimal = finite ? decimal_of(text) : Decimal();
  const bool fits =
      finite && decimal.whole() &&
      decimal.whole_digits() <= (column.form == WireForm::kWholeNumeric ? kInt64Digits : kMostNumericDigits);
  if (!fits)
    refuse(column.name, "a numeric is not of its declared precision", "leave such rows out, or cast the column");
  const std::string plain = decimal.plain();
  if (column.form == WireForm::kWholeNumeric)
    std::from_chars(plain.data(), plain.data() + plain.size(), into.integers[row]);
  else
    into.texts[row] = plain;
}

void put_text(std::string_view field, const WireColumn& column, BatchColumn& into, std::size_t row) {
  if (first_bad_byte(field) < field.size())
    refuse(column.name, "a text is not UTF-8", "correct the text, or the encoding of the database");
  // char(n) is padded to its length; the blanks mean nothing.
  if (column.form == WireForm::kPadded) field = field.substr(0, field.find_last_not_of(' ') + 1);
  into.texts[row] = field;
}

void put_date(std::string_view field, const WireColumn& column, BatchColumn& into, std::size_t row) {
  const auto days = number<std::int32_t>(field);
  if (days == std::numeric_limits<std::int32_t>::max() || days == std::numeric_limits<std::int32_t>::min())
    refuse(column.name, "a date is infinite", "leave such rows out, or replace the date");
  into.integers[row] = days + kDaysTo2000;
}

void put_timestamp(std::string_view field, const WireColumn& column, BatchColumn& into, std::size_t row) {
  const auto value = number<std::int64_t>(field);
  if (value > std::numeric_limits<std::int64_t>::max() - kMicrosecondsTo2000 ||
      value == std::numeric_limits<std::int64_t>::min())
    refuse(column.name, "a timestamp is infinite", "leave such rows out, or replace the timestamp");
  into.integers[row] = value + kMicrosecondsTo2000;
}

std::string uuid_text(std::string_view field) {
  if (field.size() != 16) refuse_stream("a field has not the length of its type");
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<unsigned char>(field[i]));
  }
  return text;
}

void put(std::string_view field, const WireColumn& column, BatchColumn& into, std::size_t row) {
  switch (column.form) {
    case WireForm::kInt2:
      into.integers[row] = number<std::int16_t>(field);
      break;
    case WireForm::kInt4:
      into.integers[row] = number<std::int32_t>(field);
      break;
    case WireForm::kInt8:
      into.integers[row] = number<std::int64_t>(field);
      break;
    case WireForm::kOid:
      into.integers[row] = static_cast<std::uint32_t>(number<std::int32_t>(field));
      break;
    case WireForm::kFloat4:
      into.reals[row] = widened(std::bit_cast<float>(number<std::int32_t>(field)));
      break;
    case WireForm::kFloat8:
      into.reals[row] = std::bit_cast<double>(number<std::int64_t>(field));
      break;
    case WireForm::kWholeNumeric:
    case WireForm::kLongNumeric:
      put_whole_numeric(field, column, into, row);
      break;
    case WireForm::kNumeric:
      into.reals[row] = numeric_value(field, column.name);
      break;
    case WireForm::kText:
    case WireForm::kPadded:
      put_text(field, column, into, row);
      break;
    case WireForm::kUuid:
      into.texts[row] = uuid_text(field);
      break;
    case WireForm::kDate:
      put_date(field, column, into, row);
      break;
    case WireForm::kTimestamp:
      put_timestamp(field, column, into, row);
      break;
    case WireForm::kBoolean:
      into.integers[row] = number<std::int8_t>(field) != 0 ? 1 : 0;
      break;
  }
}

WireForm numeric_form(std::int32_t modifier) {
  constexpr std::int32_t header = 4;
  if (modifier < header) return WireForm::kNumeric;
  const auto precision = static_cast<std::size_t>(((modifier - header) >> 16) & 0xffff);
  if (((modifier - header) & 0x7ff) != 0) return WireForm::kNumeric;
  return precision <= kInt64Digits ? WireForm::kWholeNumeric : WireForm::kLongNumeric;
}

}  // namespace

ValueType value_type(WireForm form) {
  switch (form) {
    case WireForm::kInt2:
    case WireForm::kInt4:
    case WireForm::kInt8:
    case WireForm::kOid:
    case WireForm::kWholeNumeric:
      return ValueType::kInteger;
    case WireForm::kFloat4:
    case WireForm::kFloat8:
    case WireForm::kNumeric:
      return ValueType::kReal;
    case WireForm::kLongNumeric:
    case WireForm::kText:
    case WireForm::kPadded:
    case WireForm::kUuid:
      return ValueType::kText;
    case WireForm::kDate:
      return ValueType::kDate;
    case WireForm::kTimestamp:
      return ValueType::kTimestamp;
    case WireForm::kBoolean:
      break;
  }
  return ValueType::kBoolean;
}

std::optional<WireForm> wire_form(std::uint32_t type, std::int32_t modifier) {
  // Object identifiers of built-in types never change (pg_type.dat).
  switch (type) {
    case 16:  // bool
      return WireForm::kBoolean;
    case 20:  // int8
      return WireForm::kInt8;
    case 21:  // int2
      return WireForm::kInt2;
    case 23:  // int4
      return WireForm::kInt4;
    case 26:  // oid
      return WireForm::kOid;
    case 18:    // "char"
    case 19:    // name
    case 25:    // text
    case 114:   // json
    case 1043:  // varchar
      return WireForm::kText;
    case 700:  // float4
      return WireForm::kFloat4;
    case 701:  // float8
      return WireForm::kFloat8;
    case 1042:  // bpchar
      return WireForm::kPadded;
    case 1082:  // date
      return WireForm::kDate;
    case 1114:  // timestamp
    case 1184:  // timestamptz
      return WireForm::kTimestamp;
    case 1700:  // numeric
      return numeric_form(modifier);
    case 2950:  // uuid
      return WireForm::kUuid;
    default:
      return std::nullopt;
  }
}

void BinaryCopy::read_header(std::string_view& message) {
  if (take_bytes(message, kSignature.size()) != kSignature) refuse_stream("the signature is missing");
  if (take<std::int32_t>(message) != 0) refuse_stream("a flag is set that nobody asked for");
  const auto extension = take<std::int32_t>(message);
  if (extension < 0) refuse_stream("the header has a negative length");
  take_bytes(message, static_cast<std::size_t>(extension));
  started_ = true;
}

bool BinaryCopy::read(std::string_view message, Batch& batch, std::size_t row) {
  if (ended_) refuse_stream("more follows after the end");
  if (!started_) read_header(message);
  if (message.empty()) return false;
  const auto fields = take<std::int16_t>(message);
  ended_ = fields == -1;
  if (!ended_) {
    if (fields < 0 || static_cast<std::size_t>(fields) != columns_.size())
      refuse_stream("a row has not the number of columns that was announced");
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto length = take<std::int32_t>(message);
      if (length < -1) refuse_stream("a field has a negative length");
      if (length == -1)
        batch.columns[i].missing[row] = 1;
      else
        put(take_bytes(message, static_cast<std::size_t>(length)), columns_[i], batch.columns[i], row);
    }
  }
  if (!message.empty()) refuse_stream("a message is longer than its row");
  return !ended_;
}

}  // namespace cohortium::data
