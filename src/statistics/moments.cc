#include "statistics/moments.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/range_analysis.h"

namespace cohortium::statistics {

using boost::multiprecision::int256_t;
using mpc::i128;
using mpc::u128;

MomentScale moment_scale(double low, double high, const std::string& what, const std::string& where) {
  constexpr int most = 40;
  const double half = std::max((high - low) / 2, 1e-300);
  // 8 digits after the point at least, and beyond the size of a range that is narrower than 1.
  const int least = 8 - std::min(static_cast<int>(std::ceil(std::log2(half))), 0);
  if (least > most) {
    throw Failure({.code = "plan.underflow",
                   .message = "the range of " + what + " is too narrow for values to be told apart",
                   .where = where,
                   .remedy = "declare the column in a smaller unit"});
  }
  oblivious::Ranges ranges({.least = least, .most = most, .wide_only = true});
  const double people = std::ldexp(1.0, mpc::count_bits);
  const auto x = ranges.named(what + " less the middle of its range", ranges.input("x", -half, half));
  ranges.sum(x, people);
  ranges.truncated(ranges.sum(ranges.square(x), people));  // one bit to spare
  return {.centre = low + (high - low) / 2, .fraction_bits = ranges.choose(where).fraction_bits};
}

i128 scaled(double x, const MomentScale& scale) {
  return static_cast<i128>(std::llround(std::ldexp(x - scale.centre, scale.fraction_bits)));
}

Bounds bounds_of_sums(std::size_t count, double half, const MomentScale& scale) {
  return fixed_sums(count, -half, half, scale.fraction_bits);
}

// Both factors are rounded: by a unit of the last place each, at the most.
Bounds bounds_of_products(std::size_t count, double half, double other_half, int fraction_bits) {
  const double unit = std::ldexp(1.0, 2 - fraction_bits / 2), largest = (half + unit) * (other_half + unit);
  return fixed_sums(count, -largest, largest, fraction_bits);
}

Bounds bounds_of_squares(std::size_t count, double half, const MomentScale& scale) {
  return {count, 0, bounds_of_products(count, half, half, 2 * scale.fraction_bits).high};
}

double centred_product(u128 n, u128 sum_x, u128 sum_y, u128 products, int fraction_bits) {
  const int256_t count(n), first(static_cast<i128>(sum_x)), second(static_cast<i128>(sum_y));
  const int256_t numerator = count * int256_t(static_cast<i128>(products)) - first * second;
  return std::ldexp(static_cast<double>(numerator) / static_cast<double>(n), -fraction_bits);
}

Moments moments_of(u128 n, u128 sum, u128 squares, const MomentScale& scale) {
  Moments moments{.n = to_double(n)};
  if (n == 0) return moments;
  moments.mean =
      scale.centre + std::ldexp(static_cast<double>(static_cast<i128>(sum)) / moments.n, -scale.fraction_bits);
  if (n > 1) moments.variance = centred_product(n, sum, sum, squares, 2 * scale.fraction_bits) / (moments.n - 1);
  return moments;
}

GroupedMoments::GroupedMoments(const EntryContext& context)
    : column_(context.column("column", context.entry.column, data::ColumnType::kNumber)),
      grouping_(context.grouping()),
      scale_(moment_scale(column_.low, column_.high, "column \"" + column_.name + "\"", context.at("column"))) {}

Declaration GroupedMoments::declare(const mpc::ReleaseRule& rule) const {
  Declaration declaration;
  declaration.analyst_learns = {"the number of people, the mean and the variance of " + column_.name +
                                grouping_.describe() + " over all sites together; nothing when " +
                                (grouping_.size() > 1 ? "one of the groups has " : "there are ") + below_minimum(rule)};
  declaration.columns = {column_.name};
  for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
  declaration.aggregate = "grouped moments\x1f" + column_.name + "\x1f" + grouping_.key();
  declaration.aggregate_size = 3 * grouping_.size();
  const double half = (column_.high - column_.low) / 2;
  declaration.aggregate_bounds = {counts_of_people(grouping_.size()), bounds_of_sums(grouping_.size(), half, scale_),
                                  bounds_of_squares(grouping_.size(), half, scale_)};
  declaration.error_bound = std::ldexp(1.0, -scale_.fraction_bits);
  return declaration;
}

std::vector<u128> GroupedMoments::local(const data::Table& table) const {
  const RowGroups groups(grouping_, table);
  const data::Column& column = table.column(column_.name);
  const std::size_t k = grouping_.size();
  std::vector<u128> sums(3 * k);
  for (std::size_t row = 0; row < table.rows; ++row) {
    const std::size_t group = groups[row];
    if (group == k || (!column.missing.empty() && column.missing[row])) continue;
    const i128 x = scaled(column.number[row], scale_);
    sums[group] += 1;
    sums[k + group] += static_cast<u128>(x);
    sums[2 * k + group] += static_cast<u128>(x * x);
  }
  return sums;
}

mpc::SharedOutcome GroupedMoments::secure(mpc::Engine&, const SiteInputs& inputs) const {
  const std::size_t k = grouping_.size();
  return {.cells = mpc::SharedCells{.people = slice(inputs.aggregate, 0, k),
                                    .values = {slice(inputs.aggregate, k, k), slice(inputs.aggregate, 2 * k, k)},
                                    .together = true},
          .curve = {}};
}

std::vector<std::optional<Moments>> GroupedMoments::read(const mpc::ReleasedOutcome& outcome) const {
  std::vector<std::optional<Moments>> moments(grouping_.size());
  const mpc::ReleasedCells& cells = *outcome.cells;
  for (std::size_t i = 0; i < grouping_.size(); ++i) {
    if (cells.passed[i]) moments[i] = moments_of(*cells.people[i], cells.values[0][i], cells.values[1][i], scale_);
  }
  return moments;
}

std::optional<std::vector<Moments>> GroupedMoments::read_all(const mpc::ReleasedOutcome& outcome) const {
  std::vector<Moments> all;
  for (const auto& moments : read(outcome)) {
    if (!moments) return std::nullopt;
    all.push_back(*moments);
  }
  return all;
}

nlohmann::json GroupedMoments::groups_json(const mpc::ReleasedOutcome& outcome) const {
  const auto moments = read(outcome);
  nlohmann::json groups = nlohmann::json::array();
  for (std::size_t i = 0; i < grouping_.size(); ++i) {
    nlohmann::json group = {{"group", grouping_.code(i)},
                            {"label", grouping_.label(i)},
                            {"n", nullptr},
                            {"mean", nullptr},
                            {"sd", nullptr}};
    if (moments[i]) {
      const Moments& m = *moments[i];
      group["n"] = count_json(std::optional(m.n));
      if (m.n > 0) group["mean"] = m.mean;
      if (m.n > 1) group["sd"] = std::sqrt(m.variance);
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace cohortium::statistics
