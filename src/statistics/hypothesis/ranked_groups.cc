#include "statistics/hypothesis/ranked_groups.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/fixed_point.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;
using mpc::u64;

constexpr std::size_t largest_number_of_groups = 64;
// With so many rows, sums of squares of ranks and of cubes of ties stay below 2^62.
constexpr std::size_t narrow_rows = 1 << 20;

}  // namespace

void check_groups_of_rows(const Grouping& grouping, const EntryContext& context) {
  if (grouping.size() <= largest_number_of_groups) return;
  throw Failure({.code = "study.too_many_groups",
                 .message = "ranks are computed for at most " + std::to_string(largest_number_of_groups) + " groups",
                 .where = context.at("by"),
                 .remedy = "group by fewer columns or levels"});
}

std::vector<u128> ranked_rows(const data::Table& table, const data::ColumnDeclaration& number, const RankKeys& keys,
                              const Grouping& grouping) {
  const RowGroups groups(grouping, table);
  const data::Column& column = table.column(number.name);
  RankRows rows(table.rows, grouping.size());
  for (std::size_t row = 0; row < table.rows; ++row) {
    if (groups[row] == grouping.size() || is_missing(column, row)) continue;
    rows.set(row, keys.key(column.number[row]), groups[row]);
  }
  return std::move(rows.columns);
}

void declare_ranked_rows(Declaration& declaration, std::string name, std::size_t groups) {
  declaration.rows = std::move(name);
  declaration.row_columns = 1 + groups;
  declaration.row_bounds = {whole_numbers(1, u64{1} << rank_key_bits), bits(groups)};
  declaration.indicators = {{1, groups}};
}

std::string ranked_rows_key(const data::ColumnDeclaration& number, const Grouping& grouping) {
  return "ranked\x1f" + number.name + "\x1f" + grouping.key();
}

Shared<u128> sums_of_products(mpc::Engine& engine, const Shared<u64>& a, const Shared<u64>& b, std::size_t length) {
  if (length <= narrow_rows) return oblivious::widen(engine, engine.dot(a, b, length), 62);
  constexpr int bits = mpc::count_bits + 2;
  return engine.dot(oblivious::widen(engine, a, bits), oblivious::widen(engine, b, bits), length);
}

mpc::SharedOutcome rank_sums(mpc::Engine& engine, const SiteInputs& inputs, std::size_t groups) {
  const std::size_t n = inputs.row_count;
  if (n == 0) {
    const Shared<u128> none = oblivious::constant_fill(engine, groups, u128{0});
    return {.cells = mpc::SharedCells{.people = none, .values = {none, slice(none, 0, 1)}, .together = true},
            .curve = {}};
  }
  const Shared<u128> counts = sum_blocks(slice(inputs.rows, n, groups * n), n);
  const Shared<u64> members = narrow(slice(inputs.rows, n, groups * n));
  const oblivious::TiedRanks ranks = oblivious::tied_ranks(engine, narrow(inputs.column(0)), rank_key_bits);
  // Twice the midrank, but for twice the number of rows that take no part, which stand before all others.
  const Shared<u64> one = oblivious::constant_fill(engine, n, u64{1});
  const Shared<u64> twice = add(add(scale(ranks.before, u64{2}), ranks.ties), one);
  Shared<u64> present = slice(members, 0, n);
  for (std::size_t g = 1; g < groups; ++g) present = add(present, slice(members, g * n, n));
  const Shared<u64> people = sum_blocks(present, n);
  const Shared<u64> absent = subtract(oblivious::constant_fill(engine, 1, u64{n}), people);
  const Shared<u64> shift = engine.multiply(scale(repeat(absent, groups), u64{2}), narrow(counts));
  const Shared<u128> sums =
      subtract(sums_of_products(engine, members, tile(twice, groups), n), oblivious::widen(engine, shift, 62));
  // Each of t people with the same value adds t^2 - 1, together t^3 - t.
  const Shared<u64> ties = engine.multiply(present, ranks.ties);
  const Shared<u128> cubes =
      subtract(sums_of_products(engine, ties, ties, n), oblivious::widen(engine, people, mpc::count_bits));
  return {.cells = mpc::SharedCells{.people = counts, .values = {sums, cubes}, .together = true}, .curve = {}};
}

std::optional<RankedSample> read_rank_sums(const mpc::ReleasedOutcome& outcome) {
  const mpc::ReleasedCells& cells = *outcome.cells;
  if (!cells.passed.front()) return std::nullopt;
  RankedSample sample;
  for (std::size_t g = 0; g < cells.people.size(); ++g) {
    sample.groups.push_back({to_double(*cells.people[g]), to_double(cells.values[0][g]) / 2});
    sample.n += sample.groups.back().n;
  }
  sample.ties = to_double(cells.values[1][0]);
  return sample;
}

nlohmann::json rank_groups_json(const std::vector<std::string>& codes, const std::vector<std::string>& labels,
                                const std::optional<RankedSample>& sample) {
  nlohmann::json groups = nlohmann::json::array();
  for (std::size_t g = 0; g < codes.size(); ++g) {
    nlohmann::json one = {
        {"group", codes[g]}, {"label", labels[g]}, {"n", nullptr}, {"mean", nullptr}, {"sd", nullptr}};
    if (sample) one["n"] = count_json(std::optional(sample->groups[g].n));
    groups.push_back(std::move(one));
  }
  return groups;
}

RankedColumn::RankedColumn(const EntryContext& context)
    : column_(context.column("column", context.entry.column, data::ColumnType::kNumber)),
      grouping_(context.grouping()),
      keys_(column_.low, column_.high, "column \"" + column_.name + "\"", context.at("column")) {
  if (grouping_.size() < 2) {
    throw Failure({.code = "study.not_two_groups",
                   .message = "this test compares two groups or more",
                   .where = context.at("by"),
                   .remedy = "name a column with two levels or more"});
  }
  check_groups_of_rows(grouping_, context);
}

Declaration RankedColumn::declare(const mpc::ReleaseRule& rule) const {
  Declaration declaration;
  declaration.analyst_learns = {"the number of people" + grouping_.describe() + " and the sum of their ranks by " +
                                column_.name + " over all sites together, and one number for how many people share " +
                                "a value; nothing when one of the groups is of " + below_minimum(rule)};
  declaration.columns = {column_.name};
  for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
  declare_ranked_rows(declaration, ranked_rows_key(column_, grouping_), grouping_.size());
  return declaration;
}

nlohmann::json RankedColumn::groups_json(const std::optional<RankedSample>& sample) const {
  std::vector<std::string> codes, labels;
  for (std::size_t g = 0; g < grouping_.size(); ++g) {
    codes.push_back(grouping_.code(g));
    labels.push_back(grouping_.label(g));
  }
  return rank_groups_json(codes, labels, sample);
}

nlohmann::json RankTest::present(const mpc::ReleasedOutcome& outcome) const {
  TestResult result = blank();
  const auto sample = read_rank_sums(outcome);
  result.groups = source().groups_json(sample);
  if (sample) test(*sample, result);
  return test_json(result, names_of(source().grouping().columns()), 0.95);
}

}  // namespace cohortium::statistics
