// McNemar's test: whether two yes-or-no columns of the same people differ.
//
// Local      people with the first level only, and with the second only
// Under MPC  sums over sites; the minimum-cell rule on both
// Released   both counts, or nothing: people whose columns agree are not counted at all; the statistic and p follow
// Error      none
// Source     McNemar (1947); as R's mcnemar.test
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "statistics/distributions.h"
#include "statistics/entries.h"
#include "statistics/hypothesis/kinds.h"
#include "statistics/test_result.h"

namespace cohortium::statistics {
namespace {

using mpc::u128;

class McNemar final : public Analysis {
 public:
  explicit McNemar(const EntryContext& context)
      : grouping_(context.grouping()), rule_(context.rule), continuity_(context.entry.continuity) {
    const auto& by = grouping_.columns();
    const bool alike = by.size() == 2 && by[0].levels.size() == 2 && by[1].levels.size() == 2 &&
                       by[0].levels[0].code == by[1].levels[0].code && by[0].levels[1].code == by[1].levels[1].code;
    if (!alike) {
      throw Failure({.code = "study.not_a_pair",
                     .message = "this test needs two columns with the same two levels",
                     .where = context.at("by"),
                     .remedy = "declare both columns with the same two codes in the same order"});
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    const auto& by = grouping_.columns();
    declaration.computes = "McNemar's test of " + by[0].name + " against " + by[1].name;
    declaration.analyst_learns = {"the number of people who changed from the first to the second level between " +
                                  by[0].name + " and " + by[1].name +
                                  ", and of those who changed back, over all sites " +
                                  "together; nothing when one of these counts is of " + below_minimum(rule_)};
    for (const auto& column : by) declaration.columns.push_back(column.name);
    declaration.aggregate = "discordant\x1f" + grouping_.key();
    declaration.aggregate_size = 2;
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    const std::vector<u128> counts = count_rows(grouping_, table);
    return {counts[1], counts[2]};
  }

  mpc::SharedOutcome secure(mpc::Engine&, const SiteInputs& inputs) const override {
    return {.cells = mpc::SharedCells{.people = inputs.aggregate, .values = {}, .together = true}, .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    TestResult result{.method = "McNemar's chi-square test", .statistic_name = "χ²"};
    const std::vector<double> none;
    result.cells = nlohmann::json::array({cells_json(grouping_, none)[1], cells_json(grouping_, none)[2]});
    if (outcome.cells->passed.front()) {
      const double first = to_double(*outcome.cells->people[0]), second = to_double(*outcome.cells->people[1]);
      result.cells[0]["n"] = count_json(std::optional(first));
      result.cells[1]["n"] = count_json(std::optional(second));
      if (first + second > 0) {
        const bool corrected = continuity_ && first != second;
        if (corrected) result.method += " with continuity correction";
        const double distance = std::abs(first - second) - (corrected ? 1 : 0);
        result.statistic = distance * distance / (first + second);
        result.degrees_of_freedom = {1};
        result.p = chi_square_upper_tail(*result.statistic, 1);
        result.estimates = {{"odds ratio", first / second}};
      } else {
        result.note = "nobody's columns differ";
      }
    }
    return test_json(result, names_of(grouping_.columns()), 0.95);
  }

 private:
  Grouping grouping_;
  mpc::ReleaseRule rule_;
  bool continuity_;
};

}  // namespace

std::unique_ptr<Analysis> make_mcnemar(const EntryContext& context) { return std::make_unique<McNemar>(context); }

}  // namespace cohortium::statistics
