// A histogram over public breaks, in all or per group.
//
// Local      counts of the site's rows per bin: [a, b), the last bin [a, b]; values outside the breaks are not counted
// Under MPC  sums over sites; the minimum-cell rule on every bin
// Released   the counts that pass
// Error      none
// Source     as R's hist(right = FALSE)
#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "statistics/describe/kinds.h"
#include "statistics/entries.h"

namespace cohortium::statistics {
namespace {

using mpc::u128;

class Histogram final : public Analysis {
 public:
  explicit Histogram(const EntryContext& context)
      : column_(context.column("column", context.entry.column, data::ColumnType::kNumber)),
        grouping_(context.grouping()),
        rule_(context.rule),
        breaks_(context.entry.breaks) {
    if (std::adjacent_find(breaks_.begin(), breaks_.end(), std::greater_equal<>()) != breaks_.end()) {
      throw Failure({.code = "study.bad_breaks",
                     .message = "the breaks do not ascend",
                     .where = context.at("breaks"),
                     .remedy = "list each once, the smallest first"});
    }
  }

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "a histogram of " + column_.name + grouping_.describe();
    declaration.analyst_learns = {"the number of people in each range of " + column_.name + grouping_.describe() +
                                  " over all sites together, and which of these counts are withheld because " +
                                  below_minimum(rule_) + " stand behind them"};
    declaration.columns = {column_.name};
    for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
    declaration.aggregate = "histogram\x1f" + column_.name + "\x1f" + grouping_.key();
    for (const double each : breaks_) declaration.aggregate += "\x1f" + nlohmann::json(each).dump();
    declaration.aggregate_size = grouping_.size() * bins();
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override {
    const RowGroups groups(grouping_, table);
    const data::Column& column = table.column(column_.name);
    std::vector<u128> counts(grouping_.size() * bins());
    for (std::size_t row = 0; row < table.rows; ++row) {
      if (groups[row] == grouping_.size() || (!column.missing.empty() && column.missing[row])) continue;
      const double x = column.number[row];
      if (x < breaks_.front() || x > breaks_.back()) continue;
      const auto above = std::upper_bound(breaks_.begin(), breaks_.end(), x) - breaks_.begin();
      counts[groups[row] * bins() + std::min(static_cast<std::size_t>(above) - 1, bins() - 1)] += 1;
    }
    return counts;
  }

  mpc::SharedOutcome secure(mpc::Engine&, const SiteInputs& inputs) const override {
    return {.cells = mpc::SharedCells{.people = inputs.aggregate, .values = {}, .counts_only = true}, .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const std::vector<std::optional<double>> people = shown_counts(*outcome.cells, rule_);
    nlohmann::json groups = nlohmann::json::array();
    for (std::size_t g = 0; g < grouping_.size(); ++g) {
      nlohmann::json counts = nlohmann::json::array();
      for (std::size_t bin = 0; bin < bins(); ++bin) counts.push_back(count_json(people[g * bins() + bin]));
      groups.push_back({{"group", grouping_.code(g)}, {"label", grouping_.label(g)}, {"counts", std::move(counts)}});
    }
    return {{"column", {{"name", column_.name}, {"unit", column_.unit}}},
            {"by", names_of(grouping_.columns())},
            {"breaks", breaks_},
            {"groups", std::move(groups)}};
  }

 private:
  std::size_t bins() const { return breaks_.size() - 1; }

  data::ColumnDeclaration column_;
  Grouping grouping_;
  mpc::ReleaseRule rule_;
  std::vector<double> breaks_;
};

}  // namespace

std::unique_ptr<Analysis> make_histogram(const EntryContext& context) { return std::make_unique<Histogram>(context); }

}  // namespace cohortium::statistics
