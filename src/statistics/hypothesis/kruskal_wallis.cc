// The Kruskal-Wallis rank sum test of two groups or more.
//
// Local, under MPC, released   as in statistics/hypothesis/ranked_groups.h; the statistic and p follow from what is released
// Error      none
// Source     Kruskal and Wallis (1952); as R's kruskal.test
#include <cmath>

#include "statistics/distributions.h"
#include "statistics/hypothesis/kinds.h"
#include "statistics/hypothesis/ranked_groups.h"

namespace cohortium::statistics {
namespace {

class KruskalWallis final : public RankTest {
 public:
  explicit KruskalWallis(const EntryContext& context) : RankTest(context) {}

 private:
  TestResult blank() const override { return {.method = "Kruskal-Wallis rank sum test", .statistic_name = "χ²"}; }
  std::string computes() const override {
    return "the Kruskal-Wallis test of " + source().column().name + source().grouping().describe();
  }

  void test(const RankedSample& sample, TestResult& result) const override {
    double used = 0, between = 0;
    const double n = sample.n, mean = (n + 1) / 2;
    for (std::size_t g = 0; g < sample.groups.size(); ++g) {
      const RankedGroup& group = sample.groups[g];
      if (group.n == 0) continue;
      used += 1;
      const double mean_rank = group.rank_sum / group.n;
      between += group.n * (mean_rank - mean) * (mean_rank - mean);
      result.estimates.push_back({"mean rank of " + source().grouping().label(g), mean_rank});
    }
    const double spread = n * n * n - n - sample.ties;
    if (used < 2 || !(spread > 0)) {
      result.note = used < 2 ? "fewer than two groups have values" : "all values are equal";
      return;
    }
    // 12 / (n (n + 1)) between, divided by 1 - ties / (n^3 - n).
    result.statistic = 12 * between * (n - 1) / spread;
    result.degrees_of_freedom = {used - 1};
    result.p = chi_square_upper_tail(*result.statistic, used - 1);
  }
};

}  // namespace

std::unique_ptr<Analysis> make_kruskal_wallis(const EntryContext& context) {
  return std::make_unique<KruskalWallis>(context);
}

}  // namespace cohortium::statistics
