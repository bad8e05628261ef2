// Number of people, in all or per cell of a table.
//
// Local      counts of the site's rows per cell
// Under MPC  sums over sites; the minimum-cell rule
// Released   the counts that pass
// Error      none
#include <nlohmann/json.hpp>

#include "statistics/describe/kinds.h"
#include "statistics/entries.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

class Count final : public Analysis {
 public:
  Count(Grouping grouping, mpc::ReleaseRule rule) : grouping_(std::move(grouping)), rule_(rule) {}

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the number of people" + grouping_.describe();
    declaration.analyst_learns = {"the number of people" + grouping_.describe() +
                                  " over all sites together, and which of these " + "counts are withheld because " +
                                  below_minimum(rule_) + " stand behind them"};
    for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate = "count\x1f" + grouping_.key();
    declaration.aggregate_size = grouping_.size();
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    const RowGroups groups(grouping_, table);
    std::vector<u128> counts(grouping_.size() + 1);
    for (std::size_t row = 0; row < table.rows; ++row) counts[groups[row]] += 1;
    counts.pop_back();  // rows that belong to no group
    return counts;
  }

  mpc::SharedOutcome secure(mpc::Engine&, const SiteInputs& inputs) const override {
    return {.cells = mpc::SharedCells{.people = inputs.aggregate, .values = {}, .counts_only = true}, .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    nlohmann::json cells = nlohmann::json::array();
    for (std::size_t i = 0; i < grouping_.size(); ++i) {
      nlohmann::json cell = {{"levels", grouping_.codes(i)}, {"labels", grouping_.labels(i)}, {"n", nullptr}};
      if (outcome.cells->passed[i]) cell["n"] = static_cast<std::uint64_t>(*outcome.cells->people[i]);
      cells.push_back(std::move(cell));
    }
    std::vector<std::string> by;
    for (const auto& column : grouping_.columns()) by.push_back(column.name);
    return {{"by", by}, {"cells", std::move(cells)}};
  }

 private:
  Grouping grouping_;
  mpc::ReleaseRule rule_;
};

}  // namespace

std::unique_ptr<Analysis> make_count(const EntryContext& context) {
  return std::make_unique<Count>(context.grouping(), context.rule);
}

}  // namespace cohortium::statistics
