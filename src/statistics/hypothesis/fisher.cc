// Fisher's exact test of a table of two columns; of a 2x2 table with the conditional odds ratio and its exact limits.
//
// Local      counts of the site's rows per cell
// Under MPC  sums over sites; the minimum-cell rule on all cells
// Released   all counts, or nothing; p, odds ratio and limits follow
// Error      none; the estimates are exact to a relative 1e-12 (R's own fisher.test stops at 1e-4 or so)
// Source     Fisher (1935); as R's fisher.test
#include <limits>
#include <nlohmann/json.hpp>

#include "statistics/entries.h"
#include "statistics/hypothesis/exact_table.h"
#include "statistics/hypothesis/hypergeometric.h"
#include "statistics/hypothesis/kinds.h"
#include "statistics/test_of.h"
#include "statistics/test_result.h"
#include "statistics/whole_counts.h"

namespace cohortium::statistics {
namespace {

class Fisher final : public TestOf<WholeCounts> {
 public:
  explicit Fisher(const EntryContext& context) : TestOf(context), confidence_(context.entry.confidence) {
    check_table(source().grouping(), 2, context);
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    TestResult result{.method = "Fisher's exact test", .statistic_name = ""};
    const std::vector<double> counts = WholeCounts::read(outcome);
    if (!counts.empty()) {
      const bool done = counts.size() == 4 ? two_by_two(counts, result) : larger(counts, result);
      if (!done) result.note = "the table is too large for an exact test: use chi_square";
    }
    result.cells = cells_json(source().grouping(), counts);
    return test_json(result, names_of(source().grouping().columns()), confidence_);
  }

 private:
  std::string computes() const override { return "Fisher's exact test" + source().grouping().describe(); }

  bool two_by_two(const std::vector<double>& counts, TestResult& result) const {
    const TwoByTwo table{counts[0], counts[1], counts[2], counts[3]};
    if (support_size(table) > largest_support) return false;
    const ExactTest test = exact_test(table, confidence_);
    result.p = test.p;
    const double infinite = std::numeric_limits<double>::infinity();
    result.estimates = {{"odds ratio", test.odds_ratio.value_or(infinite), test.lower, test.upper}};
    return true;
  }

  bool larger(const std::vector<double>& counts, TestResult& result) const {
    result.p = exact_table_p(counts, source().grouping().columns()[1].levels.size());
    return result.p.has_value();
  }

  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_fisher(const EntryContext& context) { return std::make_unique<Fisher>(context); }

}  // namespace cohortium::statistics
