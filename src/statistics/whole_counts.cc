#include "statistics/whole_counts.h"

#include <algorithm>

#include "base/error.h"

namespace cohortium::statistics {

Declaration WholeCounts::declare(const mpc::ReleaseRule& rule) const {
  Declaration declaration;
  declaration.analyst_learns = {"the number of people" + grouping_.describe() +
                                " over all sites together; nothing when one of these counts is of " +
                                below_minimum(rule)};
  for (const auto& column : grouping_.columns()) declaration.columns.push_back(column.name);
  declaration.aggregate = "count\x1f" + grouping_.key();
  declaration.aggregate_size = grouping_.size();
  return declaration;
}

mpc::SharedOutcome WholeCounts::secure(mpc::Engine&, const SiteInputs& inputs) const {
  return {.cells = mpc::SharedCells{.people = inputs.aggregate, .values = {}, .together = true}, .curve = {}};
}

std::vector<double> WholeCounts::read(const mpc::ReleasedOutcome& outcome) {
  std::vector<double> counts;
  if (!outcome.cells->passed.front()) return counts;
  for (const auto& count : outcome.cells->people) counts.push_back(to_double(*count));
  return counts;
}

void check_table(const Grouping& grouping, std::size_t fewest, const EntryContext& context) {
  const auto& by = grouping.columns();
  const bool small = std::any_of(by.begin(), by.end(), [](const auto& column) { return column.levels.size() < 2; });
  if (by.size() >= fewest && by.size() <= 2 && !small) return;
  throw Failure({.code = "study.not_a_two_way_table",
                 .message = fewest == 2 ? "this test needs two columns with two or more levels each"
                                        : "this test needs one or two columns with two or more levels each",
                 .where = context.at("by"),
                 .remedy = fewest == 2 ? "name two such columns"
                                       : "name two columns for independence, one for given proportions"});
}

}  // namespace cohortium::statistics
