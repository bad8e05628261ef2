// Whether elements are zero modulo 2^count: x = a + b is zero exactly when a + (b - 1) is all ones, that is when every
// position of that sum propagates, where party 0 knows a = x0 + x1 and parties 1 and 2 know b = x2. So no carries: blocks
// of positions get their "propagates" from tables (block_tables.cc), and a tree of conjunctions joins them.
//
// Security   semi-honest, 1 corruption of 3 (block tables, conjunctions)
// Reveals    nothing
// Rounds     2 + ceil(log2(count / w)) for blocks of w, 2 or 4 by the link, or 1 less where that is quicker; 1 for one
//            bit. Vectors beyond 2^20 elements are done one such stretch after the other
// Sent       with w = 2, per element: party 0 3/2 bits and parties 1 and 2 1/2 bit for every position, then every party
//            count / 2 - 1 bits; 64 positions in all 253 bits per element
// Source     the derivation above
#include <deque>

#include "mpc/replicated3/bit_lane.h"

namespace cohortium::mpc {
namespace {

Adder adder_for_zero(int count, std::size_t words, const Link& link) {
  if (count == 1) return all_propagate(count, 1);
  return quickest(also_at_once({all_propagate(count, 2), all_propagate(count, 4)}), words, link);
}

}  // namespace

template <RingWord W>
Cost LaneCost::is_zero(std::size_t count, int bits) const {
  Cost cost;
  over_stretches(count, [&](std::size_t, std::size_t n) {
    cost += adder_cost(party_, words_for_bits(n), adder_for_zero(bits, words_for_bits(n), link_));
  });
  return cost;
}

template <RingWord W>
void Lane::is_zero(ConstParts<W> a, std::size_t count, int bits, Parts<u64> out) {
  over_stretches(count, [&](std::size_t from, std::size_t n) {
    const std::size_t words = words_for_bits(n);
    const Adder adder = adder_for_zero(bits, words, link_);
    const Tiling tiling = tiling_for(words, adder.widest());
    BitLane lane = this->bits();
    const BlockPlanes blocks =
        lane.block_tables(adder.blocks, tiling, lane.operand_of<W>(a.from(from), n, bits, static_cast<W>(-1)));
    std::vector<PlaneView> planes;
    for (std::size_t i = 0; i < blocks.tables.planes(); ++i) planes.push_back(blocks.tables.plane(i));
    if (planes.empty()) planes.push_back(blocks.sums.plane(0));

    std::deque<TiledPlanes> levels;
    const PlaneView all =
        all_of<PlaneView>(adder, planes, [&](std::span<const PlaneConjunction> level) -> const TiledPlanes& {
          TiledPlanes& result = levels.emplace_back(level.size(), words);
          lane.conjoin(level, tiling, result.parts());
          return result;
        });
    gather_plane(tiling, all, std::nullopt, out.from(from / 64));
  });
}

#define COHORTIUM_FOR_RING(W)                                 \
  template Cost LaneCost::is_zero<W>(std::size_t, int) const; \
  template void Lane::is_zero(ConstParts<W>, std::size_t, int, Parts<u64>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
