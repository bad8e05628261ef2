#include "data/csv.h"

#include <gtest/gtest.h>

#include <random>

#include "data/test_folder.h"

namespace cohortium::data {
namespace {

using Fields = std::vector<std::string_view>;

void read_all(std::string_view text) {
  CsvReader csv(text, "t.csv");
  while (csv.next()) {
  }
}

TEST(Csv, QuotesLineEndsAndByteOrderMark) {
  CsvReader csv("\xef\xbb\xbf\"a\"\"1\"\"\",b\r\n1,\"x\r\ny\"\r\n\"\",\"p\"\"q\"\n,", "t.csv");
  EXPECT_EQ(csv.header(), (std::vector<std::string>{"a\"1\"", "b"}));
  ASSERT_TRUE(csv.next());
  EXPECT_EQ(csv.fields(), (Fields{"1", "x\r\ny"}));
  EXPECT_EQ(csv.line(), 2u);
  ASSERT_TRUE(csv.next());
  EXPECT_EQ(csv.fields(), (Fields{"", "p\"q"}));
  EXPECT_EQ(csv.line(), 4u);
  ASSERT_TRUE(csv.next());
  EXPECT_EQ(csv.fields(), (Fields{"", ""}));
  EXPECT_EQ(csv.line(), 5u);
  EXPECT_FALSE(csv.next());
}

TEST(Csv, OneColumnMayHoldEmptyLines) {
  CsvReader csv("a\n1\n\n2\n", "t.csv");
  for (const char* expected : {"1", "", "2"}) {
    ASSERT_TRUE(csv.next());
    EXPECT_EQ(csv.fields(), Fields{expected});
  }
  EXPECT_FALSE(csv.next());
}

TEST(Csv, WhatTheStandardDoesNotAllowIsRefusedWithItsLine) {
  const std::pair<const char*, const char*> refused[] = {
      {"", "t.csv:1"},                            // no header
      {"\xef\xbb\xbf", "t.csv:1"},                // nothing but the byte order mark
      {"a,b\n1,2\n1\n", "t.csv:3"},               // too few fields
      {"a,b\n1,2,3\n", "t.csv:2"},                // too many
      {"a,b\n1,2,\n", "t.csv:2"},                 // a comma too many
      {"a,b\n1,2\n\n", "t.csv:3"},                // an empty line
      {"a,b\n1,x\"y\n", "t.csv:2"},               // a quote in a bare field
      {"a,b\n1, \"x\"\n", "t.csv:2"},             // a blank before the quote
      {"a,b\n1,\"x\" \n", "t.csv:2"},             // and after it
      {"a,b\n\"x\ny\",1\n1,\"x\n\n", "t.csv:4"},  // never closed
      {"a,b\n1,2\r3,4\n", "t.csv:2"},             // a bare carriage return
      {"a,b\n1,2\n1,\xff\n", "t.csv:3"},          // not UTF-8
      {"a,b\n1,\xc0\xaf\n", "t.csv:2"},           // overlong
      {"a,b\n1,\xed\xa0\x80\n", "t.csv:2"},       // a surrogate
      {"a,b\n1,\xe2\x82", "t.csv:2"},             // cut off
  };
  for (const auto& [text, where] : refused) {
    const Error error = error_of([text = std::string_view(text)] { read_all(text); });
    EXPECT_EQ(error.code, "data.unreadable_file") << text;
    EXPECT_EQ(error.where, where) << text;
  }
}

TEST(Csv, RandomBytesNeverDoMoreThanFail) {
  std::mt19937 random(1);
  constexpr std::string_view alphabet = "a1,,\"\"\n\n\r\t \xc3\xa9";
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (auto length = random() % 40; length > 0; --length) text += alphabet[random() % alphabet.size()];
    const std::string code = error_of([&] { read_all(text); }).code;
    EXPECT_TRUE(code == "none" || code == "data.unreadable_file") << text;
  }
}

}  // namespace
}  // namespace cohortium::data
