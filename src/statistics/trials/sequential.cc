// An interim look of a group-sequential trial: the statistic is compared with its boundary on shared values, and the
// decision alone is opened, so nobody is unblinded.
//
// Local      log-rank: events and censorings per group and time; proportions: two counts per group; means: n and a sum per
//            group, a sum of squares
// Under MPC  sums over sites; score and variance (statistics/survival/score_statistic.h); score^2 >= boundary^2 variance and the sign
// Released   the number of people of both groups together, and one of: continue, stop for efficacy, stop for futility; where
//            two-sided, whether the first group is higher or lower; nothing when a group is too small
// Error      the boundary is met within 1e-5 in Z where the variance of the score is at least 1
// Source     statistics/trials/group_sequential.h
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/compare.h"
#include "statistics/entries.h"
#include "statistics/outcome_column.h"
#include "statistics/survival/score_statistic.h"
#include "statistics/survival/survival_counts.h"
#include "statistics/test_result.h"
#include "statistics/trials/group_sequential.h"
#include "statistics/trials/kinds.h"

namespace cohortium::statistics {
namespace {

using mpc::i128;
using mpc::Shared;
using mpc::u128;
using mpc::u64;

enum Decision : std::size_t { kContinue, kEfficacy, kFutility, kOpposite };

// What a look compares: the columns, and how they become a score.
class Comparison {
 public:
  explicit Comparison(const EntryContext& context) : by_(context.grouping()) {
    const AnalysisEntry& entry = context.entry;
    if (entry.method == "log_rank") {
      survival_ = survival_columns(context);
      check_survival_numbers(survival_->grid(), context.path);
    } else if (entry.method == "means") {
      column_ = context.column("column", entry.column, data::ColumnType::kNumber);
    } else {
      outcome_.emplace(context);
    }
    if (by_.size() != 2) {
      throw Failure({.code = "study.not_two_groups",
                     .message = "an interim look compares two groups",
                     .where = context.at("by"),
                     .remedy = "name a column with two levels, or leave rows out with data/where"});
    }
  }

  const Grouping& by() const { return by_; }
  std::string describe() const {
    const std::string what = survival_ ? "survival times " + survival_->time.name
                             : column_ ? "means of " + column_->name
                                       : "proportions of " + outcome_->describe();
    return what + by_.describe();
  }
  std::vector<std::string> columns() const {
    std::vector<std::string> names;
    if (survival_) names = {survival_->time.name, survival_->event.name};
    if (column_) names = {column_->name};
    if (outcome_) names = {outcome_->name()};
    for (const auto& column : by_.columns()) names.push_back(column.name);
    return names;
  }
  std::string key() const {
    if (survival_) return survival_->key();
    return column_ ? "scaled moments\x1f" + column_->name + "\x1f" + by_.key()
                   : "two groups' outcomes\x1f" + outcome_->key() + "\x1f" + by_.key();
  }
  std::size_t size() const { return survival_ ? survival_->aggregate_size() : column_ ? 5 : 4; }

  // Of what local gives; none where all are counts of people.
  std::vector<Bounds> bounds() const {
    if (!column_) return {};
    return {counts_of_people(2), fixed_sums(2, -1, 1, value_bits), fixed_sums(1, 0, 1 + 0x1p-10, 2 * value_bits)};
  }
  std::vector<u128> local(const data::Table& table) const {
    if (survival_) return count_locally(*survival_, table);
    const RowGroups groups(by_, table);
    std::vector<u128> sums(size());  // people, then those with the outcome or sums, then squares
    const std::vector<std::optional<bool>> known =
        outcome_ ? outcome_->read(table) : std::vector<std::optional<bool>>(table.rows);
    const data::Column* column = column_ ? &table.column(column_->name) : nullptr;
    for (std::size_t row = 0; row < table.rows; ++row) {
      const bool missing = column ? !column->missing.empty() && column->missing[row] : !known[row];
      if (groups[row] == 2 || missing) continue;
      sums[groups[row]] += 1;
      if (column) {
        const double middle = column_->low + (column_->high - column_->low) / 2;
        const double x = (column->number[row] - middle) / (column_->high - column_->low) * 2;
        const auto integer = static_cast<i128>(std::llround(std::ldexp(x, value_bits)));
        sums[2 + groups[row]] += static_cast<u128>(integer);
        sums[4] += static_cast<u128>(integer * integer);
      } else {
        sums[2 + groups[row]] += *known[row] ? 1 : 0;
      }
    }
    return sums;
  }

