#include "release/halving.h"

#include <bit>

#include "base/error.h"
#include "mpc/outcome.h"
#include "oblivious/compare.h"

namespace cohortium::release {
namespace {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

// A binary tree over the grid, padded with empty points to a power of two. Level 0 is the root; level l has 2^l nodes.
// Vectors over nodes hold, level by level, all strata's nodes of that level (stratum-major inside the level).
class Tree {
 public:
  Tree(std::size_t strata, std::size_t grid)
      : strata_(strata), grid_(grid), levels_(static_cast<std::size_t>(std::bit_width(std::bit_ceil(grid)) - 1)) {}

  std::size_t inner_levels() const { return levels_; }
  std::size_t level_size(std::size_t level) const { return strata_ << level; }
  std::size_t offset(std::size_t level) const { return strata_ * ((std::size_t{1} << level) - 1); }
  std::size_t inner_size() const { return offset(levels_); }

  // Sums of `counts` under every node, root level first, leaves last.
  Shared<u64> sums(const Shared<u128>& counts) const {
    const Shared<u64> narrow_counts = narrow(counts);
    std::vector<Shared<u64>> padded;
    const Shared<u64> padding((std::size_t{1} << levels_) - grid_, counts.components);
    for (std::size_t s = 0; s < strata_; ++s) {
      padded.push_back(slice(narrow_counts, s * grid_, grid_));
      padded.push_back(padding);
    }
    std::vector<Shared<u64>> by_level(levels_ + 1);
    by_level[levels_] = concatenate(std::span<const Shared<u64>>(padded));
    for (std::size_t l = levels_; l-- > 0;) by_level[l] = sum_blocks(by_level[l + 1], 2);
    return concatenate(std::span<const Shared<u64>>(by_level));
  }

  // For every inner node, the value of its left (or right) child.
  SharedBits children(const SharedBits& nodes, std::size_t side) const {
    std::vector<std::size_t> index;
    for (std::size_t l = 0; l < levels_; ++l) {
      for (std::size_t i = 0; i < level_size(l); ++i) index.push_back(offset(l + 1) + 2 * i + side);
    }
    return gather(nodes, index);
  }

  // bit AND of all its ancestors' bits, for every inner node: doubling, so log2(levels) rounds.
  SharedBits and_with_ancestors(mpc::Engine& engine, SharedBits bits) const {
    for (std::size_t up = 1; up < levels_; up *= 2) {
      const std::size_t fixed = offset(up);  // nodes with no ancestor so far up keep their bit
      std::vector<std::size_t> ancestor;
      for (std::size_t l = up; l < levels_; ++l) {
        for (std::size_t i = 0; i < level_size(l); ++i) ancestor.push_back(offset(l - up) + (i >> up));
      }
      const SharedBits rest = engine.and_bits(slice(bits, fixed, bits.size - fixed), gather(bits, ancestor));
      const std::vector<SharedBits> parts{slice(bits, 0, fixed), rest};
      bits = concatenate(std::span<const SharedBits>(parts));
    }
    return bits;
  }

  // The intervals that the opened split bits of one stratum cut the grid into.
  std::vector<Interval> intervals(const std::vector<u64>& words, std::size_t first_bit, std::size_t stratum) const {
    std::vector<Interval> result;
    collect(words, first_bit, stratum, 0, 0, result);
    return result;
  }

 private:
  void collect(const std::vector<u64>& words, std::size_t first_bit, std::size_t stratum, std::size_t level,
               std::size_t node, std::vector<Interval>& result) const {
    const std::size_t width = std::size_t{1} << (levels_ - level);
    const std::size_t bit = first_bit + offset(level) + (stratum << level) + node;
    if (level < levels_ && ((words[bit / 64] >> (bit % 64)) & 1) != 0) {
      collect(words, first_bit, stratum, level + 1, 2 * node, result);
      collect(words, first_bit, stratum, level + 1, 2 * node + 1, result);
    } else if (node * width < grid_) {
      result.push_back({node * width, std::min((node + 1) * width, grid_) - 1});
    }
  }

  std::size_t strata_, grid_, levels_;
};

// [count >= threshold] for `size` counts each with the thresholds given, all in one comparison.
SharedBits at_least(mpc::Engine& engine, const std::vector<Shared<u64>>& counts, const std::vector<u64>& thresholds) {
  std::vector<u64> limits;
  for (std::size_t i = 0; i < counts.size(); ++i) limits.insert(limits.end(), counts[i].size, thresholds[i]);
  const Shared<u64> all = concatenate(std::span<const Shared<u64>>(counts));
  return engine.not_bits(
      oblivious::less_than(engine, all, engine.constant(std::span<const u64>(limits)), mpc::count_bits));
}

bool bit_at(const std::vector<u64>& words, std::size_t i) { return ((words[i / 64] >> (i % 64)) & 1) != 0; }

}  // namespace

std::vector<Halving> halve(mpc::Engine& engine, const Shared<u128>& events, const Shared<u128>& censored,
                           std::size_t strata, std::size_t grid, std::uint64_t minimum) {
  COHORTIUM_CHECK(events.size == strata * grid && censored.size == strata * grid && minimum >= 1);
  const Tree tree(strata, grid);
  const Shared<u64> event_sums = tree.sums(events), censored_sums = tree.sums(censored);
  const std::size_t nodes = event_sums.size, inner = tree.inner_size();
  const SharedBits bits = at_least(engine, {event_sums, censored_sums, censored_sums}, {minimum, minimum, 1});
  const SharedBits enough = slice(bits, 0, nodes);
  // none or enough: [c >= minimum] xor not [c >= 1], which exclude each other
  const SharedBits censored_fine =
      exclusive_or(slice(bits, nodes, nodes), engine.not_bits(slice(bits, 2 * nodes, nodes)));

  const std::vector<SharedBits> left{tree.children(enough, 0), tree.children(censored_fine, 0)};
  const std::vector<SharedBits> right{tree.children(enough, 1), tree.children(censored_fine, 1)};
  const SharedBits both =
      engine.and_bits(concatenate(std::span<const SharedBits>(left)), concatenate(std::span<const SharedBits>(right)));
  const SharedBits split = tree.and_with_ancestors(engine, slice(both, 0, inner));
  const SharedBits coarse_split = engine.and_bits(split, tree.and_with_ancestors(engine, slice(both, inner, inner)));

  const std::vector<SharedBits> decisions{slice(enough, 0, strata), slice(censored_fine, 0, strata), split,
                                          coarse_split};
  const std::vector<u64> opened = engine.open_bits(concatenate(std::span<const SharedBits>(decisions)));
  std::vector<Halving> result(strata);
  for (std::size_t s = 0; s < strata; ++s) {
    result[s].any_step = bit_at(opened, s);
    result[s].censored_total = bit_at(opened, strata + s);
    if (!result[s].any_step) continue;
    result[s].steps = tree.intervals(opened, 2 * strata, s);
    result[s].coarse = tree.intervals(opened, 2 * strata + inner, s);
  }
  return result;
}

}  // namespace cohortium::release
