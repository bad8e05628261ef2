// Drawing forest plots. Coordinates are tenths of a pixel; colours as in report_figure.cc. Limits far outside the others
// are cut and end in an arrow, so that one uncertain term does not flatten all.
#include "study/report_forest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "study/report_drawing.h"
#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

constexpr double kWidth = 760, kRow = 24, kTop = 12, kRight = 16, kCharacter = 6.6;

bool drawable(const ForestRow& row, bool logarithmic) {
  return row.estimate && row.lower && row.upper && (!logarithmic || *row.lower > 0);
}

class Forest {
 public:
  explicit Forest(const ForestPlot& plot) : plot_(plot) {
    std::size_t widest = 0;
    for (const ForestRow& row : plot.rows) widest = std::max(widest, width_in_characters(shortened(row.label, 32)));
    left_ = std::max(72.0, 16 + kCharacter * static_cast<double>(widest));
    set_scale();
  }

  Html draw() const {
    const double bottom = kTop + kRow * static_cast<double>(plot_.rows.size());
    Html body = axis(bottom);
    for (std::size_t i = 0; i < plot_.rows.size(); ++i)
      body += row(plot_.rows[i], kTop + kRow * (static_cast<double>(i) + 0.5));
    return drawing(plot_.title, kWidth, bottom + 46, body);
  }

 private:
  double position(double value) const { return plot_.logarithmic ? std::log(value) : value; }
  double x(double at) const { return left_ + (kWidth - left_ - kRight) * (at - from_) / (to_ - from_); }

  void set_scale() {
    double least = 0, most = 0;  // no effect is always on the axis
    for (const ForestRow& row : plot_.rows) {
      if (!drawable(row, plot_.logarithmic)) continue;
      least = std::min(least, position(*row.estimate));
      most = std::max(most, position(*row.estimate));
    }
    const double reach = std::max(most - least, 1e-12);
    from_ = least, to_ = most;
    for (const ForestRow& row : plot_.rows) {
      if (!drawable(row, plot_.logarithmic)) continue;
      from_ = std::min(from_, std::max(position(*row.lower), least - reach));
      to_ = std::max(to_, std::min(position(*row.upper), most + reach));
    }
    const double margin = 0.04 * (to_ - from_);
    from_ -= margin, to_ += margin;
  }

  std::vector<double> ticks() const {
    std::vector<double> all;
    if (plot_.logarithmic) {
      const double octaves = (to_ - from_) / std::log(2.0);
      const double factor = octaves > 14 ? 10 : octaves > 6 ? 4 : octaves > 2 ? 2 : octaves > 0.7 ? 1.25 : 1.05;
      const double step = std::log(factor);
      for (double k = std::ceil(from_ / step); k * step <= to_; ++k) all.push_back(std::exp(k * step));
    } else {
      const double rough = (to_ - from_) / 6, power = std::pow(10, std::floor(std::log10(rough)));
      const double step = power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : rough / power > 1 ? 2 : 1);
      for (double k = std::ceil(from_ / step); k * step <= to_; ++k) all.push_back(k * step);
    }
    return all;
  }

  Html axis(double bottom) const {
    Html out;
    for (const double tick : ticks()) {
      const double at = x(position(tick));
      out += stroke(fmt::format("M{} {}V{}", px(at), px(kTop), px(bottom)), kRule, "chart-rule", "1");
      out += words(at, bottom + 16, "middle", measure(tick, 3), true);
    }
    out += stroke(fmt::format("M{} {}V{}", px(x(0)), px(kTop), px(bottom)), kAxis, "chart-axis", "1");
    return out + words(left_ + (kWidth - left_ - kRight) / 2, bottom + 36, "middle", plot_.axis, true);
  }

  Html row(const ForestRow& row, double y) const {
    Html out = words(left_ - 10, y + 4, "end", shortened(row.label, 32), false);
    if (!drawable(row, plot_.logarithmic)) return out;
    const double low = position(*row.lower), high = position(*row.upper);
    const double begin = x(std::max(low, from_)), end = x(std::min(high, to_));
    std::string path = fmt::format("M{} {}H{}", px(begin), px(y), px(end));
    if (low < from_)
      path += fmt::format("M{} {}L{} {}L{} {}", px(begin + 5), px(y - 4), px(begin), px(y), px(begin + 5), px(y + 4));
    if (high > to_)
      path += fmt::format("M{} {}L{} {}L{} {}", px(end - 5), px(y - 4), px(end), px(y), px(end - 5), px(y + 4));
    out += stroke(path, kBlue, "chart-line", "1.6");
    return out + mark(x(position(*row.estimate)), y);
  }

  const ForestPlot& plot_;
  double left_ = 0, from_ = 0, to_ = 1;
};

}  // namespace

Html draw_forest(const ForestPlot& plot) {
  const bool any = std::any_of(plot.rows.begin(), plot.rows.end(),
                               [&](const ForestRow& row) { return drawable(row, plot.logarithmic); });
  return any ? Forest(plot).draw() : Html();
}

}  // namespace cohortium::study::report
