// Fisher's exact test of two columns with two levels each, with the conditional odds ratio and its exact limits.
//
// Local      counts of the site's rows per cell
// Under MPC  sums over sites; the minimum-cell rule on all four cells
// Released   all four counts, or nothing; p, odds ratio and limits follow
// Error      none; the estimates are exact to a relative 1e-12 (R's own fisher.test stops at 1e-4 or so)
// Source     Fisher (1935); as R's fisher.test
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "statistics/entries.h"
#include "statistics/hypergeometric.h"
#include "statistics/test_result.h"

namespace cohortium::statistics {
namespace {

using mpc::u128;

class Fisher final : public Analysis {
 public:
  explicit Fisher(const EntryContext& context)
      : grouping_(context.grouping()), rule_(context.rule), confidence_(context.entry.confidence) {
    const auto& by = grouping_.columns();
    if (by.size() != 2 || by[0].levels.size() != 2 || by[1].levels.size() != 2) {
      throw Failure({.code = "study.not_two_by_two",
                     .message = "this test needs two columns with two levels each",
                     .where = context.at("by"),
                     .remedy = "name such columns, or use chi_square for larger tables"});
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "Fisher's exact test" + grouping_.describe();
    declaration.analyst_learns = {"the number of people" + grouping_.describe() +
                                  " over all sites together; nothing when one of these counts is of " +
                                  below_minimum(rule_)};
    for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate = "count\x1f" + grouping_.key();
    declaration.aggregate_size = grouping_.size();
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override { return count_rows(grouping_, table); }

  mpc::SharedOutcome secure(mpc::Engine&, const SiteInputs& inputs) const override {
    return {.cells = mpc::SharedCells{.people = inputs.aggregate, .values = {}, .together = true}, .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    TestResult result{.method = "Fisher's exact test", .statistic_name = ""};
    std::vector<double> counts;
    if (outcome.cells->passed.front()) {
      for (const auto& count : outcome.cells->people) counts.push_back(to_double(*count));
      const TwoByTwo table{counts[0], counts[1], counts[2], counts[3]};
      if (support_size(table) > largest_support) {
        result.note = "the table is too large for an exact test: use chi_square";
      } else {
        const ExactTest test = exact_test(table, confidence_);
        result.p = test.p;
        const double infinite = std::numeric_limits<double>::infinity();
        result.estimates = {{"odds ratio", test.odds_ratio.value_or(infinite), test.lower, test.upper}};
      }
    }
    result.cells = cells_json(grouping_, counts);
    return test_json(result, names_of(grouping_.columns()), confidence_);
  }

 private:
  Grouping grouping_;
  mpc::ReleaseRule rule_;
  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_fisher(const EntryContext& context) { return std::make_unique<Fisher>(context); }

}  // namespace cohortium::statistics
