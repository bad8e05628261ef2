// Directly standardised rates and proportions: the strata's rates weighed by a public standard population.
//
// Local      per group and stratum: people, events, and their times as integers (people, for a proportion)
// Under MPC  sums over sites; sum_j w_j d_j / T_j and its variance sum_j w_j^2 d_j / T_j^2; whether every stratum has
//            time at all, and not less than events, without which there is no rate
// Released   per group the number of people, the standardised rate and its variance, where enough people are in the
//            group and nobody or enough had the event; nothing of a stratum. The number of people is withheld where some
//            but too few had no event
// Error      the rate is off by at most 4 units of 2^-56 per stratum, before `per`
// Source     Breslow and Day (1987), 2.3: the variance takes events as Poisson; normal limits
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"
#include "oblivious/division.h"
#include "statistics/describe/kinds.h"
#include "statistics/describe/person_time.h"
#include "statistics/distributions.h"
#include "statistics/entries.h"
#include "statistics/estimate.h"
#include "statistics/outcome_column.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

constexpr int quotient_bits = 57, weight_bits = 56, time_bits = 54;

class StandardisedRate final : public Analysis {
 public:
  explicit StandardisedRate(const EntryContext& context)
      : outcome_(context),
        grouping_(context.grouping()),
        strata_(context.grouping("standard", {context.entry.standard})),
        rule_(context.rule),
        per_(context.entry.per),
        confidence_(context.entry.confidence) {
    if (!context.entry.time.empty()) time_.emplace(context);
    if (time_) {
      // Times are summed in whole units of 2^-unit_bits_, below 2^54 for 2^32 people.
      const int range_bits = static_cast<int>(std::ceil(std::log2(std::max(time_->column().high, 1e-300))));
      unit_bits_ = time_bits - mpc::count_bits - range_bits - 1;
      // A grid needs no finer unit than its own: quotients keep more digits.
      const data::ColumnDeclaration& grid = time_->column();
      auto is_exact = [&](int bits) {
        return std::fmod(std::ldexp(grid.low, bits), 1) == 0 && std::fmod(std::ldexp(grid.step, bits), 1) == 0;
      };
      for (int bits = unit_bits_; grid.type == data::ColumnType::kDuration && bits >= 0 && is_exact(bits); --bits)
        unit_bits_ = bits;
      if (unit_bits_ < 0) {
        throw Failure(
            {.code = "study.range_too_wide",
             .message = "the range of column \"" + time_->column().name + "\" leaves too few digits for a rate",
             .where = context.at("time"),
             .remedy = "declare a narrower range or another unit"});
      }
    }
    read_weights(context);
  }

  Declaration declare() const override {
    Declaration declaration;
    const std::string over = time_ ? " over " + time_->column().name : "";
    declaration.computes = "the " + measure() + " of " + outcome_.describe() + over + grouping_.describe() +
                           ", directly standardised for " + strata_.columns()[0].name + ", with " +
                           percent(confidence_) + " confidence limits";
    const std::string few = below_minimum(rule_);
    declaration.analyst_learns = {
        "the standardised " + measure() + " of " + outcome_.describe() + grouping_.describe() +
            " and its standard error over all sites together, nothing of a single level of " +
            strata_.columns()[0].name + "; nothing of a group of " + few + ", of one in which some but " + few +
            " have the outcome, or of one that has nobody in some level",
        "the number of people" + grouping_.describe() + ", unless some but " + few +
            " of them do not have the outcome"};
    declaration.columns = {outcome_.name(), strata_.columns()[0].name};
    if (time_) declaration.columns.push_back(time_->column().name);
    for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate = "standardised\x1f" + (time_ ? time_->column().name : "") + "\x1f" + outcome_.key() +
                            "\x1f" + strata_.key() + "\x1f" + grouping_.key();
    declaration.aggregate_size = 3 * cells();
    if (time_)
      declaration.aggregate_bounds = {counts_of_people(2 * cells()),
                                      fixed_sums(cells(), 0, time_->column().high, unit_bits_)};
    declaration.error_bound = std::ldexp(per_ * unit() * static_cast<double>(strata_.size()), 2 - 56);
    return declaration;
  }

