#include "oblivious/risk_sets.h"

#include <array>
#include <bit>

#include "base/error.h"
#include "oblivious/compaction.h"
#include "oblivious/compare.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/prefix_product.h"
#include "oblivious/segments.h"
#include "oblivious/sort.h"

namespace cohortium::oblivious {
namespace {

constexpr int count_bits = 27;  // of rows

std::vector<Shared<u128>> split(const Shared<u128>& columns, std::size_t rows) {
  std::vector<Shared<u128>> all;
  for (std::size_t at = 0; at < columns.size; at += rows) all.push_back(mpc::slice(columns, at, rows));
  return all;
}

Shared<u128> rearranged(Engine& engine, const Rearrangement& rearrangement, const Shared<u128>& columns) {
  const Columns moved =
      apply(engine, rearrangement, {.words = {}, .wide = split(columns, rearrangement.size()), .bits = {}});
  return mpc::concatenate(std::span<const Shared<u128>>(moved.wide));
}

// Each column moved by one row, 0 where nothing comes from.
Shared<u128> moved_by_one(Engine& engine, const Shared<u128>& columns, std::size_t rows, bool down) {
  const Shared<u128> with_zero = join({columns, constant_fill(engine, 1, u128{0})});
  std::vector<std::size_t> from(columns.size);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t row = i % rows;
    const bool edge = down ? row == 0 : row + 1 == rows;
    from[i] = edge ? columns.size : down ? i - 1 : i + 1;
  }
  return mpc::gather(with_zero, from);
}

Shared<u128> steps(Engine& engine, const Shared<u128>& columns, std::size_t rows, bool down) {
  return mpc::subtract(columns, moved_by_one(engine, columns, rows, down));
}

// Of sums so far, the part of each group alone, for columns from `cumulative` on.
Shared<u128> parts_of_groups(Engine& engine, const Shared<u128>& columns, std::size_t rows, std::size_t cumulative,
                             bool down) {
  const std::size_t plain = cumulative * rows;
  if (plain >= columns.size) return columns;
  const auto parts = steps(engine, mpc::slice(columns, plain, columns.size - plain), rows, down);
  return plain == 0 ? parts : join({mpc::slice(columns, 0, plain), parts});
}

// What the strata before (after) contribute to running sums over all rows.
Shared<u128> other_strata(Engine& engine, const RiskSets& sets, const Shared<u128>& columns, bool before) {
  const std::size_t n = sets.sorted.rows, k = sets.sorted.strata, count = columns.size / n;
  const auto sums = stratum_sums(engine, sets, columns);
  const auto inclusive = before ? running_sums(sums, k) : remaining_sums(sums, k);
  return engine.matrix_product(mpc::subtract(inclusive, sums), sets.sorted.stratum, count, k, n);
}

// Breslow: the events of a tie at its last row.
void breslow_terms(Engine& engine, RiskSets& sets) {
  const std::size_t n = sets.sorted.rows;
  const auto at_ends = rearranged(engine, sets.group_ends, running_sums(sets.event_weight, n));
  const auto per_group = engine.keep_where(sets.groups, steps(engine, at_ends, n, true));
  sets.term_weight = apply(engine, inverse(sets.group_ends), per_group);
  sets.term = engine.not_bits(equal_zero(engine, sets.term_weight, 128));
}

// Efron: every event, numbered within its tie, with the mean weight of the tie's events.
void efron_terms(Engine& engine, RiskSets& sets) {
  const SurvivalRows& sorted = sets.sorted;
  const std::size_t n = sorted.rows;
  const auto event = engine.ring<u128>().from_bit(sorted.event);
  const auto events = running_sums(event, n);
  const auto tied = from_ends(engine, sets, join({events, events, running_sums(sets.event_weight, n)}), 1);
  const auto count = mpc::slice(tied, n, n);
  const auto before = mpc::subtract(mpc::subtract(events, event), mpc::subtract(mpc::slice(tied, 0, n), count));
  sets.events_before = divide(engine, engine.keep_where(sorted.event, before), count, count_bits, tie_fraction_bits);
  sets.term = sorted.event;
  sets.term_weight = sets.event_weight;
  if (sorted.weight_fraction_bits == 0) return;
  constexpr int extra = 8;
  const auto mean = divide(engine, mpc::slice(tied, 2 * n, n), count,
                           DivisionDomain{.denominator_bits = count_bits, .quotient_bits = 48, .fraction_bits = extra});
  sets.term_weight = engine.keep_where(sorted.event, engine.truncate(mean, extra));
}

SurvivalRows sorted_rows(Engine& engine, const SurvivalRows& rows, const Rearrangement& order) {
  const std::size_t n = rows.rows;
  const bool with_offset = rows.offset.size > 0, with_strata = rows.strata > 1;
  auto wide = join({rows.covariates, rows.weight});
  if (with_offset) wide = join({wide, rows.offset});
  if (with_strata) wide = join({wide, rows.stratum});
  std::vector<SharedBits> bits{rows.event};
  if (rows.competing.size > 0) bits.push_back(rows.competing);
  const Columns moved = apply(engine, order, {.words = {rows.key}, .wide = split(wide, n), .bits = bits});
  const auto all = mpc::concatenate(std::span<const Shared<u128>>(moved.wide));
  SurvivalRows sorted = rows;
  sorted.key = moved.words[0];
  sorted.event = moved.bits[0];
  if (rows.competing.size > 0) sorted.competing = moved.bits[1];
  std::size_t at = 0;
  const auto next = [&](std::size_t size) {
    at += size;
    return mpc::slice(all, at - size, size);
  };
  sorted.covariates = next(rows.columns * n);
  sorted.weight = next(n);
  if (with_offset) sorted.offset = next(n);
  if (with_strata) sorted.stratum = next(rows.strata * n);
  return sorted;
}

}  // namespace

