// Pearson's chi-square test: of independence in a table of two columns, or of one column against given proportions.
//
// Local      counts of the site's rows per cell
// Under MPC  sums over sites; the minimum-cell rule on every cell
// Released   all counts, or nothing; the statistic and p follow
// Error      none
// Source     as R's chisq.test; rows and columns without anybody take no part
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "statistics/distributions.h"
#include "statistics/entries.h"
#include "statistics/hypothesis/kinds.h"
#include "statistics/test_of.h"
#include "statistics/test_result.h"
#include "statistics/whole_counts.h"

namespace cohortium::statistics {
namespace {

class ChiSquare final : public TestOf<WholeCounts> {
 public:
  explicit ChiSquare(const EntryContext& context) : TestOf(context), continuity_(context.entry.continuity) {
    check_table(source().grouping(), 1, context);
    if (!is_table()) read_weights(context);
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    TestResult result{.method = "Pearson's chi-square test", .statistic_name = "χ²"};
    if (!is_table()) result.method = "Chi-square test for given proportions";
    const std::vector<double> counts = WholeCounts::read(outcome);
    std::vector<double> expected;
    if (!counts.empty()) {
      expected = is_table() ? independence(counts, result) : proportions(counts, result);
      if (result.statistic) result.p = chi_square_upper_tail(*result.statistic, result.degrees_of_freedom.front());
    }
    result.cells = cells_json(source().grouping(), counts);
    for (std::size_t i = 0; i < expected.size(); ++i) result.cells[i]["expected"] = expected[i];
    return test_json(result, names_of(source().grouping().columns()), 0.95);
  }

 private:
  std::string computes() const override {
    return is_table() ? "the chi-square test of independence" + source().grouping().describe()
                      : "the chi-square test of given proportions" + source().grouping().describe();
  }

  bool is_table() const { return source().grouping().columns().size() == 2; }

  std::vector<double> independence(const std::vector<double>& counts, TestResult& result) const {
    const std::size_t columns = source().grouping().columns()[1].levels.size(), rows = counts.size() / columns;
    std::vector<double> down(rows), across(columns), expected(counts.size());
    double n = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      down[i / columns] += counts[i];
      across[i % columns] += counts[i];
      n += counts[i];
    }
    const auto used_rows = static_cast<double>(rows) - static_cast<double>(std::count(down.begin(), down.end(), 0.0));
    const auto used_columns =
        static_cast<double>(columns) - static_cast<double>(std::count(across.begin(), across.end(), 0.0));
    if (used_rows < 2 || used_columns < 2) {
      result.note = "all people are in one row or in one column";
      return {};
    }
    double correction = 0;
    if (continuity_ && used_rows == 2 && used_columns == 2) {
      result.method += " with Yates' continuity correction";
      correction = 0.5;
    }
    for (std::size_t i = 0; i < counts.size(); ++i) {
      expected[i] = down[i / columns] * across[i % columns] / n;
      if (expected[i] > 0) correction = std::min(correction, std::abs(counts[i] - expected[i]));
    }
    double statistic = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const double distance = std::abs(counts[i] - expected[i]) - correction;
      if (expected[i] > 0) statistic += distance * distance / expected[i];
    }
    result.statistic = statistic;
    result.degrees_of_freedom = {(used_rows - 1) * (used_columns - 1)};
    return expected;
  }

  std::vector<double> proportions(const std::vector<double>& counts, TestResult& result) const {
    double n = 0, statistic = 0;
    for (const double count : counts) n += count;
    if (n == 0) {
      result.note = "there are no people";
      return {};
    }
    std::vector<double> expected;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      expected.push_back(n * weights_[i]);
      statistic += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i];
    }
    result.statistic = statistic;
    result.degrees_of_freedom = {static_cast<double>(counts.size()) - 1};
    return expected;
  }

  // Equal proportions unless the entry says otherwise.
  void read_weights(const EntryContext& context) {
    const auto& levels = source().grouping().columns()[0].levels;
    weights_.assign(levels.size(), 1);
    double total = 0;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      if (!context.entry.weights.empty()) {
        const auto found = context.entry.weights.find(levels[i].code);
        weights_[i] = found == context.entry.weights.end() ? 0 : found->second;
      }
      total += weights_[i];
      if (!(weights_[i] > 0) || (!context.entry.weights.empty() && context.entry.weights.size() != levels.size())) {
        throw Failure({.code = "study.bad_weights",
                       .message = "the expected proportions do not match the levels of the column",
                       .where = context.at("weights"),
                       .remedy = "give every level a proportion above 0"});
      }
    }
    for (double& weight : weights_) weight /= total;
  }

  bool continuity_;
  std::vector<double> weights_;
};

}  // namespace

std::unique_ptr<Analysis> make_chi_square(const EntryContext& context) { return std::make_unique<ChiSquare>(context); }

}  // namespace cohortium::statistics