  // All values of one kind after the other, each stratum by stratum, each group by group.
  std::vector<u128> local(const data::Table& table) const override {
    const RowGroups groups(grouping_, table), strata(strata_, table);
    const std::vector<std::optional<bool>> outcomes = outcome_.read(table);
    std::vector<std::optional<u128>> times(table.rows, u128{1});
    if (time_) times = time_->read(table);
    const int drop = time_ ? time_->fraction_bits() - unit_bits_ : 0;
    std::vector<u128> sums(3 * cells());
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (groups[row] == grouping_.size() || strata[row] == strata_.size() || !outcomes[row] || !times[row]) continue;
      const std::size_t cell = strata[row] * grouping_.size() + groups[row];
      sums[cell] += 1;
      sums[cells() + cell] += *outcomes[row];
      sums[2 * cells() + cell] += drop > 0 ? (*times[row] + (u128{1} << (drop - 1))) >> drop : *times[row] << -drop;
    }
    return sums;
  }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const std::size_t k = grouping_.size();
    const Shared<u128> events = slice(inputs.aggregate, cells(), cells()),
                       times = slice(inputs.aggregate, 2 * cells(), cells());
    const std::vector<u128> ones(cells(), 1);
    const std::vector<Shared<u128>> numerators{events, engine.constant(std::span<const u128>(ones))};
    const Shared<u128> quotients =
        oblivious::divide(engine, concatenate(std::span(numerators)), tile(times, 2), time_bits, quotient_bits);
    std::vector<u128> weights;
    for (int part = 0; part < 2; ++part) {
      for (const double weight : weights_)
        weights.insert(weights.end(), k, static_cast<u128>(std::llround(std::ldexp(weight, weight_bits))));
    }
    const Shared<u128> weighed =
        engine.truncate(multiply_public(quotients, std::span<const u128>(weights)), weight_bits);
    // Sums run over strata: the order that has a group's strata side by side.
    std::vector<std::size_t> by_group;
    for (std::size_t group = 0; group < k; ++group) {
      for (std::size_t stratum = 0; stratum < strata_.size(); ++stratum) by_group.push_back(stratum * k + group);
    }
    const Shared<u128> rates = gather(slice(weighed, 0, cells()), by_group);
    const Shared<u128> inverses = gather(slice(weighed, cells(), cells()), by_group);
    const Shared<u128> rate = sum_blocks(rates, strata_.size());
    const Shared<u128> variance = engine.dot(rates, inverses, strata_.size());
    const mpc::SharedBits complete = every_rate_is_defined(engine, events, times);
    auto sum_over_strata = [&](const Shared<u128>& values) {
      return sum_blocks(gather(values, by_group), strata_.size());
    };
    const Shared<u128> people =
        oblivious::keep_where(engine, complete, sum_over_strata(slice(inputs.aggregate, 0, cells())));
    const Shared<u128> all_events = oblivious::keep_where(engine, complete, sum_over_strata(events));
    return {.cells = mpc::SharedCells{.people = people, .values = {rate, variance}, .events = all_events}, .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    nlohmann::json groups = nlohmann::json::array();
    const double z = normal_quantile(0.5 + confidence_ / 2);
    for (std::size_t i = 0; i < grouping_.size(); ++i) {
      Estimate estimate;
      if (outcome.cells->people[i]) estimate.n = to_double(*outcome.cells->people[i]);
      if (outcome.cells->passed[i]) {
        const double scale = per_ * unit();
        const double value = scale * mpc::decode_fixed(outcome.cells->values[0][i], quotient_bits);
        const double error =
            scale * std::sqrt(std::max(0.0, mpc::decode_fixed(outcome.cells->values[1][i], 2 * quotient_bits)));
        estimate.value = value;
        estimate.lower = std::max(0.0, value - z * error);
        estimate.upper = value + z * error;
      }
      groups.push_back(estimate_json(grouping_, i, estimate));
    }
    return {{"measure", "standardised " + measure()},
            {"outcome", outcome_.describe()},
            {"unit", time_ ? time_->column().unit : ""},
            {"standard", strata_.columns()[0].name},
            {"by", names_of(grouping_.columns())},
            {"per", per_},
            {"confidence", confidence_},
            {"groups", std::move(groups)}};
  }

 private:
  std::size_t cells() const { return grouping_.size() * strata_.size(); }
  std::string measure() const { return time_ ? "rate" : "proportion"; }
  double unit() const { return std::ldexp(1.0, unit_bits_); }  // units of the sums of times per unit of time

  // Per group: no stratum without time, or with more events than units of time, for which no quotient is computed.
  mpc::SharedBits every_rate_is_defined(mpc::Engine& engine, const Shared<u128>& events,
                                        const Shared<u128>& times) const {
    const std::vector<u128> ones(cells(), 1);
    const std::vector<Shared<u128>> least{events, engine.constant(std::span<const u128>(ones))};
    const mpc::SharedBits enough =
        engine.not_bits(oblivious::less_than(engine, tile(times, 2), concatenate(std::span(least)), time_bits));
    std::vector<mpc::SharedBits> planes;
    for (std::size_t i = 0; i < 2 * strata_.size(); ++i)
      planes.push_back(slice(enough, i * grouping_.size(), grouping_.size()));
    return oblivious::and_all(engine, std::move(planes));
  }

  void read_weights(const EntryContext& context) {
    auto refuse = [&](const std::string& message) {
      throw Failure({.code = "study.bad_weights",
                     .message = message,
                     .where = context.at("weights"),
                     .remedy = "give each level of the column a weight of 0 or more, not all 0"});
    };
    double total = 0;
    for (const data::Level& level : strata_.columns()[0].levels) {
      const auto found = context.entry.weights.find(level.code);
      if (found == context.entry.weights.end()) refuse("level \"" + level.code + "\" has no weight");
      weights_.push_back(found->second);
      total += found->second;
    }
    if (weights_.size() != context.entry.weights.size()) refuse("a weight is given for a level that is not declared");
    if (!(total > 0) || !std::isfinite(total)) refuse("the weights do not add up to a positive number");
    for (double& weight : weights_) weight /= total;
  }

  std::optional<PersonTime> time_;
  OutcomeColumn outcome_;
  Grouping grouping_, strata_;
  mpc::ReleaseRule rule_;
  double per_, confidence_;
  int unit_bits_ = 0;
  std::vector<double> weights_;  // per stratum, adding up to 1
};

}  // namespace

std::unique_ptr<Analysis> make_standardised_rate(const EntryContext& context) {
  return std::make_unique<StandardisedRate>(context);
}

}  // namespace cohortium::statistics
