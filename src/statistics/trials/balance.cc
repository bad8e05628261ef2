// Balance of two groups: standardised mean differences of several numbers and categories.
//
// Local      per group n and, of each number, its sum and sum of squares, of each category the people of each level;
//            rows that have a value in all of these columns
// Under MPC  sums over sites; a category is withheld where one of its counts is some people but too few; everything
//            where one of the groups is too small
// Released   n of both groups; of each column that passes mean and variance, or the counts of its levels
// Error      numbers are rounded once (statistics/moments.h); otherwise none
// Source     Cohen (1988); Austin (2009): (x1 - x0) / sqrt((s1^2 + s0^2) / 2), with p (1 - p) as the variance of a level;
//            limits of numbers: Hedges and Olkin (1985)
#include "statistics/trials/balance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "oblivious/compare.h"
#include "statistics/distributions.h"
#include "statistics/moments.h"
#include "statistics/test_result.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

struct Covariate {
  data::ColumnDeclaration column;
  MomentScale scale = {};
  std::size_t values = 2;  // per group: sum and squares, or one count per level
  std::size_t offset = 0;  // in the aggregate; group by group
  bool is_number() const { return column.type == data::ColumnType::kNumber; }
};

class Balance final : public Analysis {
 public:
  explicit Balance(const EntryContext& context)
      : by_(context.grouping()), rule_(context.rule), confidence_(context.entry.confidence) {
    for (const std::string& name : context.entry.columns) {
      Covariate covariate{.column = context.any_column("columns", name)};
      if (covariate.is_number()) {
        covariate.scale =
            moment_scale(covariate.column.low, covariate.column.high, "column \"" + name + "\"", context.at("columns"));
      } else {
        covariate.values = context.column("columns", name, data::ColumnType::kCategory).levels.size();
      }
      covariate.offset = size_;
      size_ += 2 * covariate.values;
      most_values_ = std::max(most_values_, covariate.values);
      covariates_.push_back(std::move(covariate));
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    std::string names;
    declaration.aggregate = "balance\x1f" + by_.key();
    for (const Covariate& covariate : covariates_) {
      names += (names.empty() ? "" : ", ") + covariate.column.name;
      declaration.aggregate += "\x1f" + covariate.column.name;
      declaration.columns.push_back(covariate.column.name);
      if (covariate.is_number())
        declaration.error_bound = std::max(declaration.error_bound, std::ldexp(1.0, -covariate.scale.fraction_bits));
    }
    declaration.computes = "the balance of " + names + by_.describe();
    declaration.analyst_learns = {
        "the number of people" + by_.describe() + " with a value of all of " + names +
        " over all sites together, and of each of these columns mean and variance or the number of people of each "
        "level; nothing when one of the groups has " +
        below_minimum(rule_) + ", nothing of a category of which one count is some but " + below_minimum(rule_)};
    for (const auto& column : by_.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate_size = size_;
    declaration.aggregate_bounds = {counts_of_people(2)};
    for (const Covariate& covariate : covariates_) {
      const double half = (covariate.column.high - covariate.column.low) / 2;
      for (std::size_t group = 0; group < 2; ++group) {
        if (!covariate.is_number()) {
          declaration.aggregate_bounds.push_back(counts_of_people(covariate.values));
          continue;
        }
        declaration.aggregate_bounds.push_back(bounds_of_sums(1, half, covariate.scale));
        declaration.aggregate_bounds.push_back(bounds_of_squares(1, half, covariate.scale));
      }
    }
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    const RowGroups groups(by_, table);
    std::vector<const data::Column*> columns;
    for (const Covariate& covariate : covariates_) columns.push_back(&table.column(covariate.column.name));
    std::vector<u128> sums(size_);
    for (std::size_t row = 0; row < table.rows; ++row) {
      const auto lacks = [&](const data::Column* c) { return !c->missing.empty() && c->missing[row]; };
      const std::size_t group = groups[row];
      if (group == 2 || std::any_of(columns.begin(), columns.end(), lacks)) continue;
      sums[group] += 1;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::size_t at = covariates_[i].offset + group * covariates_[i].values;
        if (covariates_[i].is_number()) {
          const mpc::i128 x = scaled(columns[i]->number[row], covariates_[i].scale);
          sums[at] += static_cast<u128>(x);
          sums[at + 1] += static_cast<u128>(x * x);
        } else {
          sums[at + columns[i]->level[row]] += 1;
        }
      }
    }
    return sums;
  }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const Shared<u128> people = slice(inputs.aggregate, 0, 2);
    const Shared<u128> shown = engine.keep_where(may_show(engine, inputs.aggregate), tile(people, covariates_.size()));
    mpc::SharedCells cells{.people = shown, .values = {}};
    const Shared<u128> zero = subtract(slice(people, 0, 1), slice(people, 0, 1));
    for (std::size_t v = 0; v < most_values_; ++v) {
      std::vector<Shared<u128>> parts;
      for (const Covariate& covariate : covariates_) {
        for (std::size_t g = 0; g < 2; ++g)
          parts.push_back(v < covariate.values ? slice(inputs.aggregate, covariate.offset + g * covariate.values + v, 1)
                                               : zero);
      }
      cells.values.push_back(concatenate(std::span<const Shared<u128>>(parts)));
    }
    return {.cells = std::move(cells), .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    TestResult result{.method = "Balance of " + by_.label(0) + " and " + by_.label(1), .statistic_name = ""};
    for (std::size_t i = 0; i < covariates_.size(); ++i) {
      const bool shown = cells.passed[2 * i] && cells.passed[2 * i + 1];
      if (covariates_[i].is_number())
        present_number(result, covariates_[i], cells, i, shown);
      else
        present_category(result, covariates_[i], cells, i, shown);
    }
    return test_json(result, names_of(by_.columns()), confidence_);
  }

 private:
  // One bit per column and group, both groups alike.
  SharedBits may_show(mpc::Engine& engine, const Shared<u128>& aggregate) const {
    // Every count twice: whether it is below the minimum, and whether it is nobody.
    std::vector<std::size_t> counts{0, 1};
    for (const Covariate& covariate : covariates_) {
      if (covariate.is_number()) continue;
      for (std::size_t v = 0; v < 2 * covariate.values; ++v) counts.push_back(covariate.offset + v);
    }
    const std::size_t n = counts.size();
    const Shared<u64> values = narrow(gather(aggregate, counts));
    std::vector<u64> bounds(2 * n, rule_.minimum_cell);
    std::fill_n(bounds.begin() + static_cast<std::ptrdiff_t>(n), n, u64{1});
    const SharedBits below =
        oblivious::less_than(engine, tile(values, 2), engine.constant(std::span<const u64>(bounds)), mpc::count_bits);
    const SharedBits few =
        engine.and_bits(slice(below, 0, n), engine.not_bits(slice(below, n, n)));  // some but too few
    const SharedBits enough = engine.not_bits(slice(below, 0, n));
    const SharedBits groups = engine.and_bits(slice(enough, 0, 1), slice(enough, 1, 1));
    std::vector<SharedBits> bits;
    std::size_t next = 2;
    for (const Covariate& covariate : covariates_) {
      SharedBits ok = groups;
      for (std::size_t v = 0; !covariate.is_number() && v < 2 * covariate.values; ++v)
        ok = engine.and_bits(ok, engine.not_bits(slice(few, next++, 1)));
      bits.insert(bits.end(), {ok, ok});
    }
    return concatenate(std::span<const SharedBits>(bits));
  }

  void present_number(TestResult& result, const Covariate& covariate, const mpc::ReleasedCells& cells,
                      std::size_t index, bool shown) const {
    std::array<Moments, 2> m;
    for (std::size_t g = 0; g < 2; ++g) {
      const std::size_t record = 2 * index + g;
      if (shown)
        m[g] = moments_of(*cells.people[record], cells.values[0][record], cells.values[1][record], covariate.scale);
      result.groups.push_back({{"group", covariate.column.name + ", " + by_.code(g)},
                               {"label", covariate.column.name + ", " + by_.label(g)},
                               {"n", shown ? count_json(cells.people[record]) : nullptr},
                               {"mean", shown ? nlohmann::json(m[g].mean) : nullptr},
                               {"sd", shown && m[g].n > 1 ? nlohmann::json(std::sqrt(m[g].variance)) : nullptr}});
    }
    TestEstimate estimate{.name = covariate.column.name, .value = std::numeric_limits<double>::quiet_NaN()};
    const double spread = std::sqrt((m[0].variance + m[1].variance) / 2);
    if (shown && m[0].n > 1 && m[1].n > 1 && spread > 1e-14 * std::abs(m[0].mean)) {
      estimate.value = (m[0].mean - m[1].mean) / spread;
      const double error =
          std::sqrt((m[0].n + m[1].n) / (m[0].n * m[1].n) + estimate.value * estimate.value / (2 * (m[0].n + m[1].n)));
      const double z = normal_quantile(0.5 + confidence_ / 2);
      estimate.lower = estimate.value - z * error;
      estimate.upper = estimate.value + z * error;
    }
    result.estimates.push_back(estimate);
  }

  void present_category(TestResult& result, const Covariate& covariate, const mpc::ReleasedCells& cells,
                        std::size_t index, bool shown) const {
    for (std::size_t v = 0; v < covariate.values; ++v) {
      const data::Level& level = covariate.column.levels[v];
      std::array<double, 2> p{};
      for (std::size_t g = 0; g < 2; ++g) {
        const std::size_t record = 2 * index + g;
        const double n = shown ? to_double(cells.values[v][record]) : 0;
        if (shown) p[g] = n / to_double(*cells.people[record]);
        result.cells.push_back({{"levels", {covariate.column.name, level.code, by_.code(g)}},
                                {"labels", {covariate.column.name + " = " + level.label, by_.label(g)}},
                                {"n", shown ? count_json(std::optional(n)) : nullptr}});
      }
      const double spread = std::sqrt((p[0] * (1 - p[0]) + p[1] * (1 - p[1])) / 2);
      result.estimates.push_back(
          {covariate.column.name + " = " + level.label,
           shown && spread > 0 ? (p[0] - p[1]) / spread : std::numeric_limits<double>::quiet_NaN()});
    }
  }

  Grouping by_;
  mpc::ReleaseRule rule_;
  double confidence_;
  std::vector<Covariate> covariates_;
  std::size_t size_ = 2, most_values_ = 2;  // of the aggregate: n of both groups, then each covariate's
};

}  // namespace

std::unique_ptr<Analysis> make_balance(const EntryContext& context) { return std::make_unique<Balance>(context); }

}  // namespace cohortium::statistics