  struct Score {
    Shared<u128> people;  // two
    SharedScore score;
  };
  Score score(mpc::Engine& engine, const Shared<u128>& aggregate) const {
    if (survival_) {
      const std::size_t grid = survival_->grid();
      const SurvivalCounts counts = split_aggregate(*survival_, aggregate);
      auto both = [&](const Shared<u128>& of_groups) {
        return add(slice(of_groups, 0, grid), slice(of_groups, grid, grid));
      };
      return {counts.people, log_rank_score(engine, slice(counts.events, 0, grid), both(counts.events),
                                            slice(counts.at_risk, 0, grid), both(counts.at_risk))};
    }
    const Shared<u128> people = slice(aggregate, 0, 2), second = slice(aggregate, 2, 2);
    return {people, column_ ? mean_score(engine, people, second, slice(aggregate, 4, 1))
                            : proportion_score(engine, people, second)};
  }

 private:
  Grouping by_;
  std::optional<SurvivalColumns> survival_;
  std::optional<data::ColumnDeclaration> column_;
  std::optional<OutcomeColumn> outcome_;
};

void check_information(const EntryContext& context, const std::string& field, const std::vector<double>& fractions) {
  double before = 0;
  for (const double now : fractions) {
    if (!(now > before && now <= 1)) {
      throw Failure({.code = "study.bad_information",
                     .message = "information fractions do not ascend from above 0 to at most 1",
                     .where = context.at(field),
                     .remedy = "give the fraction at each look, the last look last"});
    }
    before = now;
  }
}

Spending spending_of(const std::string& name) {
  return name == "pocock" ? Spending::kPocock : Spending::kObrienFleming;
}

double alpha_of(const AnalysisEntry& entry) { return entry.alpha.value_or(entry.alternative.empty() ? 0.05 : 0.025); }

std::vector<Look> looks_of(const EntryContext& context) {
  const AnalysisEntry& entry = context.entry;
  check_information(context, "information", entry.information);
  if ((entry.futility || entry.beta) && entry.alternative.empty()) {
    throw Failure({.code = "study.bad_information",
                   .message = "a two-sided trial has no side to be futile on",
                   .where = context.at(entry.beta ? "beta" : "futility"),
                   .remedy = "say which alternative is tested, or leave this out"});
  }
  return group_sequential(spending_of(entry.spending), alpha_of(entry), entry.alternative.empty(), entry.information);
}

// Where the trial plans for a type II error: how it is spent, and the drift it is planned for.
std::optional<Futility> futility_of(const EntryContext& context) {
  const AnalysisEntry& entry = context.entry;
  if (!entry.beta) return std::nullopt;
  check_information(context, "planned", entry.planned);
  if (entry.planned.empty() || entry.planned.back() != 1) {
    throw Failure({.code = "study.bad_information",
                   .message = "the trial's plan does not end with all information",
                   .where = context.at("planned"),
                   .remedy = "give the fractions of all planned looks, the last one 1"});
  }
  Futility futility{.spending = spending_of(entry.futility_spending), .beta = *entry.beta};
  futility.drift = planned_drift(spending_of(entry.spending), alpha_of(entry), futility, entry.planned);
  return futility;
}

class Sequential final : public Analysis {
 public:
  explicit Sequential(const EntryContext& context)
      : comparison_(context),
        looks_(looks_of(context)),
        spent_on_futility_(futility_of(context)),
        rule_(context.rule),
        futility_(context.entry.futility),
        alternative_(context.entry.alternative) {
    if (!spent_on_futility_) return;
    futility_boundaries_ = futility_boundaries(looks_, *spent_on_futility_);
    futility_ = futility_boundaries_.back();
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the interim decision on " + comparison_.describe();
    declaration.analyst_learns = {
        "whether the trial continues or stops at this look, and " +
            std::string(alternative_.empty() ? "if it stops, which group is higher" : "if it stops, for what") +
            "; not the statistic, nor anything of a group",
        "the number of people of both groups together; nothing when a group has " + below_minimum(rule_)};
    declaration.columns = comparison_.columns();
    declaration.aggregate = comparison_.key();
    declaration.aggregate_size = comparison_.size();
    declaration.aggregate_bounds = comparison_.bounds();
    declaration.error_bound = 1e-5;
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override { return comparison_.local(table); }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const auto [people, score] = comparison_.score(engine, inputs.aggregate);
    const auto crossed = beyond(engine, score, looks_.back().boundary), negative = is_negative(engine, score);
    const auto positive = engine.not_bits(negative);
    const auto upward = alternative_ == "less" ? negative : positive, downward = engine.not_bits(upward);
    const auto efficacy = engine.and_bits(crossed, upward);
    auto code = [&](const mpc::SharedBits& bit, Decision decision) {
      return scale(engine.ring<u128>().from_bit(bit), static_cast<u128>(decision));
    };
    Shared<u128> decision = code(efficacy, kEfficacy);
    if (alternative_.empty()) decision = add(decision, code(engine.and_bits(crossed, downward), kOpposite));
    if (futility_) {
      const auto past = beyond(engine, score, *futility_);
      // Not where there is hardly any variance: beyond 0 is where there is.
      const auto futile =
          *futility_ >= 0 ? engine.and_bits(beyond(engine, score, 0), engine.not_bits(engine.and_bits(upward, past)))
                          : engine.and_bits(downward, past);
      decision = add(decision, code(engine.and_bits(futile, engine.not_bits(efficacy)), kFutility));
    }
    const std::vector<u64> bounds(2, rule_.minimum_cell);
    const auto few =
        oblivious::less_than(engine, narrow(people), engine.constant(std::span<const u64>(bounds)), mpc::count_bits);
    const auto enough = engine.and_bits(engine.not_bits(slice(few, 0, 1)), engine.not_bits(slice(few, 1, 1)));
    return {.cells = mpc::SharedCells{.people = engine.keep_where(enough, sum_blocks(people, 2)), .values = {decision}},
            .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const mpc::ReleasedCells& cells = *outcome.cells;
    TestResult result{.method = "Interim look " + std::to_string(looks_.size()) + ", " + comparison_.describe(),
                      .statistic_name = ""};
    for (std::size_t i = 0; i < looks_.size(); ++i) {
      const std::string at = " at " + percent(looks_[i].information) + " of the information";
      result.estimates.push_back({"boundary of Z" + at, looks_[i].boundary});
      result.estimates.push_back({"type I error spent" + at, looks_[i].spent});
      if (spent_on_futility_) result.estimates.push_back({"boundary for futility" + at, futility_boundaries_[i]});
    }
    if (spent_on_futility_)
      result.estimates.push_back({"mean of Z planned for at all information", spent_on_futility_->drift});
    nlohmann::json decision;
    if (cells.passed.front()) {
      decision = name_of(static_cast<Decision>(cells.values[0][0]));
      result.estimates.push_back({"people", to_double(*cells.people[0])});
    }
    result.note = decision.is_null() ? "withheld" : "decision: " + decision.get<std::string>();
    nlohmann::json out = test_json(result, names_of(comparison_.by().columns()), 0.95);
    out["decision"] = decision;
    return out;
  }

 private:
  std::string name_of(Decision decision) const {
    const std::string group = comparison_.by().label(0);
    if (decision == kEfficacy) return alternative_.empty() ? "stop, " + group + " is higher" : "stop for efficacy";
    if (decision == kOpposite) return "stop, " + group + " is lower";
    return decision == kFutility ? "stop for futility" : "continue";
  }

  Comparison comparison_;
  std::vector<Look> looks_;
  std::optional<Futility> spent_on_futility_;
  std::vector<double> futility_boundaries_;
  mpc::ReleaseRule rule_;
  std::optional<double> futility_;
  std::string alternative_;
};

}  // namespace

std::unique_ptr<Analysis> make_sequential(const EntryContext& context) { return std::make_unique<Sequential>(context); }

}  // namespace cohortium::statistics
