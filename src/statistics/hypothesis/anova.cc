// One-way analysis of variance, with equal variances (classic) or without (Welch).
//
// Local      per group n, the sum and the sum of squares of the column
// Under MPC  sums over sites; the minimum-cell rule on every group
// Released   n and both sums of all groups, or nothing; F and p follow
// Error      each value is rounded once to 2^-f (statistics/moments.h); sums are exact
// Source     Welch (1951); as R's anova(lm(...)) and oneway.test. Groups without anybody take no part
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

void classic(const std::vector<Moments>& groups, TestResult& result) {
  double n = 0, sum = 0, within = 0, between = 0;
  for (const Moments& group : groups) {
    n += group.n;
    sum += group.n * group.mean;
    within += (group.n - 1) * group.variance;
  }
  for (const Moments& group : groups) between += group.n * (group.mean - sum / n) * (group.mean - sum / n);
  const double k = static_cast<double>(groups.size());
  result.estimates = {{"sum of squares between groups", between}, {"sum of squares within groups", within}};
  if (n <= k || !(within > 0)) {
    result.note = "the values within groups do not vary enough for a test";
    return;
  }
  result.statistic = (between / (k - 1)) / (within / (n - k));
  result.degrees_of_freedom = {k - 1, n - k};
}

void welch(const std::vector<Moments>& groups, TestResult& result) {
  double weights = 0, mean = 0, spread = 0, between = 0;
  for (const Moments& group : groups) {
    if (group.n < 2 || !(group.variance > 0)) {
      result.note = "the values of a group do not vary enough for a test";
      return;
    }
    weights += group.n / group.variance;
    mean += group.n / group.variance * group.mean;
  }
  mean /= weights;
  const double k = static_cast<double>(groups.size());
  for (const Moments& group : groups) {
    const double weight = group.n / group.variance, rest = 1 - weight / weights;
    spread += rest * rest / (group.n - 1) / (k * k - 1);
    between += weight * (group.mean - mean) * (group.mean - mean);
  }
  result.statistic = between / ((k - 1) * (1 + 2 * (k - 2) * spread));
  result.degrees_of_freedom = {k - 1, 1 / (3 * spread)};
}

class Anova final : public TestOf<GroupedMoments> {
 public:
  explicit Anova(const EntryContext& context) : TestOf(context), is_welch_(context.entry.method == "welch") {
    if (source().grouping().size() < 2) {
      throw Failure({.code = "study.too_few_groups",
                     .message = "an analysis of variance compares two or more groups",
                     .where = context.at("by"),
                     .remedy = "name a column with at least two levels"});
    }
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const auto moments = source().read_all(outcome);
    TestResult result{
        .method = is_welch_ ? "One-way analysis of means, unequal variances (Welch)" : "One-way analysis of variance",
        .statistic_name = "F"};
    result.groups = source().groups_json(outcome);
    if (moments) {
      std::vector<Moments> present_groups;
      for (const Moments& group : *moments) {
        if (group.n > 0) present_groups.push_back(group);
      }
      if (present_groups.size() < 2)
        result.note = "fewer than two groups have values";
      else
        (is_welch_ ? welch : classic)(present_groups, result);
      if (result.statistic)
        result.p = f_upper_tail(*result.statistic, result.degrees_of_freedom[0], result.degrees_of_freedom[1]);
    }
    return test_json(result, names_of(source().grouping().columns()), 0.95);
  }

 private:
  std::string computes() const override {
    return "the analysis of variance of " + source().column().name + source().grouping().describe();
  }

  bool is_welch_;
};

}  // namespace

std::unique_ptr<Analysis> make_anova(const EntryContext& context) { return std::make_unique<Anova>(context); }

}  // namespace cohortium::statistics
