#include "data/binary_copy.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "data/test_folder.h"

namespace cohortium::data {
namespace {

using namespace std::string_literals;

template <class T>
std::string bytes(T value) {
  std::string text(sizeof(T), '\0');
  for (std::size_t i = 0; i < sizeof(T); ++i)
    text[sizeof(T) - 1 - i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
  return text;
}
std::string i16(int value) { return bytes(static_cast<std::int16_t>(value)); }
std::string i32(std::int64_t value) { return bytes(static_cast<std::int32_t>(value)); }
std::string field(const std::string& content) { return i32(static_cast<std::int64_t>(content.size())) + content; }
std::string numeric(std::initializer_list<int> words) {
  std::string content;
  for (const int word : words) content += i16(word);
  return content;
}
const std::string kHeader = "PGCOPY\n\377\r\n\0"s + i32(0) + i32(0);

// The one value of the one row that a stream of one column holds.
std::string value(WireForm form, const std::string& content) {
  BinaryCopy copy({{"x", form}});
  Batch batch{.rows = 1, .columns = {{.type = value_type(form)}}};
  batch.columns[0].resize(1);
  EXPECT_TRUE(copy.read(kHeader + i16(1) + field(content), batch, 0));
  EXPECT_FALSE(copy.read(i16(-1), batch, 1));
  EXPECT_TRUE(copy.ended());
  return batch.columns[0].text(0);
}
std::string refusal(WireForm form, const std::string& content) {
  return error_of([&] { value(form, content); }).code;
}

TEST(BinaryCopy, TypesAreReadAsTheServerSendsThem) {
  EXPECT_EQ(value(WireForm::kInt2, i16(-2)), "-2");
  EXPECT_EQ(value(WireForm::kInt4, i32(-70000)), "-70000");
  EXPECT_EQ(value(WireForm::kInt8, bytes(std::int64_t{9007199254740993})), "9007199254740993");
  EXPECT_EQ(value(WireForm::kOid, i32(-1)), "4294967295");
  EXPECT_EQ(value(WireForm::kFloat4, i32(std::bit_cast<std::int32_t>(0.1f))), "0.1");
  EXPECT_EQ(value(WireForm::kFloat8, bytes(std::bit_cast<std::int64_t>(-2.5))), "-2.5");
  EXPECT_EQ(value(WireForm::kText, "K\xc3\xb6ln "), "K\xc3\xb6ln ");
  EXPECT_EQ(value(WireForm::kPadded, "ab  "), "ab");
  EXPECT_EQ(value(WireForm::kPadded, "   "), "");
  EXPECT_EQ(value(WireForm::kBoolean, "\1"), "true");
  EXPECT_EQ(value(WireForm::kDate, i32(0)), "2000-01-01");
  EXPECT_EQ(value(WireForm::kDate, i32(-1)), "1999-12-31");
  EXPECT_EQ(value(WireForm::kTimestamp, bytes(std::int64_t{1'500'000})), "2000-01-01 00:00:01.5");
  EXPECT_EQ(value(WireForm::kUuid, "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\xff"s),
            "00010203-0405-0607-0809-0a0b0c0d0eff");
}

TEST(BinaryCopy, NumericsAreExactOrRefused) {
  constexpr int negative = 0x4000;
  EXPECT_EQ(value(WireForm::kNumeric, numeric({2, 0, 0, 2, 12, 5000})), "12.5");
  EXPECT_EQ(value(WireForm::kNumeric, numeric({1, -1, negative, 4, 7})), "-7e-04");
  EXPECT_EQ(value(WireForm::kNumeric, numeric({0, 0, 0, 0})), "0");
  EXPECT_EQ(value(WireForm::kNumeric, numeric({1, 2, 0, 0, 3})), "3e+08");
  EXPECT_TRUE(value(WireForm::kNumeric, numeric({0, 0, 0xc000, 0})).ends_with("nan"));
  EXPECT_EQ(value(WireForm::kNumeric, numeric({0, 0, 0xd000, 0})), "inf");
  // 9007199254740993 is no double.
  const std::string beyond = numeric({4, 3, 0, 0, 9007, 1992, 5474, 993});
  EXPECT_EQ(refusal(WireForm::kNumeric, beyond), "data.source_failed");
  EXPECT_EQ(value(WireForm::kWholeNumeric, beyond), "9007199254740993");
  EXPECT_EQ(value(WireForm::kLongNumeric, numeric({1, 5, negative, 0, 12})), "-1200000000000000000000");
  EXPECT_EQ(refusal(WireForm::kWholeNumeric, numeric({1, 5, 0, 0, 12})), "data.source_failed");
  EXPECT_EQ(refusal(WireForm::kWholeNumeric, numeric({1, -1, 0, 1, 5000})), "data.source_failed");
  EXPECT_EQ(refusal(WireForm::kWholeNumeric, numeric({0, 0, 0xc000, 0})), "data.source_failed");
  for (const std::string& malformed : {numeric({1, 0, 0, 0}), numeric({1, 0, 0, 0, 10000}), numeric({-1, 0, 0, 0}),
                                       numeric({0, 0, 1, 0}), numeric({0, 0}), ""s, numeric({1, 32000, 0, 0, 1})})
    EXPECT_EQ(refusal(WireForm::kNumeric, malformed), "data.source_failed");
}

TEST(BinaryCopy, WhatHasNoValueIsRefused) {
  const std::pair<WireForm, std::string> refused[] = {{WireForm::kDate, i32(0x7fffffff)},
                                                      {WireForm::kDate, i32(-0x80000000LL)},
                                                      {WireForm::kTimestamp, bytes(INT64_MAX)},
                                                      {WireForm::kTimestamp, bytes(INT64_MIN)},
                                                      {WireForm::kText, "\xff"},
                                                      {WireForm::kInt4, i16(1)},
                                                      {WireForm::kInt8, ""},
                                                      {WireForm::kBoolean, "tt"},
                                                      {WireForm::kUuid, "x"}};
  for (const auto& [form, content] : refused) EXPECT_EQ(refusal(form, content), "data.source_failed") << int(form);
}

TEST(BinaryCopy, LengthsAreChecked) {
  const auto code = [](const std::string& stream) {
    BinaryCopy copy({{"x", WireForm::kText}, {"y", WireForm::kInt4}});
    Batch batch{.rows = 1, .columns = {{.type = ValueType::kText}, {.type = ValueType::kInteger}}};
    for (BatchColumn& column : batch.columns) column.resize(1);
    return error_of([&] { copy.read(stream, batch, 0); }).code;
  };
  const std::string row = i16(2) + field("a") + field(i32(1));
  EXPECT_EQ(code(kHeader + row), "none");
  EXPECT_EQ(code(kHeader + i16(2) + i32(-1) + i32(-1)), "none");
  EXPECT_EQ(code(kHeader), "none");
  for (const std::string& bad :
       {row, "PGCOPY\n\377\r\n\1"s + i32(0) + i32(0), kHeader.substr(0, 15),
        "PGCOPY\n\377\r\n\0"s + i32(1 << 16) + i32(0), "PGCOPY\n\377\r\n\0"s + i32(0) + i32(-5),
        "PGCOPY\n\377\r\n\0"s + i32(0) + i32(0x7fffffff), kHeader + i16(3) + row, kHeader + i16(1) + field("a"),
        kHeader + i16(-2), kHeader + i16(2) + i32(0x7fffffff) + "a", kHeader + i16(2) + i32(-2), kHeader + row + "x",
        kHeader + i16(2) + field("a"), kHeader + "\0"s})
    EXPECT_EQ(code(bad), "data.source_failed");
}

TEST(BinaryCopy, GarbageIsARowOrAFailure) {
  std::mt19937 random(7);
  std::vector<WireColumn> columns;
  Batch batch{.rows = 1, .columns = {}};
  for (int form = 0; form <= static_cast<int>(WireForm::kBoolean); ++form) {
    columns.push_back({"c" + std::to_string(form), static_cast<WireForm>(form)});
    batch.columns.push_back({.type = value_type(static_cast<WireForm>(form))});
  }
  int rows = 0;
  for (int round = 0; round < 20000; ++round) {
    for (BatchColumn& column : batch.columns) column.resize(1);
    std::string stream = kHeader + i16(static_cast<int>(columns.size()));
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const int kind = static_cast<int>(random() % 8);
      std::string content(kind == 0 ? random() % 20 : (std::size_t{1} << random() % 5), '\0');
      for (char& c : content) c = static_cast<char>(random() % 4 == 0 ? random() : random() % 3);
      stream += kind == 1 ? i32(-1) : field(content);
    }
    if (random() % 8 == 0) stream.resize(random() % stream.size());
    BinaryCopy copy(columns);
    const std::string code = error_of([&] { rows += copy.read(stream, batch, 0); }).code;
    EXPECT_TRUE(code == "none" || code == "data.source_failed");
  }
  // Each field alone, so that every form is met with every garbage.
  for (int round = 0; round < 20000; ++round) {
    const auto form = static_cast<WireForm>(random() % (static_cast<unsigned>(WireForm::kBoolean) + 1));
    std::string content(random() % 20, '\0');
    for (char& c : content) c = static_cast<char>(random() % 3 == 0 ? random() : random() % 3);
    const std::string code = error_of([&] { value(form, content); }).code;
    rows += code == "none";
    EXPECT_TRUE(code == "none" || code == "data.source_failed");
  }
  EXPECT_GT(rows, 100);
}

TEST(BinaryCopy, OnlyKnownTypesHaveAForm) {
  EXPECT_EQ(wire_form(1700, -1), WireForm::kNumeric);
  EXPECT_EQ(wire_form(1700, (18 << 16) + 4), WireForm::kWholeNumeric);
  EXPECT_EQ(wire_form(1700, (19 << 16) + 4), WireForm::kLongNumeric);
  EXPECT_EQ(wire_form(1700, (9 << 16) + 2 + 4), WireForm::kNumeric);
  EXPECT_FALSE(wire_form(17, -1));    // bytea
  EXPECT_FALSE(wire_form(1186, -1));  // interval
}

}  // namespace
}  // namespace cohortium::data
