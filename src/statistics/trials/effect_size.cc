// Effect sizes of two groups: of an outcome the risk difference, risk ratio and odds ratio.
//
// Local      per group the number of people and of those with the outcome
// Under MPC  sums over sites; the minimum-cell rule on both groups, their outcomes and the rest
// Released   the four counts, or what of them no small count follows from; ratios and limits follow
// Error      none
// Source     Wald limits: of the difference, and on the log scale (Katz et al. 1978; Woolf 1955)
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "statistics/distributions.h"
#include "statistics/entries.h"
#include "statistics/outcome_column.h"
#include "statistics/test_result.h"
#include "statistics/trials/balance.h"
#include "statistics/trials/kinds.h"

namespace cohortium::statistics {
namespace {

using mpc::u128;

// Of a and b with and without the outcome in the first group, c and d in the second.
struct TwoByTwo {
  double a = 0, b = 0, c = 0, d = 0;
};

TestEstimate on_log_scale(const std::string& name, double value, double variance, double z) {
  TestEstimate estimate{.name = name, .value = value};
  if (!(value > 0) || !std::isfinite(value) || !std::isfinite(variance)) {
    if (value == 0) return estimate;  // of which the log scale gives no limits
    estimate.value = std::numeric_limits<double>::quiet_NaN();
    return estimate;
  }
  const double reach = std::exp(z * std::sqrt(variance));
  estimate.lower = value / reach;
  estimate.upper = value * reach;
  return estimate;
}

void fill(TestResult& result, const TwoByTwo& t, double confidence) {
  const double n1 = t.a + t.b, n0 = t.c + t.d, z = normal_quantile(0.5 + confidence / 2);
  if (n1 == 0 || n0 == 0) {
    result.note = "a group is empty";
    return;
  }
  const double p1 = t.a / n1, p0 = t.c / n0;
  const double error = std::sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0);
  result.estimates.push_back({"risk difference", p1 - p0, p1 - p0 - z * error, p1 - p0 + z * error});
  result.estimates.push_back(on_log_scale("risk ratio", p1 / p0, 1 / t.a - 1 / n1 + 1 / t.c - 1 / n0, z));
  result.estimates.push_back(
      on_log_scale("odds ratio", (t.a * t.d) / (t.b * t.c), 1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d, z));
  const double n = n1 + n0, with = t.a + t.c, without = t.b + t.d;
  if (with == 0 || without == 0) {
    result.note = "everybody or nobody has the outcome";
    return;
  }
  const double apart = t.a * t.d - t.b * t.c;
  result.statistic = n * apart * apart / (n1 * n0 * with * without);
  result.degrees_of_freedom = {1};
  result.p = chi_square_upper_tail(*result.statistic, 1);
}

class EffectSize final : public Analysis {
 public:
  explicit EffectSize(const EntryContext& context)
      : by_(context.grouping()), outcome_(context), rule_(context.rule), confidence_(context.entry.confidence) {}

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the effect on " + outcome_.describe() + by_.describe();
    declaration.analyst_learns = {
        "per group" + by_.describe() + " the number of people with " + outcome_.describe() +
            " over all sites together, nothing when a group has " + below_minimum(rule_) + " or some but " +
            below_minimum(rule_) + " with the outcome",
        "the number of people of a group, unless some but " + below_minimum(rule_) + " are without the outcome"};
    declaration.columns = {outcome_.name()};
    for (const auto& column : by_.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate = "two groups' outcomes\x1f" + outcome_.key() + "\x1f" + by_.key();
    declaration.aggregate_size = 4;
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    const RowGroups groups(by_, table);
    const std::vector<std::optional<bool>> known = outcome_.read(table);
    std::vector<u128> counts(4);  // people, then those with the outcome
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (groups[row] == 2 || !known[row]) continue;
      counts[groups[row]] += 1;
      counts[2 + groups[row]] += *known[row] ? 1 : 0;
    }
    return counts;
  }

  mpc::SharedOutcome secure(mpc::Engine&, const SiteInputs& inputs) const override {
    const auto with = slice(inputs.aggregate, 2, 2);
    return {.cells =
                mpc::SharedCells{
                    .people = slice(inputs.aggregate, 0, 2), .values = {with}, .together = true, .events = with},
            .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    TestResult result{.method = by_.label(0) + " against " + by_.label(1) + ": " + outcome_.describe(),
                      .statistic_name = "chi-square"};
    std::vector<std::optional<double>> with(2), people(2);
    for (std::size_t g = 0; g < 2; ++g) {
      if (cells.passed[g]) with[g] = to_double(cells.values[0][g]);
      if (cells.passed[g] && cells.people[g]) people[g] = to_double(*cells.people[g]);
      const auto rest = people[g] ? std::optional(*people[g] - *with[g]) : std::nullopt;
      for (const auto& [name, n] : {std::pair("with", with[g]), std::pair("without", rest)})
        result.cells.push_back({{"levels", {by_.code(g), name}},
                                {"labels", {by_.label(g), std::string(name) + " " + outcome_.describe()}},
                                {"n", count_json(n)}});
    }
    if (people[0] && people[1])
      fill(result, {*with[0], *people[0] - *with[0], *with[1], *people[1] - *with[1]}, confidence_);
    return test_json(result, names_of(by_.columns()), confidence_);
  }

 private:
  Grouping by_;
  OutcomeColumn outcome_;
  mpc::ReleaseRule rule_;
  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_effect_size(const EntryContext& context) {
  if (context.grouping().size() != 2) {
    throw Failure({.code = "study.not_two_groups",
                   .message = "effect sizes compare two groups",
                   .where = context.at("by"),
                   .remedy = "name a column with two levels, or leave rows out with data/where"});
  }
  if (context.entry.columns.empty()) return std::make_unique<EffectSize>(context);
  return make_balance(context);
}

}  // namespace cohortium::statistics
