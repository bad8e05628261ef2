// n, missing values, mean, variance and standard deviation of a column where what is shared gets noise.
//
// Local      per group: people with a value, and without; the sum of (x - centre) in units of which half of the range is at
//            most 2^12 (statistics/noisy_sums.h), the sum of its squares in units of which the largest is as many. The
//            centre is the middle of the declared range
// Under MPC  sums over sites, then noise; the minimum-cell rule on noisy counts
// Released   both counts and both sums for the groups that pass; the rest follows
// Noise      1 row: 1 person in one count, at most 2^12 in each sum
// Error      rounding moves a mean by at most an 8192nd of half the range; the noise on mean and sd is given beside them, as
//            what it does not exceed with 95% probability: of the mean exactly as (sum - mean x n) / n, of the sd to the
//            first order
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "statistics/describe/noisy_kinds.h"
#include "statistics/distributions.h"
#include "statistics/entries.h"
#include "statistics/moments.h"
#include "statistics/noisy_intervals.h"
#include "statistics/noisy_sums.h"

namespace cohortium::statistics {
namespace {

using mpc::i128;
using mpc::Shared;
using mpc::u128;

constexpr double shown_confidence = 0.95;

class NoisyDescribe final : public NoisyAnalysis {
 public:
  explicit NoisyDescribe(const EntryContext& context)
      : column_(context.column("column", context.entry.column, data::ColumnType::kNumber)),
        grouping_(context.grouping()),
        rule_(context.rule),
        scale_{.centre = column_.low + (column_.high - column_.low) / 2,
               .fraction_bits = noisy_fraction_bits((column_.high - column_.low) / 2)},
        most_(std::llround(std::ldexp((column_.high - column_.low) / 2, scale_.fraction_bits))) {}

  Declaration declare() const override {
    Declaration declaration;
    const std::string what = column_.name + grouping_.describe();
    declaration.computes = "n, missing values, mean, variance and standard deviation of " + what + ", from noisy sums";
    declaration.analyst_learns = {"the number of people with and without a value, the mean and the variance of " +
                                  what +
                                  " over all sites together, each with noise; which groups are withheld because " +
                                  below_minimum(rule_) + " seem to be in them"};
    declaration.columns = {column_.name};
    for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate = "noisy moments\x1f" + column_.name + "\x1f" + grouping_.key();
    declaration.aggregate_size = 4 * grouping_.size();
    const i128 rows = mpc::maximum_rows_per_site, most = most_;
    declaration.aggregate_bounds = {counts_of_people(2 * grouping_.size()),
                                    {grouping_.size(), -most * rows, most * rows},
                                    {grouping_.size(), 0, square(most_) * rows}};
    declaration.error_bound = std::ldexp(1.0, -noisy_sum_bits - 1);
    return declaration;
  }

  std::vector<AggregatePart> parts() const override {
    return {{.size = 2 * grouping_.size()},
            {.size = grouping_.size(),
             .most = static_cast<std::uint64_t>(most_),
             .people = false,
             .sums = column_.name,
             .one = std::ldexp(1.0, -scale_.fraction_bits),
             .unit = column_.unit},
            {.size = grouping_.size(),
             .most = static_cast<std::uint64_t>(square(most_)),
             .people = false,
             .sums = "the square of " + column_.name,
             .one = std::ldexp(1.0, -square_bits()),
             .unit = column_.unit.empty() ? "" : column_.unit + "²"}};
  }

  std::vector<u128> local(const data::Table& table) const override {
    const RowGroups groups(grouping_, table);
    const data::Column& column = table.column(column_.name);
    const std::size_t k = grouping_.size();
    std::vector<u128> sums(4 * k);
    for (std::size_t row = 0; row < table.rows; ++row) {
      const std::size_t group = groups[row];
      if (group == k) continue;
      const bool missing = !column.missing.empty() && column.missing[row];
      sums[(missing ? k : 0) + group] += 1;
      if (missing) continue;
      const i128 x = std::clamp(scaled(column.number[row], scale_), -most_, most_);
      sums[2 * k + group] += static_cast<u128>(x);
      sums[3 * k + group] += static_cast<u128>(square(x));
    }
    return sums;
  }

