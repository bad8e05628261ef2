// n, mean, variance and standard deviation of a column, in all or per group.
//
// Local      per group: n, the sum and the sum of squares of (x - centre), as integers in units of 2^-f and 2^-2f,
//            where the centre is the middle of the declared range: public, so nothing cancels and a large mean costs no
//            digits
// Under MPC  sums over sites; the minimum-cell rule on n
// Released   n and both sums for the groups that pass; mean, variance and sd follow from them
// Error      each value is rounded once, to a relative 2^-f / range; the sums are exact integers. f is the largest
//            number of fraction bits, at most 40, for which a sum of squares of 2^32 people cannot leave the ring
//            (oblivious/range_analysis.h)
#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/range_analysis.h"
#include "statistics/entries.h"

namespace cohortium::statistics {
namespace {

using mpc::i128;
using mpc::Shared;
using mpc::u128;

constexpr int largest_fraction_bits = 40;

class Describe final : public Analysis {
 public:
  Describe(data::ColumnDeclaration column, Grouping grouping, mpc::ReleaseRule rule, const std::string& path)
      : column_(std::move(column)), grouping_(std::move(grouping)), rule_(rule) {
    centre_ = column_.low + (column_.high - column_.low) / 2;
    fraction_bits_ = plan(path).fraction_bits;
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "n, mean, variance and standard deviation of " + column_.name + grouping_.describe();
    declaration.analyst_learns = {
        "the number of people, the mean and the variance of " + column_.name + grouping_.describe() +
        " over all sites together; which groups are withheld because " + below_minimum(rule_) + " are in them"};
    declaration.columns = {column_.name};
    for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate = "moments\x1f" + column_.name + "\x1f" + grouping_.key();
    declaration.aggregate_size = 3 * grouping_.size();
    declaration.error_bound = std::ldexp(1.0, -fraction_bits_);
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    const RowGroups groups(grouping_, table);
    const data::Column& column = table.column(column_.name);
    std::vector<u128> sums(3 * grouping_.size());
    for (std::size_t row = 0; row < table.rows; ++row) {
      const std::size_t group = groups[row];
      if (group == grouping_.size() || (!column.missing.empty() && column.missing[row])) continue;
      const i128 x = static_cast<i128>(std::llround(std::ldexp(column.number[row] - centre_, fraction_bits_)));
      sums[group] += 1;
      sums[grouping_.size() + group] += static_cast<u128>(x);
      sums[2 * grouping_.size() + group] += static_cast<u128>(x * x);
    }
    return sums;
  }

  mpc::SharedOutcome secure(mpc::Engine&, const SiteInputs& inputs) const override {
    const std::size_t k = grouping_.size();
    return {.cells = mpc::SharedCells{.people = slice(inputs.aggregate, 0, k),
                                      .values = {slice(inputs.aggregate, k, k), slice(inputs.aggregate, 2 * k, k)}},
            .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    nlohmann::json groups = nlohmann::json::array();
    for (std::size_t i = 0; i < grouping_.size(); ++i) {
      nlohmann::json group = {{"group", grouping_.code(i)},
                              {"label", grouping_.label(i)},
                              {"n", nullptr},
                              {"mean", nullptr},
                              {"variance", nullptr},
                              {"sd", nullptr}};
      if (outcome.cells->passed[i]) {
        const u128 n = *outcome.cells->people[i];
        group["n"] = static_cast<std::uint64_t>(n);
        if (n > 0) group["mean"] = mean(n, outcome.cells->values[0][i]);
        if (n > 1) {
          const double variance = variance_of(n, outcome.cells->values[0][i], outcome.cells->values[1][i]);
          group["variance"] = variance;
          group["sd"] = std::sqrt(variance);
        }
      }
      groups.push_back(std::move(group));
    }
    return {{"column", {{"name", column_.name}, {"unit", column_.unit}}},
            {"by", by_names()},
            {"groups", std::move(groups)}};
  }

 private:
  // 8 digits after the point at least, and beyond the size of a range that is narrower than 1.
  oblivious::NumberPlan plan(const std::string& path) const {
    const double half = std::max((column_.high - column_.low) / 2, 1e-300);
    const int least = 8 - std::min(static_cast<int>(std::ceil(std::log2(half))), 0);
    if (least > largest_fraction_bits) {
      throw Failure(
          {.code = "plan.underflow",
           .message = "the range of column \"" + column_.name + "\" is too narrow for values to be told apart",
           .where = path + "/column",
           .remedy = "declare the column in a smaller unit"});
    }
    oblivious::Ranges ranges({.least = least, .most = largest_fraction_bits, .wide_only = true});
    const double people = std::ldexp(1.0, mpc::count_bits);
    const auto x = ranges.named(column_.name + " less the middle of its range", ranges.input("x", -half, half));
    ranges.sum(x, people);
    ranges.truncated(ranges.sum(ranges.square(x), people));  // one bit to spare
    return ranges.choose(path + "/column");
  }
  nlohmann::json by_names() const {
    nlohmann::json names = nlohmann::json::array();
    for (const auto& column : grouping_.columns()) names.push_back(column.name);
    return names;
  }
  double mean(u128 n, u128 sum) const {
    return centre_ + std::ldexp(static_cast<double>(static_cast<i128>(sum)) / to_double(n), -fraction_bits_);
  }
  // (n * squares - sum^2) / (n (n - 1)), exactly up to the last division: a mean far from the centre costs no digits.
  double variance_of(u128 n, u128 sum, u128 squares) const {
    using boost::multiprecision::int256_t;
    const int256_t count(n), first(static_cast<i128>(sum)), second(squares);
    const int256_t numerator = count * second - first * first;
    const int256_t denominator = count * (count - 1);
    return std::ldexp(static_cast<double>(numerator) / static_cast<double>(denominator), -2 * fraction_bits_);
  }

  data::ColumnDeclaration column_;
  Grouping grouping_;
  mpc::ReleaseRule rule_;
  double centre_ = 0;
  int fraction_bits_ = 0;
};

}  // namespace

std::unique_ptr<Analysis> make_describe(const EntryContext& context) {
  return std::make_unique<Describe>(context.column("column", context.entry.column, data::ColumnType::kNumber),
                                    context.grouping(), context.rule, context.path);
}

}  // namespace cohortium::statistics
