// Tests of equal variances: the F test of two groups, Bartlett's of two or more.
//
// Local      per group n, the sum and the sum of squares of the column
// Under MPC  sums over sites; the minimum-cell rule on every group
// Released   n and both sums of all groups, or nothing; the statistic and p follow
// Error      each value is rounded once to 2^-f (statistics/moments.h); sums are exact
// Source     Bartlett (1937); as R's var.test and bartlett.test
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "statistics/distributions.h"
#include "statistics/entries.h"
#include "statistics/hypothesis/kinds.h"
#include "statistics/moments.h"
#include "statistics/test_of.h"
#include "statistics/test_result.h"

namespace cohortium::statistics {
namespace {

void f_test(const std::vector<Moments>& groups, double confidence, TestResult& result) {
  const double first = groups[0].n - 1, second = groups[1].n - 1, tail = (1 - confidence) / 2;
  const double ratio = groups[0].variance / groups[1].variance;
  result.statistic = ratio;
  result.degrees_of_freedom = {first, second};
  result.p = 2 * std::min(f_lower_tail(ratio, first, second), f_upper_tail(ratio, first, second));
  result.estimates = {{"ratio of variances", ratio, ratio / f_quantile(1 - tail, first, second),
                       ratio / f_quantile(tail, first, second)}};
}

void bartlett(const std::vector<Moments>& groups, TestResult& result) {
  double degrees = 0, pooled = 0, inverses = 0, logarithms = 0;
  for (const Moments& group : groups) {
    degrees += group.n - 1;
    pooled += (group.n - 1) * group.variance;
    inverses += 1 / (group.n - 1);
  }
  pooled /= degrees;
  // Logarithms of ratios: the differences of the logarithms themselves would cost digits.
  for (const Moments& group : groups) logarithms -= (group.n - 1) * std::log(group.variance / pooled);
  const double k = static_cast<double>(groups.size());
  result.statistic = logarithms / (1 + (inverses - 1 / degrees) / (3 * (k - 1)));
  result.degrees_of_freedom = {k - 1};
  result.p = chi_square_upper_tail(*result.statistic, k - 1);
}

class VarianceTest final : public TestOf<GroupedMoments> {
 public:
  explicit VarianceTest(const EntryContext& context)
      : TestOf(context), is_bartlett_(context.entry.method == "bartlett"), confidence_(context.entry.confidence) {
    const std::size_t groups = source().grouping().size();
    if (is_bartlett_ ? groups < 2 : groups != 2) {
      throw Failure(
          {.code = "study.not_two_groups",
           .message = is_bartlett_ ? "this test compares two or more groups" : "this test compares two groups",
           .where = context.at("by"),
           .remedy = "name another column, or use the method \"bartlett\" for more than two groups"});
    }
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const auto moments = source().read_all(outcome);
    TestResult result{.method = is_bartlett_ ? "Bartlett's test of equal variances" : "F test of two variances",
                      .statistic_name = is_bartlett_ ? "Bartlett's K²" : "F"};
    result.groups = source().groups_json(outcome);
    if (moments) {
      const bool vary = std::all_of(moments->begin(), moments->end(),
                                    [](const Moments& group) { return group.n > 1 && group.variance > 0; });
      if (!vary)
        result.note = "the values of a group do not vary enough for a test";
      else if (is_bartlett_)
        bartlett(*moments, result);
      else
        f_test(*moments, confidence_, result);
    }
    return test_json(result, names_of(source().grouping().columns()), confidence_);
  }

 private:
  std::string computes() const override {
    return "the test of equal variances of " + source().column().name + source().grouping().describe();
  }

  bool is_bartlett_;
  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_variance_test(const EntryContext& context) {
  return std::make_unique<VarianceTest>(context);
}

}  // namespace cohortium::statistics
