// n, mean, variance and standard deviation of a column, in all or per group.
//
// Local      per group: n, the sum and the sum of squares of (x - centre) in fixed point (statistics/moments.h)
// Under MPC  sums over sites; the minimum-cell rule on n
// Released   n and both sums for the groups that pass; mean, variance and sd follow from them
// Error      each value is rounded once, to a relative 2^-f / range; the sums are exact integers
#include <cmath>
#include <nlohmann/json.hpp>

#include "statistics/entries.h"
#include "statistics/moments.h"

namespace cohortium::statistics {
namespace {

using mpc::u128;

class Describe final : public Analysis {
 public:
  explicit Describe(const EntryContext& context) : moments_(context), rule_(context.rule) {}

  Declaration declare() const override {
    Declaration declaration = moments_.declare(rule_);
    const std::string what = moments_.column().name + moments_.grouping().describe();
    declaration.computes = "n, mean, variance and standard deviation of " + what;
    declaration.analyst_learns = {"the number of people, the mean and the variance of " + what +
                                  " over all sites together; which groups are withheld because " +
                                  below_minimum(rule_) + " are in them"};
    return declaration;
  }
  std::vector<u128> local(const data::Table& table) const override { return moments_.local(table); }
  mpc::SharedOutcome secure(mpc::Engine&, const SiteInputs& inputs) const override {
    return moments_.secure(inputs.aggregate, false);
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    nlohmann::json groups = moments_.groups_json(outcome);
    const auto moments = moments_.read(outcome);
    for (std::size_t i = 0; i < moments.size(); ++i) {
      const bool known = moments[i] && moments[i]->n > 1;
      groups[i]["variance"] = known ? nlohmann::json(moments[i]->variance) : nlohmann::json(nullptr);
    }
    return {{"column", {{"name", moments_.column().name}, {"unit", moments_.column().unit}}},
            {"by", names_of(moments_.grouping().columns())},
            {"groups", std::move(groups)}};
  }

 private:
  GroupedMoments moments_;
  mpc::ReleaseRule rule_;
};

}  // namespace

std::unique_ptr<Analysis> make_describe(const EntryContext& context) { return std::make_unique<Describe>(context); }

}  // namespace cohortium::statistics