Shared<u128> keep_rows(Engine& engine, const SharedBits& rows, const Shared<u128>& columns) {
  const std::vector<SharedBits> each(columns.size / rows.size, rows);
  return engine.keep_where(mpc::concatenate(std::span<const SharedBits>(each)), columns);
}

Shared<u128> join(std::initializer_list<Shared<u128>> parts) {
  return mpc::concatenate(std::span<const Shared<u128>>(parts.begin(), parts.size()));
}

Shared<u128> transposed(const Shared<u128>& columns, std::size_t rows) {
  const std::size_t count = columns.size / rows;
  std::vector<std::size_t> from(columns.size);
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = (i % count) * rows + i / count;
  return mpc::gather(columns, from);
}

Shared<u128> running_sums(const Shared<u128>& columns, std::size_t rows) {
  return mpc::prefix_sum_blocks(columns, rows);
}

Shared<u128> remaining_sums(const Shared<u128>& columns, std::size_t rows) {
  const auto all = mpc::repeat(mpc::sum_blocks(columns, rows), rows);
  return mpc::add(mpc::subtract(all, mpc::prefix_sum_blocks(columns, rows)), columns);
}

Shared<u128> stratum_sums(Engine& engine, const RiskSets& sets, const Shared<u128>& columns) {
  const std::size_t n = sets.sorted.rows, k = sets.sorted.strata;
  if (k == 1) return mpc::sum_blocks(columns, n);
  return engine.matrix_product(columns, sets.stratum_rows, columns.size / n, n, k);
}

Shared<u128> sums_so_far(Engine& engine, const RiskSets& sets, const Shared<u128>& columns) {
  const auto all = running_sums(columns, sets.sorted.rows);
  return sets.sorted.strata == 1 ? all : mpc::subtract(all, other_strata(engine, sets, columns, true));
}

Shared<u128> sums_from_here(Engine& engine, const RiskSets& sets, const Shared<u128>& columns) {
  const auto all = remaining_sums(columns, sets.sorted.rows);
  return sets.sorted.strata == 1 ? all : mpc::subtract(all, other_strata(engine, sets, columns, false));
}

// The ties' values, at the front and in order, become steps from tie to tie; put at the first row of each tie, their
// running sums are the values at all its rows. Behind the last tie stands what means nothing, which is left out.
Shared<u128> from_ends(Engine& engine, const RiskSets& sets, const Shared<u128>& columns, std::size_t cumulative) {
  const std::size_t n = sets.sorted.rows;
  const auto values = parts_of_groups(engine, rearranged(engine, sets.group_ends, columns), n, cumulative, true);
  const auto changes = keep_rows(engine, sets.groups, steps(engine, values, n, true));
  return running_sums(rearranged(engine, inverse(sets.group_starts), changes), n);
}

Shared<u128> from_starts(Engine& engine, const RiskSets& sets, const Shared<u128>& columns, std::size_t cumulative) {
  const std::size_t n = sets.sorted.rows;
  const auto known = keep_rows(engine, sets.groups, rearranged(engine, sets.group_starts, columns));
  const auto changes = steps(engine, parts_of_groups(engine, known, n, cumulative, false), n, false);
  return remaining_sums(rearranged(engine, inverse(sets.group_ends), changes), n);
}

Shared<u128> left_before(Engine& engine, const RiskSets& sets, const Shared<u128>& share, int fraction_bits) {
  const std::size_t n = sets.sorted.rows;
  const auto one = constant_fill(engine, n, u128{1} << fraction_bits);
  const auto factors = mpc::subtract(one, engine.keep_where(sets.starts, share));
  const auto products = prefix_product(engine, mpc::reverse(factors), n, fraction_bits);
  const auto first = mpc::slice(one, 0, 1);
  return mpc::reverse(n == 1 ? first : join({first, mpc::slice(products, 0, n - 1)}));
}

RiskSets risk_sets(Engine& engine, const SurvivalRows& rows, Ties ties) {
  const std::size_t n = rows.rows;
  COHORTIUM_CHECK(n >= 1 && std::bit_width(n) <= count_bits && rows.columns >= 1);
  COHORTIUM_CHECK(rows.key.size == n && rows.event.size == n && rows.weight.size == n);
  COHORTIUM_CHECK(rows.covariates.size == rows.columns * n && rows.strata >= 1 && rows.strata <= 64);
  COHORTIUM_CHECK(rows.strata == 1 || rows.stratum.size == rows.strata * n);
  RiskSets sets;
  const std::array<SortKey, 1> given{SortKey{.values = rows.key, .bits = rows.key_bits}};
  sets.order = sort_order(engine, given);
  sets.sorted = sorted_rows(engine, rows, sets.order);
  sets.ties = ties;
  sets.covariate_rows = transposed(sets.sorted.covariates, n);
  if (rows.strata > 1) sets.stratum_rows = transposed(sets.sorted.stratum, n);
  const std::array<SortKey, 1> keys{SortKey{.values = sets.sorted.key, .bits = rows.key_bits}};
  sets.starts = group_starts(engine, keys);
  sets.ends = ends_of(engine, sets.starts);
  sets.group_starts = compaction(engine, sets.starts);
  sets.group_ends = compaction(engine, sets.ends);
  sets.groups = apply(engine, sets.group_ends, sets.ends);
  sets.event_weight = engine.keep_where(sets.sorted.event, sets.sorted.weight);
  if (ties == Ties::kBreslow)
    breslow_terms(engine, sets);
  else
    efron_terms(engine, sets);
  return sets;
}

}  // namespace cohortium::oblivious
