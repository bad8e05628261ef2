#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/line_file.h"
#include "base/toml.h"

namespace cohortium {
namespace {

TEST(Error, TextSaysWhatWhereAndWhatToDo) {
  const Error error{
      .code = "data.unknown_column", .message = "no such column", .where = "lung.csv:1", .remedy = "fix it"};
  EXPECT_EQ(error.text(), "data.unknown_column: no such column (at lung.csv:1)\n  what to do: fix it");
}

TEST(Error, AttemptTurnsFailuresIntoValues) {
  EXPECT_EQ(attempt([] { return 3; }).value(), 3);
  const auto failed = attempt([]() -> int { throw Failure({.code = "a.b", .message = "c"}); });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, "a.b");
  EXPECT_EQ(attempt([]() -> int { throw std::runtime_error("x"); }).error().code, "internal.unexpected");
  EXPECT_THROW(static_cast<void>(failed.value()), Failure);
}

TEST(Error, BrokenInvariantStopsTheProgram) {
  EXPECT_DEATH(COHORTIUM_CHECK(1 == 2), "internal.broken_invariant: 1 == 2");
}

TEST(Buffer, HexRoundTripAndRefusal) {
  const Bytes bytes{std::byte{0}, std::byte{0xab}, std::byte{255}};
  EXPECT_EQ(to_hex(bytes), "00abff");
  EXPECT_EQ(from_hex("00abff"), bytes);
  EXPECT_THROW(from_hex("0"), Failure);
  EXPECT_THROW(from_hex("0G"), Failure);
}

TEST(Buffer, FreedMemoryIsWiped) {
  alignas(64) unsigned char memory[64];
  std::fill(std::begin(memory), std::end(memory), static_cast<unsigned char>(7));
  wipe(memory, sizeof memory);
  for (unsigned char c : memory) EXPECT_EQ(c, 0);
}

TEST(Buffer, ConstantTimeEquality) {
  const Bytes a = from_hex("0102"), b = from_hex("0102"), c = from_hex("0103"), d = from_hex("01");
  EXPECT_TRUE(equal_in_constant_time(a, b));
  EXPECT_FALSE(equal_in_constant_time(a, c));
  EXPECT_FALSE(equal_in_constant_time(a, d));
}

TEST(File, WrittenWholeAndReadWithALimit) {
  const auto path = std::filesystem::temp_directory_path() / ("cohortium_file_test_" + std::to_string(::getpid()));
  write_file(path, "hello", FileAccess::kOwnerOnly);
  EXPECT_EQ(read_file(path), "hello");
  EXPECT_EQ(static_cast<int>(std::filesystem::status(path).permissions()), 0600);
  EXPECT_THROW(read_file(path, 4), Failure);
  std::filesystem::remove(path);
  EXPECT_EQ(attempt([&] { return read_file(path); }).error().code, "file.missing");
  EXPECT_EQ(attempt([&] { return read_file("/"); }).error().code, "file.unreadable");
}

TEST(LineFile, KeepsWholeLinesAndOneOwner) {
  const auto path = std::filesystem::temp_directory_path() / ("cohortium_line_file_test_" + std::to_string(::getpid()));
  const LineFile::Refusals refusals{.in_use = {.code = "a.in_use", .message = "taken"},
                                    .unwritable = {.code = "a.unwritable", .message = "full"}};
  std::vector<std::string> lines;
  const LineFile::Take take = [&](std::size_t number, const std::string& line) {
    EXPECT_EQ(number, lines.size() + 1);
    lines.push_back(line);
  };
  {
    LineFile file(path, refusals, take);
    file.append("one");
    file.append("two");
    EXPECT_EQ(attempt([&] {
                LineFile again(path, refusals, take);
                return 0;
              })
                  .error()
                  .code,
              "a.in_use");
  }
  std::ofstream(path, std::ios::app) << "a long line that was never finished";
  LineFile::read(path, take);
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two"}));
  lines.clear();
  LineFile(path, refusals, take).append("3");
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(read_file(path), "one\ntwo\n3\n");
  std::filesystem::remove(path);
  EXPECT_EQ(attempt([&] {
              LineFile nowhere(path / "no" / "where", refusals, take);
              return 0;
            })
                .error()
                .code,
            "file.unwritable");
}

TEST(Toml, LettersBeyondAsciiStandInTextsAndComments) {
  const toml::table table = parse_toml(
      "\xef\xbb\xbf"
      R"(# é
a = "é\"é" # é
b = 'e\'
c = """é\""""
d = """\
  é x"""
e = '''e'''
f = ""
i = "日本 😀\\"
g = [ # é
  [[{a = 1}],
[-1]], [
1]]
 [[ "h" ]]
[ h.b ])",
      "a.toml", {.code = "a.b", .message = "", .remedy = "c"});
  EXPECT_EQ(table["a"].value<std::string>(), "é\"é");
  EXPECT_EQ(table["b"].value<std::string>(), "e\\");
  EXPECT_EQ(table["c"].value<std::string>(), "é\"");
  EXPECT_EQ(table["d"].value<std::string>(), "é x");
  EXPECT_EQ(table["e"].value<std::string>(), "e");
  EXPECT_EQ(table["i"].value<std::string>(), "日本 😀\\");
  EXPECT_EQ(table["g"].as_array()->size(), 2U);
  EXPECT_TRUE(table["h"].is_array());
}

TEST(Toml, WhatIsNoneIsRefusedWithItsPlace) {
  for (const char* text :
       {"a = 1\n é = 2", "a = 1\n\u00a0b = 2", "# é\n é = 1", "a = \"x\"\n é = 1", "a = '\\'\n é = 1",
        "a = \"\"\"\n é\"\"\"\"\" é", "a = [1,\n b]", "a = 1\n[[[x]]", "a = 1\n[ #]", "a = [1]\n[\nx]", "[x]\n [=]",
        "a = 1\nb =9\"\"\"9é", "a = 1\nb = 'é'", "a = 1\nb = \"\xc3\"", "a = 1\nb = \"\xed\xa0\x80\""}) {
    const auto read =
        attempt([&] { return parse_toml(text, "a.toml", {.code = "a.b", .message = "", .remedy = "c"}); });
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().code, "a.b") << text;
    EXPECT_EQ(read.error().where.substr(0, 9), "a.toml:2:") << text;
  }
  EXPECT_EQ(attempt([] { return parse_toml("a = 1\n é = 2", "a.toml", {.code = "a.b", .message = "", .remedy = "c"}); })
                .error()
                .where,
            "a.toml:2:2");
}

}  // namespace
}  // namespace cohortium
