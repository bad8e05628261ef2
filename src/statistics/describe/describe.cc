// n, missing values, mean, variance and standard deviation of a column, in all or per group.
//
// Local      per group: n, the sum and the sum of squares of (x - centre) in fixed point (statistics/moments.h); the number
//            of people without a value; where the study limits it, the largest magnitudes (statistics/dominance.h)
// Under MPC  sums over sites; the minimum-cell rule on n, and on the number of missing values; the rule on dominance
// Released   n and both sums for the groups that pass; mean, variance and sd follow from them. How many values are missing
//            where they are none or enough
// Error      each value is rounded once, to a relative 2^-f / range; the sums are exact integers
#include <cmath>
#include <nlohmann/json.hpp>

#include "statistics/describe/kinds.h"
#include "statistics/dominance.h"
#include "statistics/entries.h"
#include "statistics/moments.h"

namespace cohortium::statistics {
namespace {

using mpc::u128;

class Describe final : public Analysis {
 public:
  explicit Describe(const EntryContext& context) : moments_(context), rule_(context.rule) {
    if (rule_.dominance) dominance_.emplace(*rule_.dominance, moments_.column(), moments_.grouping().size());
  }

  Declaration declare() const override {
    Declaration declaration = moments_.declare(rule_);
    const std::string what = moments_.column().name + moments_.grouping().describe();
    declaration.computes = "n, missing values, mean, variance and standard deviation of " + what;
    declaration.analyst_learns = {"the number of people, the mean and the variance of " + what +
                                      " over all sites together; which groups are withheld because " +
                                      below_minimum(rule_) + " are in them",
                                  "how many people have no value, where that is nobody or not " + below_minimum(rule_)};
    declaration.aggregate += "\x1fmissing";
    declaration.aggregate_size += moments_.grouping().size();
    declaration.aggregate_bounds.push_back(counts_of_people(moments_.grouping().size()));
    if (!dominance_) return declaration;
    declaration.analyst_learns.push_back("nothing of a group in which " + dominance_->sentence());
    declaration.aggregate += "\x1f" + dominance_->key();
    declaration.aggregate_size += dominance_->size();
    for (const Bounds& bounds : dominance_->bounds()) declaration.aggregate_bounds.push_back(bounds);
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    std::vector<u128> sums = moments_.local(table), everybody = count_rows(moments_.grouping(), table);
    sums.insert(sums.end(), everybody.begin(), everybody.end());
    if (!dominance_) return sums;
    const RowGroups groups(moments_.grouping(), table);
    std::vector<std::size_t> group_of;
    for (std::size_t row = 0; row < table.rows; ++row) group_of.push_back(groups[row]);
    const std::vector<u128> largest = dominance_->local(table.column(moments_.column().name), group_of);
    sums.insert(sums.end(), largest.begin(), largest.end());
    return sums;
  }

  // The door takes those with a value for those with an event: both they and the others must be none or enough to show.
  // Without what single sites share, nothing is said of the largest values (study/plan.h gives it where a study asks).
  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const std::size_t k = moments_.grouping().size();
    const auto part = [&](std::size_t i) { return slice(inputs.aggregate, i * k, k); };
    mpc::SharedCells cells{.people = part(3), .values = {part(0), part(1), part(2)}, .events = part(0)};
    if (dominance_ && !inputs.by_site.empty()) {
      std::vector<mpc::Shared<u128>> of_sites;
      for (const auto& site : inputs.by_site) of_sites.push_back(slice(site, 4 * k, dominance_->size()));
      cells.vetoes = {dominance_->veto(engine, part(4), of_sites)};
    }
    return {.cells = std::move(cells), .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    // Those with a value, as moments have them.
    const mpc::ReleasedCells& cells = *outcome.cells;
    mpc::ReleasedCells with_value{.passed = cells.passed, .people = {}, .values = {}};
    for (std::size_t i = 0; i < cells.passed.size(); ++i)
      with_value.people.push_back(cells.passed[i] ? std::optional(cells.values[0][i]) : std::nullopt);
    if (!cells.values.empty()) with_value.values = {cells.values[1], cells.values[2]};
    const mpc::ReleasedOutcome known{.cells = std::move(with_value), .curve = {}};
    nlohmann::json groups = moments_.groups_json(known);
    const auto moments = moments_.read(known);
    for (std::size_t i = 0; i < moments.size(); ++i) {
      const bool varies = moments[i] && moments[i]->n > 1;
      groups[i]["variance"] = varies ? nlohmann::json(moments[i]->variance) : nlohmann::json(nullptr);
      groups[i]["missing"] = nullptr;
      if (moments[i] && cells.people[i])
        groups[i]["missing"] = count_json(std::optional(to_double(*cells.people[i]) - moments[i]->n));
    }
    return {{"column", {{"name", moments_.column().name}, {"unit", moments_.column().unit}}},
            {"by", names_of(moments_.grouping().columns())},
            {"groups", std::move(groups)}};
  }

 private:
  GroupedMoments moments_;
  mpc::ReleaseRule rule_;
  std::optional<Dominance> dominance_;
};

}  // namespace

std::unique_ptr<Analysis> make_describe(const EntryContext& context) { return std::make_unique<Describe>(context); }

}  // namespace cohortium::statistics
