// A table of counts over one to six category columns, with totals and, on request, proportions.
//
// Local      counts of the site's rows per cell
// Under MPC  sums over sites; the minimum-cell rule on cells, and on what totals add to them
// Released   the cells that pass; totals over the last column, the last two, ..., all columns, where what they hold
//            beyond what is shown counts enough people; everything else follows from these (totals over other columns
//            show where all cells that they add up are shown)
// Error      none
#include <nlohmann/json.hpp>

#include "statistics/describe/kinds.h"
#include "statistics/entries.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

class Table final : public Analysis {
 public:
  Table(Grouping grouping, mpc::ReleaseRule rule, std::string proportions)
      : grouping_(std::move(grouping)), rule_(rule), proportions_(std::move(proportions)) {
    std::size_t length = 1;
    for (std::size_t i = grouping_.columns().size(); i-- > 0;) lengths_.push_back(length *= levels(i));
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "a table of the number of people" + grouping_.describe();
    const std::string few = below_minimum(rule_);
    declaration.analyst_learns = {
        "the number of people" + grouping_.describe() + " over all sites together, and which of these counts are " +
            "withheld because " + few + " stand behind them",
        "totals of this table, except where the cells withheld below a total hold " + few + " in all"};
    for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate = "count\x1f" + grouping_.key();
    declaration.aggregate_size = grouping_.size();
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override { return count_rows(grouping_, table); }

  mpc::SharedOutcome secure(mpc::Engine&, const SiteInputs& inputs) const override {
    return {.cells =
                mpc::SharedCells{
                    .people = inputs.aggregate, .values = {}, .events = {}, .totals = lengths_, .counts_only = true},
            .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const std::vector<std::optional<double>> people = shown_counts(*outcome.cells, rule_);
    nlohmann::json cells = nlohmann::json::array();
    for (std::size_t i = 0; i < grouping_.size(); ++i) {
      nlohmann::json cell = {
          {"levels", grouping_.codes(i)}, {"labels", grouping_.labels(i)}, {"n", count_json(people[i])}};
      if (!proportions_.empty()) cell["proportion"] = proportion(people, outcome.cells->totals, i);
      cells.push_back(std::move(cell));
    }
    nlohmann::json totals = nlohmann::json::array();
    for (std::size_t i = 0; i < lengths_.size(); ++i) add_totals(outcome.cells->totals[i], i, totals);
    return {{"by", names_of(grouping_.columns())}, {"cells", std::move(cells)}, {"totals", std::move(totals)}};
  }

 private:
  std::size_t levels(std::size_t column) const { return grouping_.columns()[column].levels.size(); }

  // The totals over the last i + 1 columns: one per combination of the levels of the columns before.
  void add_totals(const std::vector<std::optional<u128>>& values, std::size_t i, nlohmann::json& totals) const {
    const std::size_t kept = grouping_.columns().size() - i - 1;
    for (std::size_t block = 0; block < values.size(); ++block) {
      std::vector<std::string> codes = grouping_.codes(block * lengths_[i]),
                               labels = grouping_.labels(block * lengths_[i]);
      codes.resize(kept);
      labels.resize(kept);
      totals.push_back({{"levels", codes}, {"labels", labels}, {"n", count_json(values[block])}});
    }
  }

  // Of a cell in its row (over the last column), its column (over the first), or the whole table.
  nlohmann::json proportion(const std::vector<std::optional<double>>& people,
                            const std::vector<std::vector<std::optional<u128>>>& totals, std::size_t cell) const {
    std::optional<double> base;
    if (proportions_ == "column") {
      base = 0;
      const std::size_t stride = grouping_.size() / levels(0);
      for (std::size_t i = cell % stride; i < grouping_.size(); i += stride)
        base = base && people[i] ? std::optional(*base + *people[i]) : std::nullopt;
    } else {
      const std::size_t level = proportions_ == "row" ? 0 : lengths_.size() - 1;
      if (const auto& total = totals[level][cell / lengths_[level]]) base = to_double(*total);
    }
    if (!people[cell] || !base || *base == 0) return nullptr;
    return *people[cell] / *base;
  }

  Grouping grouping_;
  mpc::ReleaseRule rule_;
  std::string proportions_;
  std::vector<std::size_t> lengths_;  // of the blocks that totals are over
};

}  // namespace

std::unique_ptr<Analysis> make_table(const EntryContext& context) {
  return std::make_unique<Table>(context.grouping(), context.rule, context.entry.proportions);
}

}  // namespace cohortium::statistics
