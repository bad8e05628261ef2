// The chi-square test of one proportion against a given one, or of equal proportions in several groups.
//
// Local      people with and without the outcome, per group
// Under MPC  sums over sites; the minimum-cell rule on every count
// Released   all counts, or nothing; the statistic, p, proportions and limits follow
// Error      none
// Source     Wilson (1927), Newcombe (1998); as R's prop.test
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "statistics/distributions.h"
#include "statistics/hypothesis/kinds.h"
#include "statistics/hypothesis/outcome_counts.h"
#include "statistics/test_of.h"

namespace cohortium::statistics {
namespace {

class ProportionTest final : public TestOf<OutcomeCounts> {
 public:
  explicit ProportionTest(const EntryContext& context)
      : TestOf(context),
        null_value_(null_proportion(context)),
        continuity_(context.entry.continuity),
        confidence_(context.entry.confidence) {
    if (context.entry.null_value && groups() > 1) {
      throw Failure({.code = "study.bad_null_value",
                     .message = "a test of equal proportions in groups has no given proportion",
                     .where = context.at("null_value"),
                     .remedy = "leave out null_value, or by"});
    }
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    TestResult result{.method = groups() == 1 ? "One-sample test of a proportion" : "Test of equal proportions",
                      .statistic_name = "χ²"};
    const std::vector<OutcomeCount> counts = source().read(outcome);
    result.cells = source().cells_json(counts);
    if (!counts.empty()) test(counts, result);
    return test_json(result, names_of(source().grouping().columns()), confidence_);
  }

 private:
  std::string computes() const override {
    return "the test of the proportion of " + source().outcome().describe() + source().grouping().describe();
  }

  std::size_t groups() const { return source().grouping().size(); }

  void test(const std::vector<OutcomeCount>& counts, TestResult& result) const {
    double with = 0, n = 0, inverse = 0;
    bool empty = false;
    for (const OutcomeCount& group : counts) {
      with += group.with;
      n += group.n();
      inverse += 1 / group.n();
      empty = empty || group.n() == 0;
    }
    if (empty) {
      result.note = "a group has no people";
      return;
    }
    const double p = groups() == 1 ? null_value_ : with / n;
    double correction = continuity_ && groups() <= 2 ? 0.5 : 0;
    if (groups() == 1) correction = std::min(correction, std::abs(with - n * p));
    const double difference = counts.front().with / counts.front().n() - counts.back().with / counts.back().n();
    if (groups() == 2) correction = std::min(correction, std::abs(difference) / inverse);
    if (correction > 0) result.method += " with continuity correction";
    estimate(counts, correction, difference, inverse, result);
    if (p == 0 || p == 1) {
      result.note = "nobody or everybody has the outcome";
      return;
    }
    double statistic = 0;
    for (const OutcomeCount& group : counts) {
      const double distance = std::abs(group.with - group.n() * p) - correction;
      statistic += distance * distance * (1 / (group.n() * p) + 1 / (group.n() * (1 - p)));
    }
    result.statistic = statistic;
    result.degrees_of_freedom = {std::max<double>(1, static_cast<double>(groups()) - 1)};
    result.p = chi_square_upper_tail(statistic, result.degrees_of_freedom.front());
  }

  void estimate(const std::vector<OutcomeCount>& counts, double correction, double difference, double inverse,
                TestResult& result) const {
    const double z = normal_quantile(0.5 + confidence_ / 2);
    if (groups() == 2) {
      double variance = 0;
      for (const OutcomeCount& group : counts) variance += group.with * group.without / std::pow(group.n(), 3);
      const double width = z * std::sqrt(variance) + correction * inverse;
      result.estimates.push_back({"difference of proportions", difference, std::max(difference - width, -1.0),
                                  std::min(difference + width, 1.0)});
    }
    for (std::size_t i = 0; i < counts.size(); ++i) {
      TestEstimate one{"proportion", counts[i].with / counts[i].n()};
      if (groups() == 1) {
        one.lower = wilson_limit(one.value - correction / counts[i].n(), counts[i].n(), -z);
        one.upper = wilson_limit(one.value + correction / counts[i].n(), counts[i].n(), z);
      } else {
        one.name += " in " + source().grouping().label(i);
      }
      result.estimates.push_back(one);
    }
  }

  static double wilson_limit(double p, double n, double z) {
    if (p <= 0 && z < 0) return 0;
    if (p >= 1 && z > 0) return 1;
    const double half = z * z / (2 * n);
    return (p + half + z * std::sqrt(p * (1 - p) / n + half / (2 * n))) / (1 + 2 * half);
  }

  double null_value_;
  bool continuity_;
  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_prop_test(const EntryContext& context) {
  return std::make_unique<ProportionTest>(context);
}

}  // namespace cohortium::statistics
