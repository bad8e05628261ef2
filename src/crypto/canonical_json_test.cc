// The vectors of RFC 8785: section 3.2.2 to 3.2.4, and appendix B for numbers.
#include "crypto/canonical_json.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace cohortium::crypto {
namespace {

using nlohmann::json;

TEST(CanonicalJson, NumbersOfAppendixB) {
  const std::pair<std::uint64_t, const char*> vectors[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const auto& [bits, text] : vectors) EXPECT_EQ(canonical_number(std::bit_cast<double>(bits)), text);
  EXPECT_THROW(canonical_number(std::numeric_limits<double>::quiet_NaN()), Failure);
  EXPECT_THROW(canonical_number(std::numeric_limits<double>::infinity()), Failure);
}

TEST(CanonicalJson, LiteralsAndStringsOfSection322) {
  const json value = json::parse(R"({
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    })");
  EXPECT_EQ(canonical_json(value),
            R"({"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],)"
            R"("string":"€$\u000f\nA'B\"\\\\\"/"})");
}

TEST(CanonicalJson, MembersSortedAsInSection323) {
  const json value = json::parse(R"({
      "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
    })");
  EXPECT_EQ(canonical_json(value),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\",\"ö\":\"Latin "
            "Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning "
            "Face\",\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST(CanonicalJson, TheSameValueHasOneSpelling) {
  EXPECT_EQ(canonical_json(json::parse("[1.0, 100, 1e2, -0.0, 0, 9007199254740992]")),
            "[1,100,100,0,0,9007199254740992]");
  EXPECT_EQ(canonical_json(json::parse(" { \"b\" : [ { } , [ ] ] , \"a\" : \"\\u007f\\t\" } ")),
            "{\"a\":\"\x7f\\t\",\"b\":[{},[]]}");
}

// Numbers that are read as fractions and print as whole numbers: what is printed reads back as the same.
TEST(CanonicalJson, LargeNumbersReadBack) {
  for (const char* text : {"22e15", "-22e15", "1e19", "-1e19", "9.223372036854775808e18", "1e20", "1e21"}) {
    const std::string once = canonical_json(json::parse(text));
    EXPECT_EQ(canonical_json(json::parse(once)), once) << text;
  }
}

TEST(CanonicalJson, WhatOthersWouldReadDifferentlyIsRefused) {
  for (const char* text : {"9007199254740993", "-9007199254740993", "[18446744073709551615]", "-9223372036854775808"})
    EXPECT_EQ(attempt([&] { return canonical_json(json::parse(text)); }).error().code, "codec.not_canonical") << text;
  EXPECT_NO_THROW(canonical_json(json::parse(std::string(100, '[') + std::string(100, ']'))));
  EXPECT_THROW(canonical_json(json::parse(std::string(102, '[') + std::string(102, ']'))), Failure);
  EXPECT_EQ(attempt([&] { return canonical_json(json("\xff")); }).error().code, "codec.not_canonical");
}

}  // namespace
}  // namespace cohortium::crypto
