// The exact binomial test of one proportion against a given one.
//
// Local      people with and without the outcome
// Under MPC  sums over sites; the minimum-cell rule on both
// Released   both counts, or nothing; p and the exact limits follow
// Error      none
// Source     Clopper and Pearson (1934); as R's binom.test
#include <cmath>

#include "statistics/distributions.h"
#include "statistics/hypothesis/kinds.h"
#include "statistics/hypothesis/outcome_counts.h"
#include "statistics/test_of.h"

namespace cohortium::statistics {
namespace {

// The probability of all numbers of successes that are at most as probable as this one, up to 1e-7 of it.
double two_sided(double x, double n, double p) {
  const double mean = n * p, limit = binomial_probability(x, n, p) * (1 + 1e-7);
  if (x == mean) return 1;
  // Away from the mean probabilities fall: the first one on the other side that falls below the limit.
  const bool below = x < mean;
  double near = below ? std::ceil(mean) : 0, far = below ? n + 1 : std::floor(mean) + 1;
  while (near < far) {
    const double middle = std::floor((near + far) / 2);
    const bool small = binomial_probability(middle, n, p) <= limit;
    (small == below ? far : near) = small == below ? middle : middle + 1;
  }
  return std::min(1.0, below ? binomial_at_most(x, n, p) + binomial_at_least(near, n, p)
                             : binomial_at_least(x, n, p) + binomial_at_most(near - 1, n, p));
}

class BinomialTest final : public TestOf<OutcomeCounts> {
 public:
  explicit BinomialTest(const EntryContext& context)
      : TestOf(context), null_value_(null_proportion(context)), confidence_(context.entry.confidence) {}

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    TestResult result{.method = "Exact binomial test", .statistic_name = "successes"};
    const std::vector<OutcomeCount> counts = source().read(outcome);
    result.cells = source().cells_json(counts);
    if (!counts.empty() && counts.front().n() > 0) {
      const double x = counts.front().with, n = counts.front().n(), tail = (1 - confidence_) / 2;
      result.statistic = x;
      result.p = two_sided(x, n, null_value_);
      result.estimates = {{"proportion", x / n, binomial_lower_limit(x, n, tail), binomial_upper_limit(x, n, tail)}};
    } else if (!counts.empty()) {
      result.note = "there are no people";
    }
    return test_json(result, nlohmann::json::array(), confidence_);
  }

 private:
  std::string computes() const override { return "the exact binomial test of " + source().outcome().describe(); }

  double null_value_, confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_binom_test(const EntryContext& context) {
  return std::make_unique<BinomialTest>(context);
}

}  // namespace cohortium::statistics
