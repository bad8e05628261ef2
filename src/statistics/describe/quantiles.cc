// Quantiles of a column in all or per group: median, quartiles or any others, pooled and exact.
//
// Local      per group: people at each point of a public grid (durations), or their number (other numbers)
// Rows       of numbers that have no grid: the value as a key, and one column per group that says who belongs to it
// Under MPC  for every quantile the two order statistics it lies between. On a grid: sums over sites and along the grid,
//            all compared with the rank. Of rows: bit by bit (oblivious/selection.h), which for one quantile sends an eighth
//            of a sort. Then the minimum-cell rule on the people at or below and at or above
// Released   n, and per quantile the two order statistics, where enough people are on either side; the quantile follows
// Error      none on a grid; other numbers as statistics/hypothesis/rank_keys.h
// Source     Hyndman and Fan (1996), type 7: as R's quantile. Probabilities are multiples of 1/1000
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/compare.h"
#include "oblivious/fixed_point.h"
#include "oblivious/selection.h"
#include "statistics/describe/kinds.h"
#include "statistics/entries.h"
#include "statistics/hypothesis/ranked_groups.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;
using mpc::u64;

constexpr u64 denominator = 1000;  // of probabilities
constexpr int product_bits = mpc::count_bits + 11;

class Quantiles final : public Analysis {
 public:
  explicit Quantiles(const EntryContext& context)
      : column_(number_or_duration(context)),
        grouping_(context.grouping()),
        rule_(context.rule),
        probabilities_(context.entry.probabilities) {
    if (column_.type == data::ColumnType::kNumber) {
      keys_.emplace(column_.low, column_.high, "column \"" + column_.name + "\"", context.at("column"));
      check_groups_of_rows(grouping_, context);
    }
    if (probabilities_.empty()) probabilities_ = {0.25, 0.5, 0.75};
    for (const double probability : probabilities_) {
      const double thousandths = probability * static_cast<double>(denominator);
      if (std::abs(thousandths - std::round(thousandths)) > 1e-9) {
        throw Failure({.code = "study.bad_probability",
                       .message = "a probability is no multiple of 0.001",
                       .where = context.at("probabilities"),
                       .remedy = "round it to three places"});
      }
      thousandths_.push_back(static_cast<u64>(std::llround(thousandths)));
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "quantiles of " + column_.name + grouping_.describe();
    const std::string few = below_minimum(rule_);
    declaration.analyst_learns = {
        "the number of people" + grouping_.describe() + " over all sites together, and quantiles of " + column_.name +
            " with the two values each lies between, which are values of single people; no quantile with " + few +
            " at or beyond it on either side",
        "which groups and quantiles are withheld for that"};
    declaration.columns = {column_.name};
    for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate = (keys_ ? "known\x1f" : "grid\x1f") + column_.name + "\x1f" + grouping_.key();
    declaration.aggregate_size = grouping_.size() * points();
    if (keys_) declare_ranked_rows(declaration, ranked_rows_key(column_, grouping_), grouping_.size());
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    const RowGroups groups(grouping_, table);
    const data::Column& column = table.column(column_.name);
    std::vector<u128> counts(grouping_.size() * points());
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (groups[row] == grouping_.size() || is_missing(column, row)) continue;
      counts[groups[row] * points() + (keys_ ? 0 : column.grid[row])] += 1;
    }
    return counts;
  }

  std::vector<u128> rows(const data::Table& table) const override {
    return keys_ ? ranked_rows(table, column_, *keys_, grouping_) : std::vector<u128>();
  }

  // Records: per group, one for n and one per probability, whose people are those on the smaller side of the quantile.
  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const std::size_t k = grouping_.size(), q = thousandths_.size();
    const Shared<u128> people = sum_blocks(inputs.aggregate, points());
    const Shared<u128> places = keys_ ? selected(engine, inputs, narrow(people)) : on_the_grid(engine, inputs);
    std::vector<Shared<u64>> smaller_side;
    // floor(n p) people at least are below or at it, floor(n (1 - p)) above or at it, up to one person: n p - 1 counts.
    for (const u64 p : thousandths_) smaller_side.push_back(scale(narrow(people), std::min(p, denominator - p)));
    // Enough people on the smaller side: min(p, 1 - p) n >= minimum.
    const mpc::SharedBits enough = engine.not_bits(
        oblivious::less_than_public(engine, concatenate(std::span<const Shared<u64>>(smaller_side)),
                                    u64{denominator * std::max<u64>(rule_.minimum_cell, 1)}, product_bits));
    const Shared<u128> all = tile(people, q);
    const Shared<u128> counted = rule_.minimum_cell > 1 ? oblivious::keep_where(engine, enough, all) : all;
    std::vector<std::size_t> lower, upper;
    for (std::size_t i = 0; i < q; ++i) {
      for (std::size_t g = 0; g < k; ++g) {
        lower.push_back((2 * i) * k + g);
        upper.push_back((2 * i + 1) * k + g);
      }
    }
    const Shared<u128> none = oblivious::constant_fill(engine, k, u128{0});
    const std::vector<Shared<u128>> records{people, counted}, low{none, gather(places, lower)},
        high{none, gather(places, upper)};
    return {.cells = mpc::SharedCells{.people = concatenate(std::span(records)),
                                      .values = {concatenate(std::span(low)), concatenate(std::span(high))}},
            .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    nlohmann::json groups = nlohmann::json::array();
    const std::size_t k = grouping_.size();
    for (std::size_t g = 0; g < k; ++g) {
      nlohmann::json quantiles = nlohmann::json::array();
      for (std::size_t i = 0; i < thousandths_.size(); ++i) {
        const std::size_t record = (i + 1) * k + g;
        if (!outcome.cells->passed[g] || !outcome.cells->passed[record]) {
          quantiles.push_back(nullptr);
          continue;
        }
        const u64 rest = static_cast<u64>((*outcome.cells->people[g] - 1) * thousandths_[i] % denominator);
        const double lower = value(outcome.cells->values[0][record]), upper = value(outcome.cells->values[1][record]);
        quantiles.push_back(rest == 0 ? lower
                                      : lower + (upper - lower) * (static_cast<double>(rest) / double{denominator}));
      }
      groups.push_back({{"group", grouping_.code(g)},
                        {"label", grouping_.label(g)},
                        {"n", count_json(outcome.cells->people[g])},
                        {"quantiles", std::move(quantiles)}});
    }
    return {{"column", {{"name", column_.name}, {"unit", column_.unit}}},
            {"by", names_of(grouping_.columns())},
            {"probabilities", probabilities_},
            {"groups", std::move(groups)}};
  }

