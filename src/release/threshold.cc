#include "release/threshold.h"

#include "mpc/outcome.h"
#include "oblivious/compare.h"

namespace cohortium::release {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u64;

std::vector<std::vector<bool>> open_at_least(mpc::Engine& engine, const std::vector<Threshold>& thresholds) {
  std::vector<Shared<u64>> counts;
  std::vector<u64> least;
  for (const Threshold& threshold : thresholds) {
    counts.push_back(threshold.counts);
    least.insert(least.end(), threshold.counts.size, threshold.least);
  }
  const SharedBits below = oblivious::less_than(engine, concatenate(std::span<const Shared<u64>>(counts)),
                                                engine.constant(std::span<const u64>(least)), mpc::count_bits);
  const std::vector<u64> words = engine.open_bits(engine.not_bits(below));
  std::vector<std::vector<bool>> result;
  std::size_t next = 0;
  for (const Threshold& threshold : thresholds) {
    std::vector<bool>& bits = result.emplace_back();
    for (std::size_t i = 0; i < threshold.counts.size; ++i, ++next)
      bits.push_back(((words[next / 64] >> (next % 64)) & 1) != 0);
  }
  return result;
}

}  // namespace cohortium::release
