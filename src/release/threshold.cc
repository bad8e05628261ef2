#include "release/threshold.h"

#include "base/error.h"
#include "mpc/outcome.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"

namespace cohortium::release {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u64;

std::vector<bool> open_flags(mpc::Engine& engine, const SharedBits& bits) {
  const std::vector<u64> words = engine.open_bits(bits);
  std::vector<bool> flags;
  for (std::size_t i = 0; i < bits.size; ++i) flags.push_back(((words[i / 64] >> (i % 64)) & 1) != 0);
  return flags;
}

std::vector<bool> open_at_least(mpc::Engine& engine, const Shared<u64>& counts, const std::vector<u64>& least) {
  COHORTIUM_CHECK(counts.size == least.size());
  const SharedBits below =
      oblivious::less_than(engine, counts, engine.constant(std::span<const u64>(least)), mpc::count_bits);
  return open_flags(engine, engine.not_bits(below));
}

std::vector<bool> open_within(mpc::Engine& engine, const std::vector<Shared<u64>>& views, const std::vector<u64>& low,
                              const std::vector<u64>& high) {
  const Shared<u64> lowest = engine.constant(std::span<const u64>(low)),
                    highest = engine.constant(std::span<const u64>(high));
  std::vector<Shared<u64>> left, right;
  for (const Shared<u64>& counts : views) {
    COHORTIUM_CHECK(counts.size == low.size() && counts.size == high.size());
    left.insert(left.end(), {counts, highest});
    right.insert(right.end(), {lowest, counts});
  }
  const SharedBits fine =
      engine.not_bits(oblivious::less_than(engine, concatenate(std::span<const Shared<u64>>(left)),
                                           concatenate(std::span<const Shared<u64>>(right)), mpc::count_bits));
  std::vector<SharedBits> ends;
  for (std::size_t i = 0; i < left.size(); ++i) ends.push_back(slice(fine, i * low.size(), low.size()));
  return open_flags(engine, oblivious::and_all(engine, std::move(ends)));
}

std::vector<std::vector<bool>> open_at_least(mpc::Engine& engine, const std::vector<Threshold>& thresholds) {
  std::vector<Shared<u64>> counts;
  std::vector<u64> least;
  for (const Threshold& threshold : thresholds) {
    counts.push_back(threshold.counts);
    least.insert(least.end(), threshold.counts.size, threshold.least);
  }
  const std::vector<bool> bits = open_at_least(engine, concatenate(std::span<const Shared<u64>>(counts)), least);
  std::vector<std::vector<bool>> result;
  auto next = bits.begin();
  for (const Threshold& threshold : thresholds) {
    const auto end = next + static_cast<std::ptrdiff_t>(threshold.counts.size);
    result.emplace_back(next, end);
    next = end;
  }
  return result;
}

}  // namespace cohortium::release