 private:
  static data::ColumnDeclaration number_or_duration(const EntryContext& context) {
    const data::ColumnDeclaration& column = context.any_column("column", context.entry.column);
    const bool number = column.type == data::ColumnType::kNumber;
    return number ? column : context.column("column", context.entry.column, data::ColumnType::kDuration);
  }

  // Numbers that each site shares per group.
  std::size_t points() const { return keys_ ? 1 : column_.grid_size(); }

  double value(u128 place) const { return keys_ ? keys_->value(place) : column_.low + to_double(place) * column_.step; }

  // (n - 1) p in thousandths, per group, and one person more: the places of the two order statistics, probability by
  // probability.
  std::vector<Shared<u64>> scaled_places(mpc::Engine& engine, const Shared<u64>& people) const {
    const std::size_t k = grouping_.size();
    std::vector<Shared<u64>> places;
    for (const u64 p : thousandths_) {
      const Shared<u64> place = scale(subtract(people, oblivious::constant_fill(engine, k, u64{1})), p);
      places.push_back(place);
      places.push_back(add(place, oblivious::constant_fill(engine, k, denominator)));
    }
    return places;
  }

  // The order statistic of rank j + 1 is the first grid point whose running sum passes j. With j the whole part of
  // h = (n - 1) p: running > h, and running > h + 1 for the next one. Counted are the grid points that do not pass.
  Shared<u128> on_the_grid(mpc::Engine& engine, const SiteInputs& inputs) const {
    const std::size_t grid = column_.grid_size();
    const Shared<u64> scaled = scale(narrow(prefix_sum_blocks(inputs.aggregate, grid)), denominator);
    std::vector<Shared<u64>> sums, ranks;
    for (const Shared<u64>& places : scaled_places(engine, narrow(sum_blocks(inputs.aggregate, grid)))) {
      sums.push_back(scaled);
      ranks.push_back(repeat(places, grid));
    }
    const mpc::SharedBits passed = oblivious::less_than(engine, concatenate(std::span<const Shared<u64>>(ranks)),
                                                        concatenate(std::span<const Shared<u64>>(sums)));
    return sum_blocks(engine.ring<u128>().from_bit(engine.not_bits(passed)), grid);
  }

  Shared<u128> selected(mpc::Engine& engine, const SiteInputs& inputs, const Shared<u64>& people) const {
    const std::size_t k = grouping_.size();
    const std::vector<Shared<u64>> places = scaled_places(engine, people);
    if (inputs.row_count == 0) return oblivious::constant_fill(engine, places.size() * k, u128{0});
    const std::vector<mpc::SharedBits> planes = engine.to_bits(narrow(inputs.column(0)), rank_key_bits);
    std::vector<mpc::SharedBits> groups, members;
    for (std::size_t g = 0; g < k; ++g) groups.push_back(std::move(engine.to_bits(narrow(inputs.column(1 + g)), 1)[0]));
    for (std::size_t i = 0; i < places.size(); ++i) members.insert(members.end(), groups.begin(), groups.end());
    return oblivious::widen(engine,
                            oblivious::select_places(engine, planes, std::move(members),
                                                     concatenate(std::span<const Shared<u64>>(places)), denominator),
                            rank_key_bits);
  }

  data::ColumnDeclaration column_;
  Grouping grouping_;
  mpc::ReleaseRule rule_;
  std::vector<double> probabilities_;
  std::vector<u64> thousandths_;
  std::optional<RankKeys> keys_;  // of a number without a grid
};

}  // namespace

std::unique_ptr<Analysis> make_quantiles(const EntryContext& context) { return std::make_unique<Quantiles>(context); }

}  // namespace cohortium::statistics
