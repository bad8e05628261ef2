// What small charts of the report are drawn with. Colours are presentation attributes, for programs that ignore style sheets;
// the style sheet only turns them over for readers who prefer dark. Coordinates are tenths of a pixel.
#pragma once

#include <string>

#include "study/report_html.h"

namespace cohortium::study::report {

inline constexpr const char *kInk = "#1d2430", *kMuted = "#5a6472", *kRule = "#e3e7ec", *kAxis = "#8b95a3",
                            *kBlue = "#0072b2";

std::string px(double value);
Html words(double x, double y, const char* anchor, const std::string& plain, bool muted);
// css_class: chart-rule, chart-axis or chart-line.
Html stroke(const std::string& path, const char* colour, const std::string& css_class, const std::string& width);
// A square around a point.
Html mark(double x, double y);
// <svg> with paper, style and title around what has been drawn.
Html drawing(const std::string& title, double width, double height, const Html& content);

}  // namespace cohortium::study::report
