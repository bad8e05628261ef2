#include "oblivious/join.h"

#include <array>

#include "base/error.h"
#include "oblivious/compaction.h"
#include "oblivious/compare.h"

namespace cohortium::oblivious {
namespace {

Shared<u64> two_parts(const Shared<u64>& upper, const Shared<u64>& lower) {
  const std::array both{upper, lower};
  return mpc::concatenate(std::span<const Shared<u64>>(both));
}

// `above` rows of one, `below` rows of another public value.
Shared<u64> constant_parts(Engine& engine, std::size_t above, u64 value_above, std::size_t below, u64 value_below) {
  std::vector<u64> values(above, value_above);
  values.resize(above + below, value_below);
  return engine.constant(std::span<const u64>(values));
}

// Element i minus element i - 1 in the first `count` rows, where element -1 is 0; then zeros.
Shared<u64> differences(Engine& engine, const Shared<u64>& column, std::size_t count) {
  const Shared<u64> front = mpc::slice(column, 0, count);
  const Shared<u64> before =
      two_parts(engine.constant(std::span<const u64>(std::vector<u64>{0})), mpc::slice(front, 0, count - 1));
  return two_parts(mpc::subtract(front, before), constant_parts(engine, column.size - count, 0, 0, 0));
}

}  // namespace

Joined join(Engine& engine, const SortKey& left, const SortKey& right, std::span<const Shared<u64>> right_columns) {
  COHORTIUM_CHECK(left.bits == right.bits && left.is_signed == right.is_signed);
  const std::size_t l = left.values.size, r = right.values.size, n = l + r;
  if (l == 0 || r == 0) {
    const Shared<u64> none = constant_parts(engine, l, 0, 0, 0);
    return {.columns = std::vector<Shared<u64>>(right_columns.size(), none),
            .found = engine.constant_bits(std::vector<u64>((l + 63) / 64), l)};
  }
  // Right-hand rows stand above, so that sorting, which is stable, leaves them before the left-hand rows they meet.
  Columns table;
  table.words.push_back(two_parts(right.values, left.values));
  for (const auto& column : right_columns) {
    COHORTIUM_CHECK(column.size == r);
    table.words.push_back(two_parts(column, constant_parts(engine, l, 0, 0, 0)));
  }
  table.words.push_back(constant_parts(engine, r, 1, l, 0));  // whether it is a right-hand row
  const SortKey key{.values = table.words[0], .bits = left.bits, .is_signed = left.is_signed};
  const Rearrangement order = sort_order(engine, std::span(&key, 1));
  Columns sorted = apply(engine, order, table);

  const Shared<u64> is_right = std::move(sorted.words.back());
  sorted.words.pop_back();
  const Rearrangement to_front = compaction(engine, is_right);
  Columns steps = apply(engine, to_front, sorted);
  for (auto& column : steps.words) column = differences(engine, column, r);
  Columns latest = apply(engine, inverse(to_front), steps);
  latest.words.push_back(is_right);
  for (auto& column : latest.words) column = mpc::prefix_sum_blocks(column, n);
  latest = slice(apply(engine, inverse(order), latest), r, l);  // back to the left-hand rows as they stood

  // A row's partner has its key, and there is one at all.
  const SharedBits same = equal(engine, left.values, latest.words[0], left.bits);
  const SharedBits none = equal_zero(engine, latest.words.back(), 32);
  Joined joined;
  joined.found = engine.and_bits(same, engine.not_bits(none));
  if (right_columns.empty()) return joined;
  const std::span columns = std::span<const Shared<u64>>(latest.words).subspan(1, right_columns.size());
  const std::vector<SharedBits> found_each(columns.size(), joined.found);
  const Shared<u64> kept =
      engine.keep_where(mpc::concatenate(std::span<const SharedBits>(found_each)), mpc::concatenate(columns));
  for (std::size_t i = 0; i < columns.size(); ++i) joined.columns.push_back(mpc::slice(kept, i * l, l));
  return joined;
}

SharedBits semi_join(Engine& engine, const SortKey& left, const SortKey& right) {
  return join(engine, left, right, {}).found;
}

}  // namespace cohortium::oblivious
