#include "data/codes.h"

#include <gtest/gtest.h>

namespace cohortium::data {
namespace {

TEST(Codes, NumbersAreDecimalAndFinite) {
  EXPECT_EQ(parse_number("-1.5e3"), -1500);
  EXPECT_EQ(parse_number(".5"), 0.5);
  for (const char* text : {"", " 1", "1 ", "+1", "1,5", "0x10", "nan", "inf", "-inf", "1e999", "1_000", "1.2.3", "e5"})
    EXPECT_FALSE(parse_number(text)) << text;
}

TEST(Codes, OneSpellingPerNumber) {
  for (const char* text : {"2", "2.0", "02", "2e0", "20e-1", "0.2E+1", "2."}) EXPECT_EQ(canonical_number(text), "2e0");
  for (const char* text : {"0", "-0.0", "0e9", ".0"}) EXPECT_EQ(canonical_number(text), "0e0");
  EXPECT_EQ(canonical_number("-1200"), "-12e2");
  for (const char* text : {"", "-", ".", "e5", "1e", "1e99999", "I", "1 "})
    EXPECT_FALSE(canonical_number(text)) << text;
}

TEST(Codes, TextFirstThenNumbersByTheirDigits) {
  const CodeBook book({"2", "Obs", "9007199254740992", "", "01", "1"});
  EXPECT_EQ(book.find("2"), 0u);
  EXPECT_EQ(book.find("2.0"), 0u);
  EXPECT_EQ(book.find("Obs"), 1u);
  EXPECT_EQ(book.find(""), 3u);
  EXPECT_EQ(book.find("9007199254740992.0"), 2u);
  EXPECT_FALSE(book.find("9007199254740993"));
  EXPECT_EQ(book.find("01"), 4u);
  EXPECT_EQ(book.find("1"), 5u);
  EXPECT_FALSE(book.find("1.0"));  // equals two codes
  EXPECT_FALSE(book.find("obs"));
  EXPECT_FALSE(CodeBook({}).find(""));
}

TEST(Codes, NumericOnlyWhenNothingIsLost) {
  EXPECT_TRUE(are_numeric({"1", "2", "-9.5"}));
  EXPECT_FALSE(are_numeric({"1", "x"}));
  EXPECT_FALSE(are_numeric({"1", "01"}));
  EXPECT_FALSE(are_numeric({"9007199254740993", "1"}));
}

}  // namespace
}  // namespace cohortium::data
