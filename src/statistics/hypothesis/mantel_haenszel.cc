// The Mantel-Haenszel test and common odds ratio of two columns with two levels each, within strata.
//
// Local      counts of the site's rows per cell and stratum
// Under MPC  sums over sites; per stratum, with n people, cells a b / c d, rows r1 r2 and columns c1 c2, in fixed point:
//            a d / n, b c / n, r1 c1 / n, r1 r2 c1 c2 / (n^2 (n - 1)) and the three terms of the variance of the log odds
//            ratio, summed over strata; the minimum-cell rule on the four cells of the table of all strata together
// Released   the four cells over all strata and these seven sums, or nothing; no stratum is shown by itself
// Error      each sum is off by at most 32 units of 2^-56 per person
// Source     Mantel and Haenszel (1959); Robins, Breslow and Greenland (1986); as R's mantelhaen.test. Strata of one
//            person or of nobody take no part
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/compare.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "statistics/distributions.h"
#include "statistics/entries.h"
#include "statistics/hypothesis/kinds.h"
#include "statistics/test_result.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

constexpr int fraction_bits = 56;

class MantelHaenszel final : public Analysis {
 public:
  explicit MantelHaenszel(const EntryContext& context)
      : by_(context.grouping()),
        strata_(context.grouping("strata", context.entry.strata)),
        rule_(context.rule),
        continuity_(context.entry.continuity),
        confidence_(context.entry.confidence) {
    if (by_.columns().size() != 2 || by_.size() != 4 || by_.columns()[0].levels.size() != 2) {
      throw Failure({.code = "study.not_two_by_two",
                     .message = "this test needs two columns with two levels each",
                     .where = context.at("by"),
                     .remedy = "name such columns"});
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the Mantel-Haenszel test" + by_.describe() + " within strata" + strata_.describe();
    declaration.analyst_learns = {"the number of people" + by_.describe() +
                                      " over all sites and strata together; nothing when one of these counts is of " +
                                      below_minimum(rule_),
                                  "the common odds ratio with its limits, the test statistic, and the seven sums over "
                                  "all strata that these follow "
                                  "from; no count of a single stratum"};
    for (const Grouping* grouping : {&by_, &strata_}) {
      for (const auto& column : grouping->columns()) declaration.columns.push_back(column.name);
    }
    declaration.aggregate = "two by two\x1f" + by_.key() + "\x1f" + strata_.key();
    declaration.aggregate_size = 4 * strata_.size();
    declaration.error_bound = error_bound(std::ldexp(1.0, mpc::count_bits));  // the result knows the number of people
    return declaration;
  }

  // Cell by cell, each stratum by stratum.
  std::vector<u128> local(const data::Table& table) const override {
    const RowGroups cells(by_, table), strata(strata_, table);
    std::vector<u128> counts(4 * strata_.size());
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (cells[row] == 4 || strata[row] == strata_.size()) continue;
      counts[cells[row] * strata_.size() + strata[row]] += 1;
    }
    return counts;
  }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const std::size_t k = strata_.size();
    const Shared<u128> a = slice(inputs.aggregate, 0, k), b = slice(inputs.aggregate, k, k),
                       c = slice(inputs.aggregate, 2 * k, k), d = slice(inputs.aggregate, 3 * k, k);
    const Shared<u128> n = add(add(a, b), add(c, d));
    const auto one = oblivious::constant_fill(engine, k, u128{1}), two = oblivious::constant_fill(engine, k, u128{2});
    // a/n, b/n, c/n, d/n and 1/(n - 1). Where n is 1 or 0 the last is 1/1: the terms it belongs to are 0 there.
    const Shared<u128> lacking = oblivious::keep_where(
        engine, oblivious::less_than_public(engine, n, u128{2}, mpc::count_bits), subtract(two, n));
    const std::vector<Shared<u128>> numerators{inputs.aggregate, one},
        denominators{tile(n, 4), add(subtract(n, one), lacking)};
    const Shared<u128> quotients =
        oblivious::divide(engine, concatenate(std::span(numerators)), concatenate(std::span(denominators)),
                          mpc::count_bits, fraction_bits);
    auto part = [&](std::size_t i) { return slice(quotients, i * k, k); };
    const Shared<u128> diagonal = add(part(0), part(3)), other = add(part(1), part(2));  // (a + d) / n, (b + c) / n
    const Shared<u128> first_column = add(part(0), part(2)), second_column = add(part(1), part(3)),
                       second_row = add(part(2), part(3));
    // Level one: c1 c2 / n^2 and the products of (a + d) / n and (b + c) / n with d / n and c / n.
    const Shared<u128> products = multiply(engine, {first_column, diagonal, diagonal, other, other},
                                           {second_column, part(3), part(2), part(3), part(2)});
    const Shared<u128> spread = oblivious::multiply_fixed(engine, slice(products, 0, k), second_row, fraction_bits);
    const Shared<u128> correction = oblivious::multiply_fixed(engine, spread, part(4), fraction_bits);
    // Level two, exact counts times fractions, summed over strata: a d/n, b c/n, r1 c1/n, the variance, and the terms of
    // Robins, Breslow and Greenland: a (a+d) d, then b (a+d) c and a (b+c) d, then b (b+c) c, each over n^2.
    const Shared<u128> first_row = add(a, b);
    const std::vector<Shared<u128>> counts{a, b, first_row, first_row, a, b, a, b};
    const std::vector<Shared<u128>> fractions{part(3),
                                              part(2),
                                              first_column,
                                              add(spread, correction),
                                              slice(products, k, k),
                                              slice(products, 2 * k, k),
                                              slice(products, 3 * k, k),
                                              slice(products, 4 * k, k)};
    const Shared<u128> sums = engine.dot(concatenate(std::span(counts)), concatenate(std::span(fractions)), k);
    const std::vector<Shared<u128>> released{slice(sums, 0, 5), add(slice(sums, 5, 1), slice(sums, 6, 1)),
                                             slice(sums, 7, 1)};
    return {.cells = mpc::SharedCells{.people = sum_blocks(inputs.aggregate, k),
                                      .values = {concatenate(std::span(released))},
                                      .together = true},
            .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    TestResult result{.method = "Mantel-Haenszel chi-square test", .statistic_name = "χ²"};
    std::vector<double> counts;
    double people = 0;
    if (outcome.cells->passed.front()) {
      for (const auto& count : outcome.cells->people) people += counts.emplace_back(to_double(*count));
      std::vector<double> sums;
      for (const u128 sum : outcome.cells->values[0]) sums.push_back(mpc::decode_fixed(sum, fraction_bits));
      add_test(counts[0], sums, error_bound(people), result);
      add_odds_ratio(sums, error_bound(people), result);
    }
    result.cells = cells_json(by_, counts);
    nlohmann::json out = test_json(result, names_of(by_.columns()), confidence_);
    out["strata"] = names_of(strata_.columns());
    if (!counts.empty()) out["error_bound"] = error_bound(people);
    return out;
  }

