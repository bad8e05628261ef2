// The Mann-Whitney test (Wilcoxon's rank sum test) of two groups.
//
// Local, under MPC, released   as in statistics/hypothesis/ranked_groups.h; W and p follow from what is released
// Error      none
// Source     as R's wilcox.test(exact = NULL): exact for groups below 50 without ties, else the normal approximation
//            with the correction for ties
#include <cmath>

#include "base/error.h"
#include "statistics/distributions.h"
#include "statistics/hypothesis/kinds.h"
#include "statistics/hypothesis/rank_distributions.h"
#include "statistics/hypothesis/ranked_groups.h"

namespace cohortium::statistics {
namespace {

class MannWhitney final : public RankTest {
 public:
  explicit MannWhitney(const EntryContext& context) : RankTest(context), continuity_(context.entry.continuity) {
    if (source().grouping().size() != 2) {
      throw Failure({.code = "study.not_two_groups",
                     .message = "this test compares two groups",
                     .where = context.at("by"),
                     .remedy = "name a column with two levels, or use kruskal_wallis"});
    }
  }

 private:
  TestResult blank() const override { return {.method = "Wilcoxon rank sum test", .statistic_name = "W"}; }
  std::string computes() const override {
    return "the Mann-Whitney test of " + source().column().name + source().grouping().describe();
  }

  void test(const RankedSample& sample, TestResult& result) const override {
    const double m = sample.groups[0].n, n = sample.groups[1].n, all = sample.n;
    if (m == 0 || n == 0) {
      result.note = "a group has no values";
      return;
    }
    const double w = sample.groups[0].rank_sum - m * (m + 1) / 2;
    result.statistic = w;
    // The chance that a value of the first group is the larger one, ties counting half.
    result.estimates = {{"probability of a larger value in " + source().grouping().label(0), w / (m * n)}};
    if (m < 50 && n < 50 && sample.ties == 0) {
      result.method = "Wilcoxon rank sum exact test";
      result.p = mann_whitney_exact_p(w, static_cast<std::size_t>(m), static_cast<std::size_t>(n));
      return;
    }
    if (continuity_) result.method += " with continuity correction";
    const double variance = m * n / 12 * (all + 1 - sample.ties / (all * (all - 1)));
    if (!(variance > 0)) {
      result.note = "all values are equal";
      return;
    }
    const double distance = w - m * n / 2, sign = distance > 0 ? 1 : distance < 0 ? -1 : 0;
    result.p = normal_two_sided((distance - (continuity_ ? sign / 2 : 0)) / std::sqrt(variance));
  }

  bool continuity_;
};

}  // namespace

std::unique_ptr<Analysis> make_mann_whitney(const EntryContext& context) {
  return std::make_unique<MannWhitney>(context);
}

}  // namespace cohortium::statistics
