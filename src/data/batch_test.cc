#include "data/batch.h"

#include <gtest/gtest.h>

namespace cohortium::data {
namespace {

TEST(Batch, DatesAreDaysSince1970) {
  const std::pair<const char*, std::int64_t> dates[] = {
      {"1970-01-01", 0}, {"1969-12-31", -1}, {"2000-02-29", 11016}, {"2110-07-04", 51318}, {"0001-01-01", -719162}};
  for (const auto& [text, expected] : dates) {
    std::int64_t days = 0;
    ASSERT_TRUE(parse_date(text, days)) << text;
    EXPECT_EQ(days, expected) << text;
    EXPECT_EQ(date_text(days), text);
  }
  std::int64_t days = 0;
  for (const char* text : {"", "2001-02-29", "2001-13-01", "2001-00-01", "2001-1-01", "2001-01-01 ", "01-01-2001",
                           "-200-01-01", "2001-01-0x", "2001-01", "20010101"})
    EXPECT_FALSE(parse_date(text, days)) << text;
}

TEST(Batch, TimestampsAreMicroseconds) {
  const std::pair<const char*, const char*> timestamps[] = {
      {"1970-01-01 00:00:00", "1970-01-01 00:00:00"},
      {"1969-12-31T23:59:59.999999", "1969-12-31 23:59:59.999999"},
      {"2020-02-29 12:34", "2020-02-29 12:34:00"},
      {"2020-02-29 12:34:56.5", "2020-02-29 12:34:56.5"},
      {"1900-01-01T00:00:00.000001", "1900-01-01 00:00:00.000001"}};
  for (const auto& [text, printed] : timestamps) {
    std::int64_t value = 0;
    ASSERT_TRUE(parse_timestamp(text, value)) << text;
    EXPECT_EQ(timestamp_text(value), printed);
  }
  std::int64_t value = 0;
  ASSERT_TRUE(parse_timestamp("1970-01-02 00:00:00.25", value));
  EXPECT_EQ(value, 86'400'250'000);
  for (const char* text : {"2020-02-29", "2020-02-29 24:00", "2020-02-29 12:60", "2020-02-29 12:34:60", "2020-02-29 12",
                           "2020-02-29 12:34:56.", "2020-02-29 12:34:56.1234567", "2020-02-29 12:34Z",
                           "2020-02-29_12:34", "2020-02-30 12:34"})
    EXPECT_FALSE(parse_timestamp(text, value)) << text;
}

TEST(Batch, ValuesReadAsInAFile) {
  BatchColumn integers{.type = ValueType::kInteger};
  integers.resize(3);
  integers.integers = {9223372036854775807, -9007199254740993, 0};
  integers.missing = {0, 0, 1};
  EXPECT_EQ(integers.text(0), "9223372036854775807");
  EXPECT_EQ(integers.text(1), "-9007199254740993");
  EXPECT_EQ(integers.text(2), "");
  BatchColumn reals{.type = ValueType::kReal};
  reals.resize(2);
  reals.reals = {0.1, -1e300};
  EXPECT_EQ(reals.text(0), "0.1");
  EXPECT_EQ(reals.text(1), "-1e+300");
  BatchColumn booleans{.type = ValueType::kBoolean};
  booleans.resize(2);
  booleans.integers = {1, 0};
  EXPECT_EQ(booleans.text(0), "true");
  EXPECT_EQ(booleans.text(1), "false");
}

}  // namespace
}  // namespace cohortium::data
