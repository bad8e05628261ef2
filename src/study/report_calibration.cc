// Drawing calibration: each group's observed share over its mean predicted risk. On the diagonal both are equal. Axes go from
// 0 to the largest of both, so that rare events fill the picture, too.
#include "study/report_calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "study/report_drawing.h"
#include "study/report_table.h"
#include "study/report_text.h"

namespace cohortium::study::report {
namespace {

constexpr double kWidth = 460, kHeight = 400, kLeft = 64, kRight = 20, kTop = 14, kBottom = 54;

struct Group {
  double n = 0, events = 0, risk = 0, observed = 0;
};

class Picture {
 public:
  explicit Picture(const std::vector<Group>& groups) : groups_(groups) {
    for (const Group& group : groups) most_ = std::max({most_, group.risk, group.observed});
    most_ = std::min(1.0, 1.06 * most_);
  }

  Html draw(const std::string& title) const {
    Html body = axes();
    body +=
        stroke(fmt::format("M{} {}L{} {}", px(x(0)), px(y(0)), px(x(most_)), px(y(most_))), kAxis, "chart-axis", "1");
    for (const Group& group : groups_) body += mark(x(group.risk), y(group.observed));
    return drawing(title, kWidth, kHeight, body);
  }

 private:
  double x(double share) const { return kLeft + (kWidth - kLeft - kRight) * share / most_; }
  double y(double share) const { return kHeight - kBottom - (kHeight - kTop - kBottom) * share / most_; }

  Html axes() const {
    const double rough = most_ / 5, power = std::pow(10, std::floor(std::log10(rough)));
    const double step = power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : rough / power > 1 ? 2 : 1);
    Html out;
    for (double tick = 0; tick <= most_ * 1.0001; tick += step) {
      out += stroke(fmt::format("M{} {}H{}", px(kLeft), px(y(tick)), px(kWidth - kRight)), kRule, "chart-rule", "1");
      out += stroke(fmt::format("M{} {}V{}", px(x(tick)), px(kTop), px(kHeight - kBottom)), kRule, "chart-rule", "1");
      out += words(kLeft - 8, y(tick) + 4, "end", measure(tick, 3), true);
      out += words(x(tick), kHeight - kBottom + 18, "middle", measure(tick, 3), true);
    }
    out += words((kLeft + kWidth - kRight) / 2, kHeight - 12, "middle", "mean predicted risk", true);
    return out + words(kLeft, kTop - 3, "start", "observed share", true);
  }

  const std::vector<Group>& groups_;
  double most_ = 1e-6;
};

}  // namespace

Html calibration_section(const Node& analysis) {
  const auto calibration = analysis.find("calibration");
  if (!calibration) return {};
  std::vector<Group> groups;
  TableContent table{.caption = "Calibration: people in groups by predicted risk",
                     .head = {"Group", "n", "Events", "Observed share", "Mean predicted risk"}};
  for (const Node& node : calibration->at("groups").items()) {
    groups.push_back({.n = node.at("n").number(),
                      .events = node.at("events").number(),
                      .risk = node.at("mean_risk").number(),
                      .observed = node.at("observed").number()});
    const Group& group = groups.back();
    table.rows.push_back({count(static_cast<double>(groups.size())), count(group.n), count(group.events),
                          measure(group.observed, 4), measure(group.risk, 4)});
  }
  if (groups.empty()) return element("p", {{"class", "note"}}, text("Calibration is withheld."));
  std::string caption =
      "Each square is a group of people by predicted risk; on the line, as many have the event as foreseen.";
  if (static_cast<double>(groups.size()) < calibration->at("asked").number())
    caption += " Groups were joined where few people had the event or did not, or where risks were equal.";
  const Html picture = Picture(groups).draw("Calibration of " + analysis.at("formula").text());
  return render_table(table) + element("figure", picture + element("figcaption", text(caption)));
}

}  // namespace cohortium::study::report
