#include "statistics/hypothesis/outcome_counts.h"

#include "base/error.h"

namespace cohortium::statistics {

using mpc::u128;

Declaration OutcomeCounts::declare(const mpc::ReleaseRule& rule) const {
  Declaration declaration;
  declaration.analyst_learns = {
      "the number of people with and of those without " + outcome_.describe() + grouping_.describe() +
      " over all sites together; nothing when one of these counts is of " + below_minimum(rule)};
  declaration.columns = {outcome_.name()};
  for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
  declaration.aggregate = "with and without\x1f" + outcome_.key() + "\x1f" + grouping_.key();
  declaration.aggregate_size = 2 * grouping_.size();
  return declaration;
}

std::vector<u128> OutcomeCounts::local(const data::Table& table) const {
  const RowGroups groups(grouping_, table);
  const std::vector<std::optional<bool>> outcomes = outcome_.read(table);
  std::vector<u128> sums(2 * grouping_.size());
  for (std::size_t row = 0; row < table.rows; ++row) {
    if (groups[row] == grouping_.size() || !outcomes[row]) continue;
    sums[2 * groups[row] + (*outcomes[row] ? 0 : 1)] += 1;
  }
  return sums;
}

mpc::SharedOutcome OutcomeCounts::secure(mpc::Engine&, const SiteInputs& inputs) const {
  return {.cells = mpc::SharedCells{.people = inputs.aggregate, .values = {}, .together = true}, .curve = {}};
}

std::vector<OutcomeCount> OutcomeCounts::read(const mpc::ReleasedOutcome& outcome) const {
  std::vector<OutcomeCount> counts;
  if (!outcome.cells->passed.front()) return counts;
  for (std::size_t i = 0; i < grouping_.size(); ++i)
    counts.push_back({to_double(*outcome.cells->people[2 * i]), to_double(*outcome.cells->people[2 * i + 1])});
  return counts;
}

nlohmann::json OutcomeCounts::cells_json(const std::vector<OutcomeCount>& counts) const {
  nlohmann::json cells = nlohmann::json::array();
  for (std::size_t i = 0; i < grouping_.size(); ++i) {
    for (const bool with : {true, false}) {
      std::vector<std::string> levels = grouping_.codes(i), labels = grouping_.labels(i);
      levels.push_back(with ? "with" : "without");
      labels.push_back(levels.back() + " " + outcome_.describe());
      nlohmann::json n = nullptr;
      if (!counts.empty()) n = count_json(std::optional(with ? counts[i].with : counts[i].without));
      cells.push_back({{"levels", std::move(levels)}, {"labels", std::move(labels)}, {"n", std::move(n)}});
    }
  }
  return cells;
}

double null_proportion(const EntryContext& context) {
  const double value = context.entry.null_value.value_or(0.5);
  if (value > 0 && value < 1) return value;
  throw Failure({.code = "study.bad_null_value",
                 .message = "the proportion to test against does not lie between 0 and 1",
                 .where = context.at("null_value"),
                 .remedy = "give a proportion such as 0.5"});
}

}  // namespace cohortium::statistics