 private:
  static double error_bound(double people) { return people * std::ldexp(1.0, 5 - fraction_bits); }

  static Shared<u128> multiply(mpc::Engine& engine, const std::vector<Shared<u128>>& x,
                               const std::vector<Shared<u128>>& y) {
    return oblivious::multiply_fixed(engine, concatenate(std::span(x)), concatenate(std::span(y)), fraction_bits);
  }

  void add_test(double first_cell, const std::vector<double>& sums, double error, TestResult& result) const {
    if (!(sums[3] > error)) {
      result.note = "no stratum has people in both rows and both columns";
      return;
    }
    const double distance = std::abs(first_cell - sums[2]);
    const double correction = continuity_ && distance >= 0.5 ? 0.5 : 0;
    if (correction > 0) result.method += " with continuity correction";
    result.statistic = (distance - correction) * (distance - correction) / sums[3];
    result.degrees_of_freedom = {1};
    result.p = chi_square_upper_tail(*result.statistic, 1);
  }

  void add_odds_ratio(const std::vector<double>& sums, double error, TestResult& result) const {
    const double with = sums[0], against = sums[1];
    if (!(with > error) || !(against > error)) return;
    const double sd =
        std::sqrt(sums[4] / (2 * with * with) + sums[5] / (2 * with * against) + sums[6] / (2 * against * against));
    const double reach = std::exp(normal_quantile(0.5 + confidence_ / 2) * sd), ratio = with / against;
    result.estimates = {{"common odds ratio", ratio, ratio / reach, ratio * reach}};
  }

  Grouping by_, strata_;
  mpc::ReleaseRule rule_;
  bool continuity_;
  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_mantel_haenszel(const EntryContext& context) {
  return std::make_unique<MantelHaenszel>(context);
}

}  // namespace cohortium::statistics
