#include "oblivious/baseline_hazard.h"

#include <array>

#include "base/error.h"
#include "oblivious/fixed_point.h"
#include "oblivious/sort.h"

namespace cohortium::oblivious {

// Sorting is stable: a public key comes before the rows that have it.
Shared<u128> sums_below(Engine& engine, const Shared<u64>& key, int key_bits, const Shared<u128>& column,
                        std::span<const u64> public_keys) {
  const std::array all_keys{engine.constant(public_keys), key};
  const auto values = mpc::concatenate(std::span<const Shared<u64>>(all_keys));
  const std::array<SortKey, 1> keys{SortKey{.values = values, .bits = key_bits}};
  const Rearrangement order = sort_order(engine, keys);
  const auto moved = apply(engine, order, join({constant_fill(engine, public_keys.size(), u128{0}), column}));
  return mpc::slice(apply(engine, inverse(order), running_sums(moved, moved.size)), 0, public_keys.size());
}

Shared<u128> baseline_hazard(Engine& engine, const RiskSets& sets, const RiskTerms& terms,
                             std::span<const u64> public_keys) {
  const SurvivalRows& rows = sets.sorted;
  COHORTIUM_CHECK(public_keys.size() % rows.strata == 0);
  const std::size_t length = public_keys.size() / rows.strata;
  const auto later = sums_below(engine, rows.key, rows.key_bits, terms.hazard, public_keys);
  std::vector<std::size_t> points, ends;
  for (std::size_t s = 0; s < rows.strata; ++s) {
    for (std::size_t point = length - 1; point-- > 0;) {
      points.push_back(s * length + point);
      ends.push_back((s + 1) * length - 1);
    }
  }
  return mpc::subtract(mpc::gather(later, ends), mpc::gather(later, points));
}

}  // namespace cohortium::oblivious
