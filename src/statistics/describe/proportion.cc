// Proportions and prevalences: the share of people who have an outcome, in all or per group, with Wilson's interval.
//
// Local      per group: people who have the outcome, and those who are known not to
// Under MPC  sums over sites; the rule on both, and on those who do not have it
// Released   both counts where nobody or enough people have the outcome, and nobody or enough do not; the proportion and
//            its interval follow
// Noise      1 row, 1 person in one count of either kind; the interval knows it (statistics/noisy_intervals.h)
// Error      none
// Source     Wilson (1927); as R's prop.test without continuity correction
#include <nlohmann/json.hpp>

#include "statistics/describe/kinds.h"
#include "statistics/describe/noisy_kinds.h"
#include "statistics/entries.h"
#include "statistics/estimate.h"
#include "statistics/noisy_intervals.h"
#include "statistics/outcome_column.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

class Proportion final : public NoisyAnalysis {
 public:
  explicit Proportion(const EntryContext& context)
      : outcome_(context),
        grouping_(context.grouping()),
        rule_(context.rule),
        name_(context.entry.kind),
        confidence_(context.entry.confidence) {}

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the " + name_ + " of " + outcome_.describe() + grouping_.describe() + " with " +
                           percent(confidence_) + " confidence limits";
    const std::string few = below_minimum(rule_);
    declaration.analyst_learns = {
        "the number of people and of those with " + outcome_.describe() + grouping_.describe() +
        " over all sites together; nothing of a group of " + few + ", nor of one in which some but " + few +
        " have the outcome; only the number with the outcome where some but " + few + " do not have it"};
    declaration.columns = {outcome_.name()};
    for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate = "proportion\x1f" + outcome_.key() + "\x1f" + grouping_.key();
    declaration.aggregate_size = 2 * grouping_.size();
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    const RowGroups groups(grouping_, table);
    const std::vector<std::optional<bool>> outcomes = outcome_.read(table);
    std::vector<u128> sums(2 * grouping_.size());
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (groups[row] == grouping_.size() || !outcomes[row]) continue;
      sums[(*outcomes[row] ? 0 : grouping_.size()) + groups[row]] += 1;
    }
    return sums;
  }

  mpc::SharedOutcome secure(mpc::Engine&, const SiteInputs& inputs) const override {
    const std::size_t k = grouping_.size();
    const Shared<u128> events = slice(inputs.aggregate, 0, k), people = add(events, slice(inputs.aggregate, k, k));
    return {.cells = mpc::SharedCells{.people = people, .values = {events}, .events = events, .counts_only = true},
            .curve = {}};
  }

  std::vector<AggregatePart> parts() const override { return {{.size = 2 * grouping_.size()}}; }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    return present_noisy(outcome, std::vector<AddedNoise>(1));
  }

  nlohmann::json present_noisy(const mpc::ReleasedOutcome& outcome, std::span<const AddedNoise> noise) const override {
    nlohmann::json groups = nlohmann::json::array();
    const std::vector<std::optional<double>> people = shown_counts(*outcome.cells, rule_);
    for (std::size_t i = 0; i < grouping_.size(); ++i) {
      Estimate estimate;
      estimate.n = people[i];
      if (outcome.cells->passed[i]) estimate.events = to_double(outcome.cells->values[0][i]);
      if (estimate.n == 0.0) estimate.events = 0;
      if (estimate.n && estimate.events && *estimate.n > 0) {
        estimate.value = *estimate.events / *estimate.n;
        const Limits limits = proportion_limits(*estimate.events, *estimate.n, confidence_, noise[0]);
        estimate.lower = limits.lower;
        estimate.upper = limits.upper;
      }
      groups.push_back(estimate_json(grouping_, i, estimate));
    }
    return {{"measure", name_}, {"outcome", outcome_.describe()}, {"by", names_of(grouping_.columns())},
            {"per", 1},         {"confidence", confidence_},      {"groups", std::move(groups)}};
  }

 private:
  OutcomeColumn outcome_;
  Grouping grouping_;
  mpc::ReleaseRule rule_;
  std::string name_;
  double confidence_;
};

}  // namespace

std::unique_ptr<Analysis> make_proportion(const EntryContext& context) { return std::make_unique<Proportion>(context); }

std::unique_ptr<NoisyAnalysis> make_noisy_proportion(const EntryContext& context) {
  return std::make_unique<Proportion>(context);
}

}  // namespace cohortium::statistics
