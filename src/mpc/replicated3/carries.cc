// Carries of an addition from the tables of its blocks: level by level, a level being one round of conjunctions.
//
// Security   semi-honest, 1 corruption of 3 (conjunctions)
// Reveals    nothing
// Rounds     as many as the adder has levels
// Sent       1 bit per element, conjunction and party
// Requires   the adder whose block tables these are
// Source     Sklansky 1960 (prefix adder)
#include <memory>

#include "mpc/replicated3/bit_lane.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

using RunLevel = std::function<const TiledPlanes&(std::span<const Conjunction>)>;

// One level for all positions that do not end a block: the carry into their block runs through the tables.
std::vector<PlaneView> carries_inside(const Adder& adder, const BlockPlanes& blocks,
                                      const std::vector<PlaneView>& out_of_block, const RunLevel& run) {
  std::vector<PlaneView> carries;
  std::vector<Conjunction> conjunctions;
  std::vector<std::size_t> waiting;  // positions
  int table = 0;
  for (int block = 0; block < static_cast<int>(adder.blocks.widths.size()); ++block) {
    const int first = static_cast<int>(carries.size());
    for (int length = 1; length <= adder.blocks.widths[block]; ++length) {
      const PlaneView generate = blocks.tables.plane(table++);
      const bool by_table = block > 0 && length > 1;
      const PlaneView propagate = by_table ? blocks.tables.plane(table++) : blocks.sums.plane(first);
      if (length == adder.blocks.widths[block]) {
        carries.push_back(out_of_block[block]);
      } else if (block == 0) {
        carries.push_back(generate);
      } else {
        waiting.push_back(carries.size());
        carries.emplace_back();
        conjunctions.push_back({.left = propagate, .right = out_of_block[block - 1], .addend = generate});
      }
    }
  }
  if (conjunctions.empty()) return carries;
  const TiledPlanes& result = run(conjunctions);
  for (std::size_t i = 0; i < waiting.size(); ++i) carries[waiting[i]] = result.plane(i);
  return carries;
}

// One position after the other: the majority of a, b and the carry.
std::vector<PlaneView> ripple(const Adder& adder, const BlockPlanes& blocks, const RunLevel& run) {
  std::vector<PlaneView> carries;
  for (std::size_t i = 0; i < adder.blocks.widths.size(); ++i) {
    Conjunction majority{
        .left = blocks.sums.plane(i), .right = blocks.operand.plane(i), .addend = blocks.operand.plane(i)};
    if (i > 0) majority.also_right = carries.back();
    carries.push_back(run(std::span(&majority, 1)).plane(0));
  }
  return carries;
}

}  // namespace

template <RingWord W>
LoadOperand BitLane::operand_of(ConstParts<W> a, std::size_t count, int planes, W offset) const {
  struct Scratch {
    Buffer<W> values;
    Buffer<u64> planes;
  };
  auto scratch = std::make_shared<Scratch>();
  return [=, self = self()](std::size_t word, std::size_t width) {
    const std::size_t from = 64 * word, n = std::min(64 * width, count - from);
    scratch->values.resize(64 * width);
    scratch->planes.resize(planes * width);
    W* const values = scratch->values.data();
    if (self == 0) {
      add_words(a.first + from, a.second + from, values, n);
    } else {
      const W* const last = (self == 1 ? a.second : a.first) + from;
      for (std::size_t i = 0; i < n; ++i) values[i] = last[i] + offset;
    }
    u64* const out = scratch->planes.data();
    split_planes(values, n, planes, out, width);
    return OperandTile{.b = out, .r = out, .s = nullptr};
  };
}

std::vector<PlaneView> BitLane::carries(const Adder& adder, const Tiling& tiling, const BlockPlanes& blocks,
                                        std::deque<TiledPlanes>& levels) {
  const auto run = [&](std::span<const Conjunction> conjunctions) -> const TiledPlanes& {
    TiledPlanes& level = levels.emplace_back(conjunctions.size(), tiling.words);
    conjoin(conjunctions, tiling, level.parts());
    return level;
  };
  if (adder.ripple) return ripple(adder, blocks, run);

  // Tables by block: those of the whole block, and where the inner ones begin.
  const int count = static_cast<int>(adder.blocks.widths.size());
  std::vector<PlaneView> generate(count), propagate(count);
  int table = 0, position = 0;
  for (int block = 0; block < count; position += adder.blocks.widths[block++]) {
    if (adder.all) propagate[block] = blocks.sums.plane(position);
    for (; table < static_cast<int>(adder.blocks.tables.size()) && adder.blocks.tables[table].block == block; ++table) {
      (adder.blocks.tables[table].propagate ? propagate : generate)[block] = blocks.tables.plane(table);
    }
  }
  for (const auto& level : adder.schedule) {
    std::vector<Conjunction> conjunctions;
    for (const auto& [high, low, joins] : level) {
      conjunctions.push_back({.left = propagate[high], .right = generate[low], .addend = generate[high]});
      if (joins) conjunctions.push_back({.left = propagate[high], .right = propagate[low]});
    }
    const TiledPlanes& result = run(conjunctions);
    std::size_t plane = 0;
    for (const auto& [high, low, joins] : level) {
      generate[high] = result.plane(plane++);
      if (joins) propagate[high] = result.plane(plane++);
    }
  }
  if (!adder.all) return {generate.back()};
  return carries_inside(adder, blocks, generate, run);
}

void gather_plane(const Tiling& tiling, const PlaneView& a, const std::optional<PlaneView>& b, Parts<u64> out) {
  for (std::size_t word = 0; word < tiling.words; word += tiling.tile) {
    const std::size_t width = tiling.width(word);
    for (int c = 0; c < 2; ++c) {
      const u64* const first = a.at(word, width)[c];
      if (b) {
        xor_words(first, b->at(word, width)[c], out[c] + word, width);
      } else {
        std::copy_n(first, width, out[c] + word);
      }
    }
  }
}

template LoadOperand BitLane::operand_of(ConstParts<u64>, std::size_t, int, u64) const;
template LoadOperand BitLane::operand_of(ConstParts<u128>, std::size_t, int, u128) const;

}  // namespace cohortium::mpc
