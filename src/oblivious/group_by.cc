#include "oblivious/group_by.h"

#include <array>
#include <optional>

#include "base/error.h"
#include "oblivious/compaction.h"
#include "oblivious/compare.h"

namespace cohortium::oblivious {
namespace {

std::vector<SortKey> keys_of(std::span<const Shared<u64>> columns, std::span<const SortKey> like) {
  std::vector<SortKey> keys;
  for (std::size_t k = 0; k < columns.size(); ++k) keys.push_back({.values = columns[k], .bits = like[k].bits});
  return keys;
}

// What a row of the sorted table contributes, such that the aggregate of a group is the element at its end (`at_end`),
// or that minus the element at the previous group's end.
Shared<u64> at_ends(Engine& engine, const Aggregate& aggregate, const Shared<u64>& sorted, const SharedBits& starts) {
  switch (aggregate.kind) {
    case AggregateKind::kSum:
    case AggregateKind::kCount:
      return mpc::prefix_sum_blocks(sorted, sorted.size);
    case AggregateKind::kMinimum:
      return running(engine, Running::kMinimum, sorted, starts, aggregate.bits);
    case AggregateKind::kMaximum:
      return running(engine, Running::kMaximum, sorted, starts, aggregate.bits);
    case AggregateKind::kFirst:
      return shift_up(sorted, 1);  // the value that starts the next group
    case AggregateKind::kLast:
      break;
  }
  return sorted;
}

// From the elements at the ends of groups, one after the other, to the groups' results.
Shared<u64> between_ends(const Aggregate& aggregate, const Shared<u64>& ends, const Shared<u64>& first_of_all) {
  const std::size_t n = ends.size;
  switch (aggregate.kind) {
    case AggregateKind::kSum:
    case AggregateKind::kCount: {
      const std::array parts{mpc::slice(ends, 0, 1),
                             mpc::subtract(mpc::slice(ends, 1, n - 1), mpc::slice(ends, 0, n - 1))};
      return mpc::concatenate(std::span<const Shared<u64>>(parts));
    }
    case AggregateKind::kFirst: {
      const std::array parts{first_of_all, mpc::slice(ends, 0, n - 1)};
      return mpc::concatenate(std::span<const Shared<u64>>(parts));
    }
    default:
      return ends;
  }
}

// 1 in the first `number` rows.
SharedBits front_rows(Engine& engine, const Shared<u64>& number, std::size_t n) {
  return less_than(engine, row_numbers<u64>(engine, n), mpc::repeat(number, n), 33);
}

Groups no_groups(Engine& engine, std::size_t keys, std::size_t aggregates) {
  const Shared<u64> none = engine.constant(std::span<const u64>());
  return {.keys = std::vector<Shared<u64>>(keys, none),
          .aggregates = std::vector<Shared<u64>>(aggregates, none),
          .valid = engine.constant_bits({}, 0),
          .number_of_groups = engine.constant(std::span<const u64>(std::vector<u64>{0}))};
}

struct SortedInput {
  std::vector<Shared<u64>> keys, values;
  SharedBits starts;
  SharedBits group_ends;  // of groups that count
};

// Sorts by the keys, rows that do not count behind all others.
SortedInput sort_input(Engine& engine, std::span<const SortKey> keys, std::span<const Aggregate> aggregates,
                       const SharedBits* among) {
  const std::size_t n = keys[0].values.size;
  std::optional<Shared<u64>> left_out;
  std::vector<SortKey> order_by;
  if (among != nullptr) {
    left_out = engine.ring<u64>().from_bit(engine.not_bits(*among));
    order_by.push_back({.values = *left_out, .bits = 1});
  }
  for (const SortKey& key : keys) order_by.push_back(key);
  Columns table;
  for (const SortKey& key : order_by) table.words.push_back(key.values);
  const std::vector<u64> ones(n, 1);
  for (const Aggregate& aggregate : aggregates) {
    const bool counts = aggregate.kind == AggregateKind::kCount;
    COHORTIUM_CHECK(counts || (aggregate.values != nullptr && aggregate.values->size == n));
    table.words.push_back(counts ? engine.constant(std::span<const u64>(ones)) : *aggregate.values);
  }
  if (among != nullptr) table.bits.push_back(*among);
  Columns sorted = apply(engine, sort_order(engine, order_by), table);

  SortedInput result;
  const auto first_value = sorted.words.begin() + static_cast<std::ptrdiff_t>(order_by.size());
  const std::vector<Shared<u64>> sorted_keys(sorted.words.begin(), first_value);
  result.starts = group_starts(engine, keys_of(sorted_keys, order_by));
  result.group_ends = ends_of(engine, result.starts);
  if (among != nullptr) result.group_ends = engine.and_bits(result.group_ends, sorted.bits[0]);
  result.keys.assign(first_value - static_cast<std::ptrdiff_t>(keys.size()), first_value);
  result.values.assign(first_value, sorted.words.end());
  return result;
}

}  // namespace

Groups group_by(Engine& engine, std::span<const SortKey> keys, std::span<const Aggregate> aggregates,
                const SharedBits* among) {
  COHORTIUM_CHECK(!keys.empty());
  const std::size_t n = keys[0].values.size;
  if (n == 0) return no_groups(engine, keys.size(), aggregates.size());
  const SortedInput input = sort_input(engine, keys, aggregates, among);

  Columns at_end{.words = input.keys, .wide = {}, .bits = {}};
  for (std::size_t a = 0; a < aggregates.size(); ++a) {
    at_end.words.push_back(at_ends(engine, aggregates[a], input.values[a], input.starts));
  }
  const Shared<u64> ends = engine.ring<u64>().from_bit(input.group_ends);
  const Columns compact = apply(engine, compaction(engine, ends), at_end);

  Groups groups;
  groups.number_of_groups = mpc::sum_blocks(ends, n);
  groups.valid = front_rows(engine, groups.number_of_groups, n);
  std::vector<Shared<u64>> results(compact.words.begin(),
                                   compact.words.begin() + static_cast<std::ptrdiff_t>(keys.size()));
  for (std::size_t a = 0; a < aggregates.size(); ++a) {
    results.push_back(between_ends(aggregates[a], compact.words[keys.size() + a], mpc::slice(input.values[a], 0, 1)));
  }
  const std::vector<SharedBits> valid_each(results.size(), groups.valid);
  const Shared<u64> kept = engine.keep_where(mpc::concatenate(std::span<const SharedBits>(valid_each)),
                                             mpc::concatenate(std::span<const Shared<u64>>(results)));
  for (std::size_t i = 0; i < results.size(); ++i) {
    (i < keys.size() ? groups.keys : groups.aggregates).push_back(mpc::slice(kept, i * n, n));
  }
  return groups;
}

SharedBits first_of_each(Engine& engine, std::span<const SortKey> keys) {
  COHORTIUM_CHECK(!keys.empty());
  const Rearrangement order = sort_order(engine, keys);
  Columns table;
  for (const SortKey& key : keys) table.words.push_back(key.values);
  const Columns sorted = apply(engine, order, table);
  return apply(engine, inverse(order), group_starts(engine, keys_of(sorted.words, keys)));
}

}  // namespace cohortium::oblivious
