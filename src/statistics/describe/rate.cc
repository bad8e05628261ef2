// Incidence rates: events per person-time, in all or per group, with exact Poisson limits.
//
// Local      per group: people with and without the event, and the sum of their times as an integer
// Under MPC  sums over sites; the rule on people and on events
// Released   events and person-time where enough people are in the group and nobody or enough had the event; the number
//            of people where nobody or enough of them did not have it; rate and limits follow
// Noise      1 row: 1 person in one count, and at most 2^12 units of time; limits by the score, widened
//            (statistics/noisy_intervals.h)
// Error      each time is rounded once, to 2^-f (f = 40 for any usual range; with noise, a 4096th to a 2048th of the longest
//            time); the sums are exact
// Source     Garwood (1936); as R's poisson.test
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "statistics/describe/kinds.h"
#include "statistics/describe/noisy_kinds.h"
#include "statistics/describe/person_time.h"
#include "statistics/distributions.h"
#include "statistics/entries.h"
#include "statistics/estimate.h"
#include "statistics/noisy_intervals.h"
#include "statistics/outcome_column.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

class Rate final : public NoisyAnalysis {
 public:
  Rate(const EntryContext& context, PersonTime time)
      : time_(std::move(time)),
        outcome_(context),
        grouping_(context.grouping()),
        rule_(context.rule),
        per_(context.entry.per),
        confidence_(context.entry.confidence) {}

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the rate of " + outcome_.describe() + " over " + time_.column().name +
                           grouping_.describe() + " with exact " + percent(confidence_) + " confidence limits";
    const std::string few = below_minimum(rule_);
    declaration.analyst_learns = {
        "the number of events and the sum of " + time_.column().name + grouping_.describe() +
            " over all sites together; nothing of a group of " + few + ", nor of one in which some but " + few +
            " had the event",
        "the number of people" + grouping_.describe() + ", unless some but " + few + " had no event"};
    declaration.columns = {time_.column().name, outcome_.name()};
    for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate = "rate\x1f" + time_.column().name + "\x1f" + outcome_.key() + "\x1f" + grouping_.key();
    declaration.aggregate_size = 3 * grouping_.size();
    declaration.aggregate_bounds = {counts_of_people(2 * grouping_.size()), time_.sums(grouping_.size())};
    declaration.error_bound = std::ldexp(1.0, -time_.fraction_bits());
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    const RowGroups groups(grouping_, table);
    const std::vector<std::optional<bool>> outcomes = outcome_.read(table);
    const std::vector<std::optional<u128>> times = time_.read(table);
    const std::size_t k = grouping_.size();
    std::vector<u128> sums(3 * k);
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (groups[row] == k || !outcomes[row] || !times[row]) continue;
      sums[(*outcomes[row] ? 0 : k) + groups[row]] += 1;
      sums[2 * k + groups[row]] += *times[row];
    }
    return sums;
  }

  mpc::SharedOutcome secure(mpc::Engine&, const SiteInputs& inputs) const override {
    const std::size_t k = grouping_.size();
    const Shared<u128> events = slice(inputs.aggregate, 0, k);
    return {.cells = mpc::SharedCells{.people = add(events, slice(inputs.aggregate, k, k)),
                                      .values = {events, slice(inputs.aggregate, 2 * k, k)},
                                      .events = events},
            .curve = {}};
  }

  std::vector<AggregatePart> parts() const override {
    return {{.size = 2 * grouping_.size()}, time_.part(grouping_.size())};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    return presented(outcome, [&](double events, double time) -> std::optional<Limits> {
      if (time <= 0) return std::nullopt;
      const double tail = (1 - confidence_) / 2;
      return Limits{poisson_lower_limit(events, tail) / time, poisson_upper_limit(events, tail) / time};
    });
  }

  nlohmann::json present_noisy(const mpc::ReleasedOutcome& outcome, std::span<const AddedNoise> noise) const override {
    const AddedNoise of_time{.deviation = time_.in_units(noise[1].deviation), .laplace = noise[1].laplace};
    return presented(
        outcome, [&](double events, double time) { return rate_limits(events, time, confidence_, noise[0], of_time); });
  }

 private:
  template <class LimitsOf>
  nlohmann::json presented(const mpc::ReleasedOutcome& outcome, const LimitsOf& limits_of) const {
    nlohmann::json groups = nlohmann::json::array();
    for (std::size_t i = 0; i < grouping_.size(); ++i) {
      Estimate estimate;
      if (outcome.cells->people[i]) estimate.n = to_double(*outcome.cells->people[i]);
      if (outcome.cells->passed[i]) {
        const double events = to_double(outcome.cells->values[0][i]), time = time_.decode(outcome.cells->values[1][i]);
        estimate.events = events;
        estimate.person_time = std::max(0.0, time);  // noise can bring it below
        if (const std::optional<Limits> limits = limits_of(events, time)) {
          estimate.value = per_ * events / time;
          estimate.lower = per_ * limits->lower;
          estimate.upper = per_ * limits->upper;
        }
      }
      groups.push_back(estimate_json(grouping_, i, estimate));
    }
    return {{"measure", "rate"},
            {"outcome", outcome_.describe()},
            {"unit", time_.column().unit},
            {"by", names_of(grouping_.columns())},
            {"per", per_},
            {"confidence", confidence_},
            {"groups", std::move(groups)}};
  }

  PersonTime time_;
  OutcomeColumn outcome_;
  Grouping grouping_;
  mpc::ReleaseRule rule_;
  double per_, confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_rate(const EntryContext& context) {
  return std::make_unique<Rate>(context, PersonTime(context));
}

std::unique_ptr<NoisyAnalysis> make_noisy_rate(const EntryContext& context) {
  return std::make_unique<Rate>(context, PersonTime(context, PersonTime::Units::kFewBits));
}

}  // namespace cohortium::statistics
