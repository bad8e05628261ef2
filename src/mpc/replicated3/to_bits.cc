// Ring elements to bits: x = a + b, where party 0 knows a = x0 + x1 and parties 1 and 2 know b = x2. Blocks of positions
// get their carries from tables (block_tables.cc), and a parallel-prefix adder over the blocks does the rest: all
// carries for to_bits, only the carry into the wanted position for bit. Where many elements make bytes dearer than
// rounds, to_bits lets the carry ripple instead: carry' = a xor ((a xor b) and (a xor carry)). Which form, and how large
// the blocks, follows from public sizes and the agreed link (adder.cc).
//
// Security   semi-honest, 1 corruption of 3 (block tables, conjunctions)
// Reveals    nothing
// Rounds     bit: 2 + ceil(log2(position / w)) for blocks of w, at most 4, or 1 less where that is quicker; to_bits: at
//            most 1 more, or `count` where it ripples; 1 where there is no carry. Vectors beyond 2^20 elements are done
//            one such stretch after the other
// Sent       bit 63 with w = 3, per element: party 0 148 bits and parties 1 and 2 41 bits for the tables, then every party
//            35 bits: 337 bits in all. to_bits in the same form: about 730 bits in all for 64 planes; rippling: party 0
//            1 bit per plane, then every party 1 bit per carry, 253 bits in all. Tables in one round: party 0 twice
// Source     Sklansky 1960 (prefix adder); the split of x: Mohassel and Rindal, CCS 2018, section 5.3
#include <deque>
#include <optional>

#include "mpc/replicated3/bit_lane.h"

namespace cohortium::mpc {
namespace {

Adder adder_for_bit(int position, std::size_t words, const Link& link) {
  return quickest(also_at_once({carry_into(position, 3), carry_into(position, 4)}), words, link);
}

Adder adder_for_bits(int bits, std::size_t words, const Link& link) {
  return quickest(
      also_at_once({carries_out_of(bits - 1, bits, 3), carries_out_of(bits - 1, bits, 4), rippling(bits - 1, bits)}),
      words, link);
}

}  // namespace

template <RingWord W>
Cost LaneCost::to_bits(std::size_t count, int bits) const {
  Cost cost;
  over_stretches(count, [&](std::size_t, std::size_t n) {
    cost += adder_cost(party_, words_for_bits(n), adder_for_bits(bits, words_for_bits(n), link_));
  });
  return cost;
}

template <RingWord W>
Cost LaneCost::bit(std::size_t count, int position) const {
  Cost cost;
  over_stretches(count, [&](std::size_t, std::size_t n) {
    cost += adder_cost(party_, words_for_bits(n), adder_for_bit(position, words_for_bits(n), link_));
  });
  return cost;
}

template <RingWord W>
void Lane::to_bits(ConstParts<W> a, std::size_t count, std::span<const Parts<u64>> planes) {
  const int bits = static_cast<int>(planes.size());
  over_stretches(count, [&](std::size_t from, std::size_t n) {
    const std::size_t words = words_for_bits(n);
    const Adder adder = adder_for_bits(bits, words, link_);
    const Tiling tiling = tiling_for(words, adder.widest());
    BitLane lane = this->bits();
    const BlockPlanes blocks = lane.block_tables(adder.blocks, tiling, lane.operand_of<W>(a.from(from), n, bits, 0));
    std::deque<TiledPlanes> levels;
    const std::vector<PlaneView> carries = lane.carries(adder, tiling, blocks, levels);
    for (int j = 0; j < bits; ++j) {
      gather_plane(tiling, blocks.sums.plane(j), j == 0 ? std::nullopt : std::optional(carries[j - 1]),
                   planes[j].from(from / 64));
    }
  });
}

template <RingWord W>
void Lane::bit(ConstParts<W> a, std::size_t count, int position, Parts<u64> out) {
  over_stretches(count, [&](std::size_t from, std::size_t n) {
    const std::size_t words = words_for_bits(n);
    const Adder adder = adder_for_bit(position, words, link_);
    const Tiling tiling = tiling_for(words, adder.widest());
    BitLane lane = bits();
    const BlockPlanes blocks =
        lane.block_tables(adder.blocks, tiling, lane.operand_of<W>(a.from(from), n, position + 1, 0));
    std::deque<TiledPlanes> levels;
    std::optional<PlaneView> carry;
    if (position > 0) carry = lane.carries(adder, tiling, blocks, levels).back();
    gather_plane(tiling, blocks.sums.plane(0), carry, out.from(from / 64));
  });
}

#define COHORTIUM_FOR_RING(W)                                                           \
  template Cost LaneCost::to_bits<W>(std::size_t, int) const;                           \
  template Cost LaneCost::bit<W>(std::size_t, int) const;                               \
  template void Lane::to_bits(ConstParts<W>, std::size_t, std::span<const Parts<u64>>); \
  template void Lane::bit(ConstParts<W>, std::size_t, int, Parts<u64>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
