// Drawing curves. Colours are presentation attributes, so that the figure also survives a program that ignores style
// sheets (a slide); the style sheet only turns them over for readers who prefer dark. Coordinates are tenths of a
// pixel, and points that fall on the same one are merged: the figure's size does not grow with the cohort.
#include "study/report_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "study/report_drawing.h"
#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

constexpr double kWidth = 760, kPlotHeight = 320, kLeftMargin = 2, kRightMargin = 10, kRow = 20, kCharacter = 6.6;

// Blue, vermilion, green, purple, ochre, grey: told apart by every kind of colour vision on white, and each with a
// dash of its own for readers of photocopies.
struct Pen {
  const char* colour;
  const char* dash;
};
constexpr std::array<Pen, 6> kPens = {{{"#0072b2", "none"},
                                       {"#d55e00", "9 3"},
                                       {"#00805c", "2.5 2.5"},
                                       {"#aa4499", "10 3 2.5 3"},
                                       {"#8c6d00", "5 2.5"},
                                       {"#4d4d4d", "14 3 2.5 3 2.5 3"}}};

Html dark_style() {
  return Literal(R"(<style>@media screen and (prefers-color-scheme: dark) {
.km-paper { fill: #14181f } .km-ink { fill: #e6e9ee } .km-muted { fill: #a3adba }
.km-rule { stroke: #2a313b } .km-half { stroke: #4a5462 } .km-axis { stroke: #76818f }
.km-line0 { stroke: #56b4e9 } .km-line1 { stroke: #f0894a } .km-line2 { stroke: #2fc39b }
.km-line3 { stroke: #e08ac8 } .km-line4 { stroke: #e6b422 } .km-line5 { stroke: #c9cdd3 }
.km-band0 { fill: #56b4e9 } .km-band1 { fill: #f0894a } .km-band2 { fill: #2fc39b }
.km-band3 { fill: #e08ac8 } .km-band4 { fill: #e6b422 } .km-band5 { fill: #c9cdd3 }
}</style>)");
}

Html label(double x, double y, const std::string& anchor, const std::string& plain, bool muted = false,
           const std::string& weight = "400") {
  return element("text",
                 {{"x", px(x)},
                  {"y", px(y)},
                  {"text-anchor", anchor},
                  {"font-weight", weight},
                  {"fill", muted ? kMuted : kInk},
                  {"class", muted ? "km-muted" : "km-ink"}},
                 text(plain));
}

Html line(const std::string& path, const char* colour, const std::string& css_class, double width,
          const std::string& dash = "none") {
  return element("path",
                 {{"d", path},
                  {"fill", "none"},
                  {"stroke", colour},
                  {"stroke-width", px(width)},
                  {"stroke-dasharray", dash},
                  {"class", css_class}},
                 {});
}

Html stroke(std::size_t stratum, const std::string& path, double width, bool dashed = true) {
  const std::size_t pen = stratum % kPens.size();
  return line(path, kPens[pen].colour, fmt::format("km-line{}", pen), width, dashed ? kPens[pen].dash : "none");
}

// Corners of a step function on the grid of tenths; the middle one of three in a row on one line is dropped.
class Steps {
 public:
  void to(double x, double y) {
    const Corner corner{std::lround(x * 10), std::lround(y * 10)};
    const std::size_t n = corners_.size();
    if (n >= 2 && ((corners_[n - 1].x == corner.x && corners_[n - 2].x == corner.x) ||
                   (corners_[n - 1].y == corner.y && corners_[n - 2].y == corner.y))) {
      corners_.back() = corner;
    } else {
      corners_.push_back(corner);
    }
  }
  std::string path() const { return path_of(corners_.begin(), corners_.end(), "M"); }
  std::string reversed_path(const char* first) const { return path_of(corners_.rbegin(), corners_.rend(), first); }

 private:
  struct Corner {
    long x, y;
  };
  template <class Iterator>
  static std::string path_of(Iterator begin, Iterator end, const char* first) {
    std::string path;
    for (Iterator corner = begin; corner != end; ++corner) {
      path += fmt::format("{}{:g} {:g}", corner == begin ? first : "L", static_cast<double>(corner->x) / 10,
                          static_cast<double>(corner->y) / 10);
    }
    return path;
  }
  std::vector<Corner> corners_;
};

class Figure {
 public:
  explicit Figure(const Curves& curves) : curves_(curves) {
    std::size_t widest = 0;
    for (const Stratum& stratum : curves.strata) widest = std::max(widest, width_in_characters(row_label(stratum)));
    left_ = std::max(72.0, 46 + kCharacter * static_cast<double>(widest));
    last_ = curves.last_time() > 0 ? curves.last_time() * 1.02 : 1;
  }

  Html draw() {
    Html body = legend();  // sets the top of the plot
    body += axes();
    for (std::size_t i = 0; i < curves_.strata.size(); ++i) body += band(i);
    for (std::size_t i = 0; i < curves_.strata.size(); ++i) body += curve(i);
    body += numbers_at_risk();
    const std::string height = px(bottom_);
    const Html paper =
        element("rect", {{"width", px(kWidth)}, {"height", height}, {"fill", "#ffffff"}, {"class", "km-paper"}}, {});
    return element("svg",
                   {{"xmlns", "http://www.w3.org/2000/svg"},
                    {"viewBox", fmt::format("0 0 {} {}", px(kWidth), height)},
                    {"role", "img"},
                    {"font-family", "Inter, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"},
                    {"font-size", "12.5"}},
                   element("title", text(curves_.title.empty() ? "Kaplan-Meier curves" : curves_.title)) +
                       element("desc", text(description())) + dark_style() + paper + body);
  }

 private:
  static std::string row_label(const Stratum& stratum) { return shortened(stratum.label, 20); }
  double x(double time) const { return left_ + (kWidth - left_ - kRightMargin) * time / last_; }
  double y(double survival) const { return top_ + kPlotHeight * (1 - survival); }
  std::string with_unit(const std::string& what) const {
    return curves_.unit.empty() ? what : what + " (" + unit_name(curves_.unit) + ")";
  }

  std::string description() const {
    std::string words =
        fmt::format("Kaplan-Meier survival curves with {}% confidence bands", measure(100 * curves_.confidence));
    if (!curves_.by.empty()) words += " by " + curves_.by;
    words += ".";
    for (const Stratum& stratum : curves_.strata) {
      words += " " + stratum.label + ": ";
      if (stratum.curve_withheld()) {
        words += "withheld.";
        continue;
      }
      if (stratum.size) words += count(*stratum.size) + " at risk at the start, ";
      words += stratum.median
                   ? "median " + measure(*stratum.median) + " " + unit_name(curves_.unit)
                   : std::string(stratum.median_not_reached() ? "median not reached" : "median not available");
      words += ".";
    }
    return words;
  }

  Html legend() {
    Html out;
    double at_x = left_, at_y = 20;
    for (std::size_t i = 0; i < curves_.strata.size(); ++i) {
      const Stratum& stratum = curves_.strata[i];
      std::string words = shortened(stratum.label, 40);
      if (stratum.curve_withheld()) {
        words += " (withheld)";
      } else if (stratum.empty()) {
        words += stratum.size == 0 ? " (no records)" : " (no events)";
      }
      const double width = 38 + kCharacter * static_cast<double>(width_in_characters(words));
      if (at_x > left_ && at_x + width > kWidth) at_x = left_, at_y += kRow;
      out += stroke(i, fmt::format("M{} {}h26", px(at_x), px(at_y - 4)), 2.2);
      out += label(at_x + 32, at_y, "start", words);
      at_x += width + 18;
    }
    top_ = at_y + 20;
    return out;
  }

  Html axes() const {
    Html out;
    const double right = kWidth - kRightMargin, floor = y(0);
    for (const double level : {0.25, 0.5, 0.75, 1.0}) {
      out += line(fmt::format("M{} {}H{}", px(left_), px(y(level)), px(right)), level == 0.5 ? "#c3cad3" : kRule,
                  level == 0.5 ? "km-half" : "km-rule", 1, level == 0.5 ? "3 3" : "none");
    }
    for (const double level : {0.0, 0.25, 0.5, 0.75, 1.0}) {
      out += label(left_ - 9, y(level) + 4.5, "end", decimal(100 * level, 0) + "%", true);
    }
    std::string frame = fmt::format("M{} {}V{}H{}", px(left_), px(y(1)), px(floor), px(right));
    for (const double tick : curves_.ticks()) {
      frame += fmt::format("M{} {}v5", px(x(tick)), px(floor));
      out += label(x(tick), floor + 20, "middle", measure(tick), true);
    }
    out += line(frame, kAxis, "km-axis", 1);
    out += label((left_ + right) / 2, floor + 42, "middle", with_unit("Time"));
    out += element("g", {{"transform", fmt::format("translate({} {}) rotate(-90)", px(left_ - 52), px(y(0.5)))}},
                   label(0, 0, "middle", "Survival"));
    if (curves_.last_time() <= 0)
      out += label((left_ + right) / 2, y(0.5) - 8, "middle", "No curve is released.", true);
    return out;
  }

  Html band(std::size_t index) const {
    const Stratum& s = curves_.strata[index];
    const auto known = [&](std::size_t i) { return s.lower[i] && s.upper[i]; };
    std::string path;
    for (std::size_t i = 0; i < s.time.size();) {
      if (!known(i)) {
        ++i;
        continue;
      }
      Steps above, below;
      for (; i < s.time.size() && known(i); ++i) {
        const double end = x(i + 1 < s.time.size() ? s.time[i + 1] : s.time[i]);
        above.to(x(s.time[i]), y(*s.upper[i]));
        above.to(end, y(*s.upper[i]));
        below.to(x(s.time[i]), y(*s.lower[i]));
        below.to(end, y(*s.lower[i]));
      }
      path += above.path() + below.reversed_path("L") + "Z";
    }
    if (path.empty()) return {};
    const std::size_t pen = index % kPens.size();
    return element("path",
                   {{"d", path},
                    {"fill", kPens[pen].colour},
                    {"fill-opacity", curves_.strata.size() > 3 ? "0.09" : "0.14"},
                    {"class", fmt::format("km-band{}", pen)}},
                   {});
  }

  // The curve starts at (0, 1), is lifted where a step is withheld, and goes on where the next one is released.
  Html curve(std::size_t index) const {
    const Stratum& s = curves_.strata[index];
    if (s.empty()) return {};
    std::string path;
    Steps steps;
    std::optional<double> level = y(1);
    steps.to(x(0), *level);
    for (std::size_t i = 0; i < s.time.size(); ++i) {
      if (level) steps.to(x(s.time[i]), *level);
      if (s.survival[i]) {
        level = y(*s.survival[i]);
        steps.to(x(s.time[i]), *level);
      } else if (level) {
        level.reset();
        path += std::exchange(steps, {}).path();
      }
    }
    path += steps.path();
    return stroke(index, path, 2) + stroke(index, censoring_marks(s), 1.2, false);
  }

  // At most one mark per pixel; none where steps are merged, for they would show single persons.
  std::string censoring_marks(const Stratum& s) const {
    std::string marks;
    long last_mark = -1;
    for (std::size_t i = 0; i < s.time.size() && !curves_.merged; ++i) {
      const long pixel = std::lround(x(s.time[i]));
      if (!s.survival[i] || !s.censored[i] || *s.censored[i] <= 0 || pixel == last_mark) continue;
      marks += fmt::format("M{} {}v7", px(x(s.time[i])), px(y(*s.survival[i]) - 3.5));
      last_mark = pixel;
    }
    return marks;
  }

  Html numbers_at_risk() {
    Html out;
    double at_y = y(0) + 72;
    out += label(kLeftMargin, at_y, "start", "Number at risk", false, "600");
    for (std::size_t i = 0; i < curves_.strata.size(); ++i) {
      const Stratum& stratum = curves_.strata[i];
      at_y += kRow;
      out += stroke(i, fmt::format("M{} {}h10", px(kLeftMargin), px(at_y - 4)), 3, false);
      out += label(kLeftMargin + 16, at_y, "start", row_label(stratum));
      if (stratum.withheld) {
        out += label(x(0), at_y, "middle", "withheld", true);
        continue;
      }
      for (const double tick : curves_.ticks()) {
        const Estimate number = stratum.at_risk_at(tick);
        if (number.kind == Estimate::Kind::kKnown) out += label(x(tick), at_y, "middle", count(number.value));
        if (number.kind == Estimate::Kind::kWithheld) out += label(x(tick), at_y, "middle", "–", true);
      }
    }
    bottom_ = at_y + 14;
    return out;
  }

  const Curves& curves_;
  double left_ = 0, last_ = 1, top_ = 0, bottom_ = 0;
};

}  // namespace

Html draw_curves(const Curves& curves) { return Figure(curves).draw(); }

}  // namespace cohortium::study::report
