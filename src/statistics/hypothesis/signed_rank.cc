// Wilcoxon's signed rank test of pairs, or of one column against a given value.
//
// Local      per row: how far the difference is from the null value, and whether it is above or below; the number of
//            people whose difference equals it, who take no part
// Under MPC  sorting by distance, midranks, their sums above and below, the correction for ties; whether anybody was left
//            out; the minimum-cell rule on the numbers of people above and below
// Released   both numbers of people and rank sums, the correction for ties and whether anybody was left out, or nothing;
//            V and p follow
// Error      none
// Source     as R's wilcox.test(exact = NULL): exact below 50 values without ties where nobody was left out, else the
//            normal approximation
#include <algorithm>
#include <cmath>

#include "oblivious/compare.h"
#include "statistics/distributions.h"
#include "statistics/hypothesis/kinds.h"
#include "statistics/hypothesis/rank_distributions.h"
#include "statistics/hypothesis/ranked_groups.h"
#include "statistics/test_result.h"

namespace cohortium::statistics {
namespace {

using mpc::u128;

class SignedRank final : public Analysis {
 public:
  explicit SignedRank(const EntryContext& context)
      : column_(context.column("column", context.entry.column, data::ColumnType::kNumber)),
        paired_(
            context.entry.paired_with.empty()
                ? std::nullopt
                : std::optional(context.column("paired_with", context.entry.paired_with, data::ColumnType::kNumber))),
        null_value_(context.entry.null_value.value_or(0)),
        keys_(0, largest(), what(), context.at("column")),
        rule_(context.rule),
        continuity_(context.entry.continuity) {}

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the signed rank test of " + what();
    declaration.analyst_learns = {
        "the number of people whose " + what() +
            " is above and of those whose is below the null value over all sites together, the "
            "sums of their ranks by distance from it, and one number for how many share a " +
            "distance; nothing when one of these is of " + below_minimum(rule_),
        "whether there are people whose " + what() + " equals the null value"};
    declaration.columns = {column_.name};
    if (paired_) declaration.columns.push_back(paired_->name);
    declare_ranked_rows(declaration,
                        "signed\x1f" + column_.name + "\x1f" + (paired_ ? paired_->name : "") + "\x1f" +
                            nlohmann::json(null_value_).dump(),
                        2);
    declaration.aggregate = "zero " + declaration.rows;
    declaration.aggregate_size = 1;
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    const std::vector<std::optional<double>> all = differences(table);
    return {static_cast<u128>(std::count(all.begin(), all.end(), std::optional(0.0)))};
  }

  std::vector<u128> rows(const data::Table& table) const override {
    const std::vector<std::optional<double>> all = differences(table);
    RankRows rows(table.rows, 2);
    for (std::size_t row = 0; row < table.rows; ++row) {
      const double x = all[row].value_or(0);
      if (x != 0) rows.set(row, keys_.key(std::abs(x)), x > 0 ? 0 : 1);
    }
    return std::move(rows.columns);
  }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    mpc::SharedOutcome outcome = rank_sums(engine, inputs, 2);
    const mpc::SharedBits nobody = oblivious::equal_zero(engine, narrow(inputs.aggregate), mpc::count_bits);
    outcome.cells->values.push_back(engine.ring<u128>().from_bit(engine.not_bits(nobody)));
    return outcome;
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    TestResult result{.method = "Wilcoxon signed rank test", .statistic_name = "V"};
    const auto sample = read_rank_sums(outcome);
    result.groups = rank_groups_json({"above", "below"}, {"above the null value", "below the null value"}, sample);
    if (sample) test(*sample, outcome.cells->values[2][0] != 0, result);
    return test_json(result, nlohmann::json::array(), 0.95);
  }

 private:
  std::string what() const { return paired_ ? column_.name + " minus " + paired_->name : column_.name; }

  // Of distances from the null value.
  double largest() const {
    const double low = column_.low - (paired_ ? paired_->high : 0), high = column_.high - (paired_ ? paired_->low : 0);
    return std::max(std::abs(low - null_value_), std::abs(high - null_value_));
  }

  // From the null value; nothing where a value is missing.
  std::vector<std::optional<double>> differences(const data::Table& table) const {
    const data::Column& first = table.column(column_.name);
    const data::Column* second = paired_ ? &table.column(paired_->name) : nullptr;
    std::vector<std::optional<double>> all(table.rows);
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (is_missing(first, row) || (second && is_missing(*second, row))) continue;
      all[row] = (second ? first.number[row] - second->number[row] : first.number[row]) - null_value_;
    }
    return all;
  }

  void test(const RankedSample& sample, bool some_left_out, TestResult& result) const {
    const double n = sample.n, v = sample.groups[0].rank_sum;
    if (n == 0) {
      result.note = "no value differs from the null value";
      return;
    }
    result.statistic = v;
    if (n < 50 && sample.ties == 0 && !some_left_out) {
      result.method = "Wilcoxon signed rank exact test";
      result.p = signed_rank_exact_p(v, static_cast<std::size_t>(n));
      return;
    }
    if (continuity_) result.method += " with continuity correction";
    const double distance = v - n * (n + 1) / 4, variance = n * (n + 1) * (2 * n + 1) / 24 - sample.ties / 48;
    const double sign = distance > 0 ? 1 : distance < 0 ? -1 : 0;
    result.p = normal_two_sided((distance - (continuity_ ? sign / 2 : 0)) / std::sqrt(variance));
  }

  data::ColumnDeclaration column_;
  std::optional<data::ColumnDeclaration> paired_;
  double null_value_;
  RankKeys keys_;
  mpc::ReleaseRule rule_;
  bool continuity_;
};

}  // namespace

std::unique_ptr<Analysis> make_wilcoxon_signed_rank(const EntryContext& context) {
  return std::make_unique<SignedRank>(context);
}

}  // namespace cohortium::statistics
