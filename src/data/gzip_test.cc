#include "data/gzip.h"

#include <gtest/gtest.h>

#include <random>

#include "base/file.h"
#include "data/duckdb.h"
#include "data/test_folder.h"

namespace cohortium::data {
namespace {

constexpr std::size_t kLimit = 1 << 24;

// "a,b\n1,2\n", one block with the fixed code.
const std::string kSmall(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\xd4\x49\xe2\x32\xd4\x31\xe2\x02\x00\x7b\x07\x97\x0a\x08\x00\x00\x00",
    28);

// A file of many blocks with codes of their own, as DuckDB compresses it, and its text.
std::pair<std::string, std::string> large_sample() {
  const TestFolder folder;
  Database database({});
  const std::string rows =
      "(SELECT i AS id, hash(i) % 1000 AS a, chr(65 + CAST(hash(i * 7) % 26 AS INTEGER)) AS b FROM range(50000) r(i))";
  for (const char* name : {"t.csv", "t.csv.gz"})
    database.execute("COPY " + rows + " TO " + sql_text((folder.path() / name).string()) + " (FORMAT csv, HEADER)");
  return {read_file(folder.path() / "t.csv.gz"), read_file(folder.path() / "t.csv")};
}

bool refused(const std::string& compressed, std::size_t limit = kLimit) {
  const std::string code = error_of([&] { gunzip(compressed, limit); }).code;
  EXPECT_TRUE(code == "data.unreadable_file" || code == "none") << code;
  return code == "data.unreadable_file";
}

TEST(Gzip, BlocksOfEveryKind) {
  EXPECT_EQ(gunzip(kSmall, kLimit), "a,b\n1,2\n");
  EXPECT_EQ(gunzip(kSmall + kSmall, kLimit), "a,b\n1,2\na,b\n1,2\n");
  const auto [compressed, text] = large_sample();
  EXPECT_TRUE(gunzip(compressed, kLimit) == text);
  // A stored block: final, type 0, length 2 and its complement.
  const std::string stored(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x01\x02\x00\xfd\xffhi\xac\x2a\x93\xd8\x02\x00\x00\x00", 25);
  EXPECT_EQ(gunzip(stored, kLimit), "hi");
}

TEST(Gzip, LimitIsKept) {
  EXPECT_TRUE(refused(kSmall, 4));
  EXPECT_FALSE(refused(kSmall, 8));
}

TEST(Gzip, EveryCutAndEveryFlippedBitIsNoticed) {
  for (std::size_t length = 0; length < kSmall.size(); ++length) EXPECT_TRUE(refused(kSmall.substr(0, length)));
  // From the tenth byte on: the time stamp and the system in the header carry no checksum. The last six bits before
  // the trailer are padding and mean nothing.
  for (std::size_t bit = 80; bit < kSmall.size() * 8; ++bit) {
    if (bit >= 154 && bit < 160) continue;
    std::string damaged = kSmall;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_TRUE(refused(damaged)) << bit;
  }
}

TEST(Gzip, DamagedFilesNeverDoMoreThanFail) {
  const std::string compressed = large_sample().first.substr(0, 20000);
  std::mt19937 random(2);
  for (int round = 0; round < 300; ++round) {
    std::string damaged = compressed;
    for (int i = 0; i < 3; ++i) damaged[10 + random() % (round < 150 ? 100 : 19000)] = static_cast<char>(random());
    EXPECT_TRUE(refused(damaged));
  }
}

}  // namespace
}  // namespace cohortium::data
