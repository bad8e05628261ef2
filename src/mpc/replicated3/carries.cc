// Carries of an addition from the tables of its blocks, each level one round of conjunctions (mpc/carries.h).
//
// Security   semi-honest, 1 corruption of 3 (conjunctions)
// Reveals    nothing
// Rounds     as many as the adder has levels
// Sent       1 bit per element, conjunction and party
// Requires   the adder whose block tables these are
#include <memory>

#include "mpc/replicated3/bit_lane.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {

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
  return find_carries<PlaneView>(adder, blocks,
                                 [&](std::span<const PlaneConjunction> conjunctions) -> const TiledPlanes& {
                                   TiledPlanes& level = levels.emplace_back(conjunctions.size(), tiling.words);
                                   conjoin(conjunctions, tiling, level.parts());
                                   return level;
                                 });
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