  // As of exact sums (describe.cc): those with a value and the others must be none or enough.
  mpc::SharedOutcome secure(mpc::Engine&, const SiteInputs& inputs) const override {
    const std::size_t k = grouping_.size();
    const auto part = [&](std::size_t i) { return slice(inputs.aggregate, i * k, k); };
    return {
        .cells =
            mpc::SharedCells{.people = add(part(0), part(1)), .values = {part(0), part(2), part(3)}, .events = part(0)},
        .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    return present_noisy(outcome, std::vector<AddedNoise>(3));
  }

  nlohmann::json present_noisy(const mpc::ReleasedOutcome& outcome, std::span<const AddedNoise> noise) const override {
    nlohmann::json groups = nlohmann::json::array();
    const mpc::ReleasedCells& cells = *outcome.cells;
    for (std::size_t i = 0; i < grouping_.size(); ++i) {
      nlohmann::json group = {{"group", grouping_.code(i)}, {"label", grouping_.label(i)}, {"n", nullptr}};
      for (const char* number : {"missing", "mean", "mean_error", "variance", "sd", "sd_error"})
        group[number] = nullptr;
      if (cells.passed[i]) {
        const double n = to_double(cells.values[0][i]);
        group["n"] = count_json(std::optional(n));
        if (cells.people[i]) group["missing"] = count_json(std::optional(to_double(*cells.people[i]) - n));
        if (n > 0) add_moments(group, n, cells.values[1][i], cells.values[2][i], noise);
      }
      groups.push_back(std::move(group));
    }
    return {{"column", {{"name", column_.name}, {"unit", column_.unit}}},
            {"by", names_of(grouping_.columns())},
            {"groups", std::move(groups)}};
  }

 private:
  // Squares have 2^12 times the unit that they would have exactly, rounded.
  static i128 square(i128 x) { return (x * x + (i128{1} << (noisy_sum_bits - 1))) >> noisy_sum_bits; }
  int square_bits() const { return 2 * scale_.fraction_bits - noisy_sum_bits; }

  void add_moments(nlohmann::json& group, double n, u128 sum, u128 squares, std::span<const AddedNoise> noise) const {
    const auto variance = [&](std::size_t part, int bits) {
      return std::ldexp(variance_for_limits(noise[part], shown_confidence), -2 * bits);
    };
    const double z = normal_quantile(0.5 + shown_confidence / 2), of_n = variance(0, 0),
                 of_sum = variance(1, scale_.fraction_bits), of_squares = variance(2, square_bits());
    const double half = (column_.high - column_.low) / 2;
    const double mean = std::clamp(mpc::decode_fixed(sum, scale_.fraction_bits) / n, -half, half);
    group["mean"] = scale_.centre + mean;
    group["mean_error"] = z * std::sqrt(of_sum + mean * mean * of_n) / n;
    if (n < 2) return;
    const double square = mpc::decode_fixed(squares, square_bits()) / n, spread = square - mean * mean;
    if (spread <= 0) return;  // less than its noise
    group["variance"] = spread * n / (n - 1);
    const double sd = std::sqrt(spread * n / (n - 1));
    group["sd"] = sd;
    const double on_n = 2 * mean * mean - square;
    group["sd_error"] = z * std::sqrt(of_squares + 4 * mean * mean * of_sum + on_n * on_n * of_n) / n / (2 * sd);
  }

  data::ColumnDeclaration column_;
  Grouping grouping_;
  mpc::ReleaseRule rule_;
  MomentScale scale_;
  i128 most_;
};

}  // namespace

std::unique_ptr<NoisyAnalysis> make_noisy_describe(const EntryContext& context) {
  return std::make_unique<NoisyDescribe>(context);
}

}  // namespace cohortium::statistics
