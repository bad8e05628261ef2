// Escaping lets nothing through; numbers read as people write them.
#include "study/report_text.h"

#include <gtest/gtest.h>

#include "study/report_html.h"

namespace cohortium::study::report {
namespace {

TEST(Html, EscapesMarkupAndRefusesWhatXmlCannotHold) {
  EXPECT_EQ(text("a<b>&\"'").markup(), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(text("Zürich 病院 😀").markup(), "Zürich 病院 😀");
  EXPECT_EQ(text(std::string_view("\0\x1b", 2)).markup(), "\uFFFD\uFFFD");
  EXPECT_EQ(text("\u202E\uFEFF\u200B\uFFFF").markup(), "\uFFFD\uFFFD\uFFFD\uFFFD");  // reordering, hidden, no character
  EXPECT_EQ(text("\xC0\xBC").markup(), "\uFFFD\uFFFD");                              // overlong <
  EXPECT_EQ(text("\xED\xA0\x80").markup(), "\uFFFD\uFFFD\uFFFD");                    // surrogate
  EXPECT_EQ(text("\xE7\x97").markup(), "\uFFFD\uFFFD");                              // cut short
  EXPECT_EQ(element("p", {{"class", "\"><script>"}}, text("x")).markup(),
            "<p class=\"&quot;&gt;&lt;script&gt;\">x</p>");
}

TEST(Text, WritesNumbersAsPeopleDo) {
  EXPECT_EQ(count(1234567), "1,234,567");
  EXPECT_EQ(count(999), "999");
  EXPECT_EQ(count(12.34), "12.3");
  EXPECT_EQ(decimal(-0.04, 1), "0.0");
  EXPECT_EQ(decimal(-1234.5, 1), "−1,234.5");
  EXPECT_EQ(measure(52.5), "52.5");
  EXPECT_EQ(measure(0.1 + 0.2), "0.3");
  EXPECT_EQ(measure(61.2345, 4), "61.23");
  EXPECT_EQ(measure(1e-9), "1 × 10⁻⁹");
  EXPECT_EQ(percent(0.6243), "62.4%");
  EXPECT_EQ(change(100, 112), "+12%");
  EXPECT_EQ(change(0, 3), "–");
  EXPECT_EQ(byte_size(4560000), "4.56 MB");
  EXPECT_EQ(byte_size(999999), "1 MB");
  EXPECT_EQ(seconds(0.25), "250 ms");
  EXPECT_EQ(seconds(119.9), "2 min 0 s");
  EXPECT_EQ(seconds(7260), "2 h 1 min");
  EXPECT_EQ(moment("2026-11-20T10:00:03.412Z"), "2026-11-20 10:00:03 UTC");
  EXPECT_EQ(moment("yesterday"), "yesterday");
  EXPECT_EQ(shortened("Zürich", 2), "Z…");
  EXPECT_EQ(shortened("Zürich", 6), "Zürich");
}

TEST(Text, RoundsNoPValueToZeroOrOne) {
  EXPECT_EQ(p_value(0.00013), "p < 0.001");
  EXPECT_EQ(p_value(0.0013), "p = 0.001");
  EXPECT_EQ(p_value(0.0496), "p = 0.050");
  EXPECT_EQ(p_value(0.31), "p = 0.31");
  EXPECT_EQ(p_value(0.999), "p > 0.99");
}

}  // namespace
}  // namespace cohortium::study::report
