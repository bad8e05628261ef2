#include "statistics/survival/survival_counts.h"

#include <cmath>

#include "base/error.h"
#include "oblivious/range_analysis.h"

namespace cohortium::statistics {

using mpc::Shared;
using mpc::u128;

std::string SurvivalColumns::key() const {
  return "survival\x1f" + time.name + "\x1f" + event.name + "\x1f" + grouping.key() + (sites > 1 ? "\x1fsite" : "");
}

SurvivalColumns survival_columns(const EntryContext& context) {
  return {context.column("time", context.entry.time, data::ColumnType::kDuration),
          context.column("event", context.entry.event, data::ColumnType::kEvent), context.grouping()};
}

std::vector<u128> count_locally(const SurvivalColumns& columns, const data::Table& table) {
  COHORTIUM_CHECK(columns.sites == 1 || table.site < columns.sites);
  const std::size_t site = columns.sites == 1 ? 0 : table.site;
  const RowGroups groups(columns.grouping, table);
  const data::Column& time = table.column(columns.time.name);
  const data::Column& event = table.column(columns.event.name);
  const std::size_t grid = columns.grid();
  const std::size_t half = columns.strata() * grid;
  std::vector<u128> counts(2 * half);
  for (std::size_t row = 0; row < table.rows; ++row) {
    if (groups[row] == columns.grouping.size()) continue;
    if ((!time.missing.empty() && time.missing[row]) || (!event.missing.empty() && event.missing[row])) continue;
    const std::size_t stratum = groups[row] * columns.sites + site;
    counts[(event.event[row] ? 0 : half) + stratum * grid + time.grid[row]] += 1;
  }
  return counts;
}

SurvivalCounts split_aggregate(const SurvivalColumns& columns, const Shared<u128>& aggregate) {
  const std::size_t grid = columns.grid();
  const std::size_t half = columns.strata() * grid;
  SurvivalCounts counts;
  counts.events = slice(aggregate, 0, half);
  counts.censored = slice(aggregate, half, half);
  const Shared<u128> leaving = add(counts.events, counts.censored);
  // At risk just before t: everyone who leaves at t or later. Reversing twice turns a running sum into that.
  std::vector<Shared<u128>> strata;
  for (std::size_t s = 0; s < columns.strata(); ++s) {
    strata.push_back(reverse(prefix_sum_blocks(reverse(slice(leaving, s * grid, grid)), grid)));
  }
  counts.at_risk = concatenate(std::span<const Shared<u128>>(strata));
  counts.people = sum_blocks(leaving, grid);
  return counts;
}

Shared<u128> just_before(const Shared<u128>& from_on, std::size_t grid, const Shared<u128>& first) {
  std::vector<std::size_t> before(from_on.size);
  for (std::size_t i = 0; i < before.size(); ++i) before[i] = i % grid == 0 ? from_on.size : i - 1;
  const std::vector<Shared<u128>> both{from_on, first};
  return gather(concatenate(std::span(both)), before);
}

// Quotients of counts, products of up to three of them, and their sums over the grid or over all events.
void check_survival_numbers(std::size_t grid, const std::string& path) {
  oblivious::Ranges ranges({.least = survival_fraction_bits, .most = survival_fraction_bits, .wide_only = true});
  const auto people = ranges.integer("people at risk", 0, std::ldexp(1.0, mpc::count_bits) - 1);
  const auto quotient = ranges.part_of(people, people);
  const auto product = ranges.truncated(ranges.multiply(quotient, quotient));
  ranges.sum(product, static_cast<double>(grid));
  ranges.multiply(ranges.truncated(ranges.multiply(product, quotient)), people);
  ranges.choose(path);
}

}  // namespace cohortium::statistics
