#include "study/report_drawing.h"

#include <fmt/format.h>

#include <cmath>

namespace cohortium::study::report {
namespace {

Html dark_style() {
  return Literal(R"(<style>@media screen and (prefers-color-scheme: dark) {
.chart-paper { fill: #14181f } .chart-ink { fill: #e6e9ee } .chart-muted { fill: #a3adba }
.chart-rule { stroke: #2a313b } .chart-axis { stroke: #76818f }
.chart-line { stroke: #56b4e9 } .chart-mark { fill: #56b4e9 }
}</style>)");
}

}  // namespace

std::string px(double value) { return fmt::format("{:g}", std::round(value * 10) / 10); }

Html words(double x, double y, const char* anchor, const std::string& plain, bool muted) {
  return element("text",
                 {{"x", px(x)},
                  {"y", px(y)},
                  {"text-anchor", anchor},
                  {"fill", muted ? kMuted : kInk},
                  {"class", muted ? "chart-muted" : "chart-ink"}},
                 text(plain));
}

Html stroke(const std::string& path, const char* colour, const std::string& css_class, const std::string& width) {
  return element(
      "path", {{"d", path}, {"fill", "none"}, {"stroke", colour}, {"stroke-width", width}, {"class", css_class}}, {});
}

Html mark(double x, double y) {
  return element("rect",
                 {{"x", px(x - 3.5)},
                  {"y", px(y - 3.5)},
                  {"width", "7"},
                  {"height", "7"},
                  {"fill", kBlue},
                  {"class", "chart-mark"}},
                 {});
}

Html drawing(const std::string& title, double width, double height, const Html& content) {
  const Html paper = element(
      "rect", {{"width", px(width)}, {"height", px(height)}, {"fill", "#ffffff"}, {"class", "chart-paper"}}, {});
  return element("svg",
                 {{"xmlns", "http://www.w3.org/2000/svg"},
                  {"viewBox", fmt::format("0 0 {} {}", px(width), px(height))},
                  {"role", "img"},
                  {"font-family", "Inter, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"},
                  {"font-size", "12.5"}},
                 element("title", text(title)) + dark_style() + paper + content);
}

}  // namespace cohortium::study::report
