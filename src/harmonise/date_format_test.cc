#include "harmonise/date_format.h"

#include <gtest/gtest.h>

#include "data/batch.h"
#include "data/test_folder.h"

namespace cohortium::harmonise {
namespace {

std::string read(const char* pattern, const char* text) {
  std::int64_t days = 0;
  return DateFormat(pattern).parse(text, days) ? data::date_text(days) : "none";
}

TEST(DateFormat, ReadsWhatIsDeclaredAndNothingElse) {
  EXPECT_EQ(read("DD.MM.YYYY", "29.02.2020"), "2020-02-29");
  EXPECT_EQ(read("MM/DD/YYYY", "03/04/2020"), "2020-03-04");
  EXPECT_EQ(read("DD/MM/YYYY", "03/04/2020"), "2020-04-03");
  EXPECT_EQ(read("YYYYMMDD", "20200229"), "2020-02-29");
  EXPECT_EQ(read("D.M.YYYY", "1.2.2020"), "2020-02-01");
  EXPECT_EQ(read("D.M.YYYY", "11.12.2020"), "2020-12-11");
  for (const char* text : {"", "29.02.2021", "1.2.2020", "29.02.20", "29-02-2020", "29.02.2020 ", "29.02.2020 10:00",
                           "00.01.2020", "13.13.2020", "+9.02.2020", "\xd9\xa2\xd9\xa9.02.2020"})
    EXPECT_EQ(read("DD.MM.YYYY", text), "none") << text;
}

TEST(DateFormat, RefusesFormatsThatLeaveSomethingOpen) {
  for (const char* pattern :
       {"", "DD.MM.YY", "DD.MM", "DD.MM.YYYY.DD", "YYYY-MM-DDThh", "DMYYYY", "YYYYY-MM-DD", "%d.%m"})
    EXPECT_EQ(data::error_of([&] { DateFormat{pattern}; }).code, "harmonise.bad_date_format") << pattern;
}

TEST(DateFormat, WithoutOneOnlyTheIsoFormIsRead) {
  std::int64_t days = 0;
  EXPECT_TRUE(read_date("2020-02-29 23:59:59", {}, days));
  EXPECT_EQ(data::date_text(days), "2020-02-29");
  EXPECT_TRUE(read_date("1969-12-31T23:00", {}, days) || read_date("1969-12-31 23:00:00", {}, days));
  EXPECT_EQ(days, -1);
  for (const char* text : {"29.02.2020", "03/04/2020", "20200229"}) EXPECT_FALSE(read_date(text, {}, days)) << text;
}

}  // namespace
}  // namespace cohortium::harmonise
