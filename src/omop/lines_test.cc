// Lines and moments: the two readers below every format, on hand-written text.
#include "omop/lines.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "data/test_folder.h"
#include "omop/moments.h"

namespace cohortium::omop {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

class LinesTest : public ::testing::Test {
 protected:
  std::vector<std::string> read(const std::string& content, LineEnds ends, std::size_t longest = 1000) {
    folder_.write("file", content);
    LineReader lines(folder_.path() / "file", ends, {.line_bytes = longest});
    std::vector<std::string> all;
    std::string line;
    for (auto arrival = lines.next(line); arrival != LineReader::Arrival::kEnd; arrival = lines.next(line)) {
      all.push_back(arrival == LineReader::Arrival::kTooLong ? "(too long)" : line);
      EXPECT_EQ(lines.number(), static_cast<std::int64_t>(all.size()));
    }
    return all;
  }
  using Lines = std::vector<std::string>;
  data::TestFolder folder_;
};

TEST_F(LinesTest, EndAsTheFormatSays) {
  EXPECT_EQ(read("a\nb\r\n\nc", LineEnds::kLineFeed), (Lines{"a", "b\r", "", "c"}));
  EXPECT_EQ(read("a\rb\r\nc\n\nd\r", LineEnds::kCarriageReturnToo), (Lines{"a", "b", "c", "", "d"}));
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "a\n",
                 LineEnds::kLineFeed),
            Lines{"a"});
  EXPECT_EQ(read("", LineEnds::kLineFeed), Lines{});
}

TEST_F(LinesTest, LongLinesArePassedOver) {
  EXPECT_EQ(read("ab\n" + std::string(3'000'000, 'x') + "\ncd", LineEnds::kLineFeed),
            (Lines{"ab", "(too long)", "cd"}));
  EXPECT_EQ(read(std::string(1000, 'x') + "\n" + std::string(1001, 'x'), LineEnds::kLineFeed),
            (Lines{std::string(1000, 'x'), "(too long)"}));
}

TEST_F(LinesTest, GzipIsToldByItsFirstBytes) {
  EXPECT_EQ(read(gzip("a\nb\n") + gzip("c\n"), LineEnds::kLineFeed), (Lines{"a", "b", "c"}));
}

TEST_F(LinesTest, DamagedGzipAndBombsFail) {
  const std::string packed = gzip(std::string(100'000, 'a') + "\n" + std::string(100, 'b'));
  const auto code = [&](const std::string& content) {
    return data::error_of([&] { read(content, LineEnds::kLineFeed); }).code;
  };
  EXPECT_EQ(code(packed.substr(0, packed.size() / 2)), "data.unreadable_file");
  std::string flipped = packed;
  flipped[flipped.size() - 7] = static_cast<char>(flipped[flipped.size() - 7] ^ 0x55);  // in the checksum
  EXPECT_EQ(code(flipped), "data.unreadable_file");
  EXPECT_EQ(code(gzip(std::string(80'000'000, '\n'))), "omop.too_large");
  EXPECT_EQ(data::error_of([&] { LineReader(folder_.path() / "none", LineEnds::kLineFeed, {}); }).code, "file.missing");
}

TEST(Moments, OfFhir) {
  const auto whole = fhir_moment("2010-06-19T23:30:01.25-05:00");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->date(), "2010-06-19");
  EXPECT_EQ(whole->time(), "2010-06-19 23:30:01.250000");
  EXPECT_EQ(whole->in_utc(), "2010-06-20 04:30:01.250000");
  EXPECT_EQ(fhir_moment("2010-01-01T00:00:00+14:00")->in_utc(), "2009-12-31 10:00:00.000000");
  EXPECT_EQ(fhir_moment("2010")->date(), "2010-01-01");
  EXPECT_FALSE(fhir_moment("2010-06")->whole());
  EXPECT_EQ(fhir_moment("2010-06-01")->time(), std::nullopt);
  for (const char* bad : {"", "10-01-01", "2010-13", "2010-02-30", "2010-1-1", "2010-01-01T10", "2010-01-01T10:00:00",
                          "2010-01-01T24:00:00Z", "2010-01-01T10:00:00Zx", "2010-01-01 10:00:00Z", "0000-01-01",
                          "2010-01-01T10:00:00+15:00", "2010-00"})
    EXPECT_FALSE(fhir_moment(bad)) << bad;
}

TEST(Moments, OfHl7) {
  const auto whole = hl7_moment("198808181126+0215");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->time(), "1988-08-18 11:26:00.000000");
  EXPECT_EQ(whole->in_utc(), "1988-08-18 09:11:00.000000");
  EXPECT_EQ(hl7_moment("20210817151943.4+0200")->time(), "2021-08-17 15:19:43.400000");
  EXPECT_EQ(hl7_moment("19241010")->date(), "1924-10-10");
  EXPECT_FALSE(hl7_moment("1924")->whole());
  for (const char* bad : {"", "193", "19241310", "20100230", "2010010124", "201001011", "20100101+1", "2010-01-01"})
    EXPECT_FALSE(hl7_moment(bad)) << bad;
}

}  // namespace
}  // namespace cohortium::omop
