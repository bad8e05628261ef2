#include "release/merge.h"

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "release/threshold.h"

namespace cohortium::release {
namespace {

using mpc::Shared;
using mpc::u64;

enum class Holds { kNone, kFew, kEnough };

// A row's blocks: block 0 is the whole row, blocks 2i + 1 and 2i + 2 are the halves of block i. The row is padded with
// empty places to a power of two.
class Blocks {
 public:
  explicit Blocks(std::size_t places) : places_(places), padded_(std::bit_ceil(places)) {}

  std::size_t size() const { return 2 * padded_ - 1; }

  Shared<u64> sums(const Shared<u64>& counts) const {
    const std::vector<Shared<u64>> padded{counts, Shared<u64>(padded_ - places_, counts.components)};
    std::vector<Shared<u64>> levels{concatenate(std::span<const Shared<u64>>(padded))};
    while (levels.back().size > 1) levels.push_back(sum_blocks(levels.back(), 2));
    std::reverse(levels.begin(), levels.end());
    return concatenate(std::span<const Shared<u64>>(levels));
  }

  std::optional<std::vector<Interval>> groups(const std::vector<Holds>& blocks) const {
    if (blocks[0] == Holds::kFew) return std::nullopt;
    std::vector<Interval> result;
    for (const Group& group : divide(blocks, 0, 0, padded_)) {
      if (group.places.from < places_) result.push_back({group.places.from, std::min(group.places.to, places_ - 1)});
    }
    return result;
  }

 private:
  struct Group {
    Interval places;
    bool enough;
  };
  using Groups = std::vector<Group>;

  // The groups of a block with enough or none.
  Groups divide(const std::vector<Holds>& blocks, std::size_t block, std::size_t from, std::size_t width) const {
    if (width == 1) return {{{from, from}, blocks[block] == Holds::kEnough}};
    const std::size_t half = width / 2, left = 2 * block + 1, right = left + 1;
    if (blocks[left] == Holds::kFew && blocks[right] == Holds::kFew) return {{{from, from + width - 1}, true}};
    if (blocks[left] == Holds::kFew) {
      Groups groups = divide(blocks, right, from + half, half);
      const auto nearest = std::find_if(groups.begin(), groups.end(), [](const Group& g) { return g.enough; });
      COHORTIUM_CHECK(nearest != groups.end());
      nearest->places.from = from;
      groups.erase(groups.begin(), nearest);
      return groups;
    }
    Groups groups = divide(blocks, left, from, half);
    if (blocks[right] == Holds::kFew) {
      while (!groups.back().enough) groups.pop_back();
      groups.back().places.to = from + width - 1;
    } else {
      const Groups others = divide(blocks, right, from + half, half);
      groups.insert(groups.end(), others.begin(), others.end());
    }
    return groups;
  }

  std::size_t places_, padded_;
};

std::vector<Holds> open_holdings(mpc::Engine& engine, const Shared<u64>& counts, u64 minimum, Zeros zeros) {
  std::vector<Threshold> thresholds{{counts, minimum}};
  if (zeros == Zeros::kAreFine) thresholds.push_back({counts, 1});
  const std::vector<std::vector<bool>> at_least = open_at_least(engine, thresholds);
  std::vector<Holds> holdings;
  for (std::size_t i = 0; i < counts.size; ++i) {
    const bool none = zeros == Zeros::kAreFine && !at_least[1][i];
    holdings.push_back(at_least[0][i] ? Holds::kEnough : none ? Holds::kNone : Holds::kFew);
  }
  return holdings;
}

}  // namespace

std::vector<std::optional<std::vector<Interval>>> merge(mpc::Engine& engine, const std::vector<Shared<u64>>& rows,
                                                        u64 minimum, Zeros zeros) {
  COHORTIUM_CHECK(minimum >= 1);
  std::vector<Blocks> trees;
  std::vector<Shared<u64>> sums;
  for (const Shared<u64>& row : rows) {
    COHORTIUM_CHECK(row.size > 0);
    trees.emplace_back(row.size);
    sums.push_back(trees.back().sums(row));
  }
  if (rows.empty()) return {};
  const std::vector<Holds> holdings =
      open_holdings(engine, concatenate(std::span<const Shared<u64>>(sums)), minimum, zeros);
  std::vector<std::optional<std::vector<Interval>>> result;
  auto next = holdings.begin();
  for (const Blocks& tree : trees) {
    const auto end = next + static_cast<std::ptrdiff_t>(tree.size());
    result.push_back(tree.groups({next, end}));
    next = end;
  }
  return result;
}

}  // namespace cohortium::release
