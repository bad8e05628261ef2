// Student's t-test: of two groups with unequal (Welch) or equal variances, of pairs, or of one mean.
//
// Local      per group n, the sum and the sum of squares of the column, or of the difference of each pair
// Under MPC  sums over sites; the minimum-cell rule on every group
// Released   n and both sums of all groups, or nothing; t, p and limits follow
// Error      each value is rounded once to 2^-f (statistics/moments.h); sums are exact
// Source     Welch (1947); as R's t.test
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

using mpc::i128;
using mpc::u128;

// Of two groups: the standard error of the difference of means and its degrees of freedom.
struct Difference {
  double error = 0, degrees = 0;
};

Difference difference_of(const Moments& x, const Moments& y, bool pooled) {
  if (pooled) {
    const double degrees = x.n + y.n - 2;
    const double variance = ((x.n - 1) * x.variance + (y.n - 1) * y.variance) / degrees;
    return {std::sqrt(variance * (1 / x.n + 1 / y.n)), degrees};
  }
  const double a = x.variance / x.n, b = y.variance / y.n;
  return {std::sqrt(a + b), (a + b) * (a + b) / (a * a / (x.n - 1) + b * b / (y.n - 1))};
}

// t, p and the limits of `estimate`, whose hypothetical value is `null_value`.
void fill(TestResult& result, const std::string& name, double estimate, double null_value, const Difference& difference,
          double magnitude, double confidence) {
  if (!(difference.error > 10 * 2.220446049250313e-16 * magnitude)) {
    result.note = "the values do not vary enough for a test";
    return;
  }
  const double quantile = student_quantile(0.5 + confidence / 2, difference.degrees);
  result.statistic = (estimate - null_value) / difference.error;
  result.degrees_of_freedom = {difference.degrees};
  result.p = student_two_sided(*result.statistic, difference.degrees);
  result.estimates.push_back(
      {name, estimate, estimate - quantile * difference.error, estimate + quantile * difference.error});
}

class TwoSample final : public TestOf<GroupedMoments> {
 public:
  explicit TwoSample(const EntryContext& context)
      : TestOf(context), pooled_(context.entry.method == "pooled"), confidence_(context.entry.confidence) {
    if (source().grouping().size() != 2) {
      throw Failure({.code = "study.not_two_groups",
                     .message = "this test compares two groups",
                     .where = context.at("by"),
                     .remedy = "name a column with two levels, or leave rows out with data/where"});
    }
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const auto moments = source().read_all(outcome);
    TestResult result{.method = pooled_ ? "Two-sample t-test, equal variances" : "Welch two-sample t-test",
                      .statistic_name = "t"};
    result.groups = source().groups_json(outcome);
    if (moments) {
      const Moments &x = moments->front(), &y = moments->back();
      const bool enough = pooled_ ? x.n >= 1 && y.n >= 1 && x.n + y.n >= 3 : x.n >= 2 && y.n >= 2;
      if (enough)
        fill(result, "difference of means", x.mean - y.mean, 0, difference_of(x, y, pooled_),
             std::max(std::abs(x.mean), std::abs(y.mean)), confidence_);
      else
        result.note = "a group has too few values for a test";
    }
    return test_json(result, names_of(source().grouping().columns()), confidence_);
  }

 private:
  std::string computes() const override {
    return "the t-test of " + source().column().name + source().grouping().describe();
  }

  bool pooled_;
  double confidence_;
};

class OneSample final : public Analysis {
 public:
  explicit OneSample(const EntryContext& context)
      : column_(context.column("column", context.entry.column, data::ColumnType::kNumber)),
        rule_(context.rule),
        null_value_(context.entry.null_value.value_or(0)),
        confidence_(context.entry.confidence) {
    double low = column_.low, high = column_.high;
    if (context.entry.method == "paired") {
      paired_ = context.column("paired_with", context.entry.paired_with, data::ColumnType::kNumber);
      low -= paired_->high;
      high -= paired_->low;
    }
    scale_ = moment_scale(low, high, what(), context.at("column"));
    half_ = (high - low) / 2;
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the t-test of " + what();
    declaration.analyst_learns = {"the number of people, the mean and the variance of " + what() +
                                  " over all sites together; nothing when there are " + below_minimum(rule_)};
    declaration.columns = {column_.name};
    if (paired_) declaration.columns.push_back(paired_->name);
    declaration.aggregate = "moments of one\x1f" + column_.name + "\x1f" + (paired_ ? paired_->name : "");
    declaration.aggregate_size = 3;
    declaration.aggregate_bounds = {counts_of_people(1), bounds_of_sums(1, half_, scale_),
                                    bounds_of_squares(1, half_, scale_)};
    declaration.error_bound = std::ldexp(1.0, -scale_.fraction_bits);
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    const data::Column& first = table.column(column_.name);
    const data::Column* second = paired_ ? &table.column(paired_->name) : nullptr;
    auto missing = [](const data::Column& column, std::size_t row) {
      return !column.missing.empty() && column.missing[row];
    };
    std::vector<u128> sums(3);
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (missing(first, row) || (second && missing(*second, row))) continue;
      const i128 x = scaled(first.number[row] - (second ? second->number[row] : 0), scale_);
      sums[0] += 1;
      sums[1] += static_cast<u128>(x);
      sums[2] += static_cast<u128>(x * x);
    }
    return sums;
  }

  mpc::SharedOutcome secure(mpc::Engine&, const SiteInputs& inputs) const override {
    return {.cells = mpc::SharedCells{.people = slice(inputs.aggregate, 0, 1),
                                      .values = {slice(inputs.aggregate, 1, 2)},
                                      .together = true},
            .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    TestResult result{.method = paired_ ? "Paired t-test" : "One-sample t-test", .statistic_name = "t"};
    nlohmann::json group = {{"group", "all"}, {"label", what()}, {"n", nullptr}, {"mean", nullptr}, {"sd", nullptr}};
    if (outcome.cells->passed.front()) {
      const Moments m =
          moments_of(*outcome.cells->people[0], outcome.cells->values[0][0], outcome.cells->values[0][1], scale_);
      group["n"] = count_json(std::optional(m.n));
      if (m.n > 0) group["mean"] = m.mean;
      if (m.n > 1) {
        group["sd"] = std::sqrt(m.variance);
        fill(result, paired_ ? "mean difference" : "mean", m.mean, null_value_, {std::sqrt(m.variance / m.n), m.n - 1},
             std::abs(m.mean), confidence_);
      } else {
        result.note = "there are too few values for a test";
      }
    }
    result.groups.push_back(std::move(group));
    return test_json(result, nlohmann::json::array(), confidence_);
  }

 private:
  std::string what() const { return paired_ ? column_.name + " minus " + paired_->name : column_.name; }

  data::ColumnDeclaration column_;
  std::optional<data::ColumnDeclaration> paired_;
  mpc::ReleaseRule rule_;
  double null_value_, confidence_;
  MomentScale scale_;
  double half_ = 0;  // of the range
};

}  // namespace

std::unique_ptr<Analysis> make_t_test(const EntryContext& context) {
  const std::string& method = context.entry.method;
  if (method == "paired" || method == "one_sample") return std::make_unique<OneSample>(context);
  return std::make_unique<TwoSample>(context);
}

}  // namespace cohortium::statistics
