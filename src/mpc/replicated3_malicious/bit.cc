// One bit of a ring element: two operands as in bits.cc, and the carry into its position by a tree over pairs of positions.
// What a pair generates is a xor ((a xor b) and (a xor g)), a and b the bits of the higher position and g what the lower
// one generates: one AND, after one for g and one for whether both propagate.
//
// Security   that of conjunctions, each of which is proved (bit_proof.cc)
// Reveals    nothing
// Rounds     2 + ceil(log2(position)). Vectors beyond 2^16 elements are done one such stretch after the other
// Sent       every party, per element: bit 63: 210 bits
// Source     Mohassel and Rindal, CCS 2018, section 5.3 (the split)
#include "base/error.h"
#include "mpc/replicated3_malicious/cost.h"
#include "mpc/replicated3_malicious/replicated3_malicious.h"
#include "mpc/replicated3_malicious/two_operands.h"

namespace cohortium::mpc {

LastCarry::LastCarry(int positions) : adder(carry_into(positions, 2)) {
  const std::size_t blocks = adder.blocks.widths.size();
  first = 2 * blocks - 1;  // the lowest need not propagate
  second = blocks - (adder.blocks.widths[0] == 1 ? 1 : 0);
}

namespace {

// Planes of several sets, as an adder asks for them.
struct PlaneList {
  std::vector<PlaneView> planes;
  PlaneView plane(std::size_t i) const { return planes[i]; }
};
struct ListedBlocks {
  PlaneList tables, sums{}, operand{};
};

// `propagates` are a xor b. What is returned stands in `levels`.
PlaneView find_last_carry(BitLane& lane, std::span<const PlaneView> a, std::span<const PlaneView> b,
                          const TiledPlanes& propagates, const Tiling& tiling, std::deque<TiledPlanes>& levels) {
  const auto run = [&](std::span<const PlaneConjunction> conjunctions) -> const TiledPlanes& {
    levels.push_back(conjoin_all(lane, conjunctions, tiling));
    return levels.back();
  };
  const LastCarry last(static_cast<int>(a.size()));
  std::vector<PlaneConjunction> low, high;
  std::size_t position = 0;
  for (const int width : last.adder.blocks.widths) {
    low.push_back({.left = a[position], .right = b[position]});
    if (position > 0) low.push_back({.left = propagates.plane(position), .right = propagates.plane(position + 1)});
    position += width;
  }
  const TiledPlanes& below = run(low);
  // The higher position has a carry of its own or lets that of the lower one pass: a, or that where a and b differ.
  ListedBlocks blocks;
  position = 0;
  for (const int width : last.adder.blocks.widths) {
    const PlaneView generate = below.plane(blocks.tables.planes.size());
    if (width == 2) {
      high.push_back({.left = propagates.plane(position + 1),
                      .right = generate,
                      .addend = a[position + 1],
                      .also_right = a[position + 1]});
    }
    blocks.tables.planes.push_back(generate);
    if (position > 0) blocks.tables.planes.push_back(below.plane(blocks.tables.planes.size()));
    position += width;
  }
  const TiledPlanes& both = run(high);
  std::size_t table = 0, made = 0;
  for (std::size_t block = 0; block < last.adder.blocks.widths.size(); ++block) {
    if (last.adder.blocks.widths[block] == 2) blocks.tables.planes[table] = both.plane(made++);
    table += block > 0 ? 2 : 1;
  }
  return find_carries<PlaneView>(last.adder, blocks, run).back();
}

}  // namespace

Cost Replicated3MaliciousCost::find_last_carry(int positions, std::size_t words) {
  const LastCarry last(positions);
  Cost cost = conjoin(last.first, words);
  cost += conjoin(last.second, words);
  for (int ands : last.adder.level_ands) cost += conjoin(ands, words);
  return cost;
}

template <RingWord W>
SharedBits Replicated3Malicious::bit(const Shared<W>& a, int position) {
  COHORTIUM_CHECK(a.components == 2 && position >= 0 && position < bits_of<W>);
  auto result = SharedBits::uninitialised(a.size, 2);
  in_stretches(a.size, [&](std::size_t from, std::size_t n) {
    const std::size_t words = words_for_bits(n);
    const Tiling tiling = tiling_for(words, 2 * bits_of<W>);
    BitLane lane = lane_.bits();
    TwoOperands<W> operands(lane, self(), parts_of(a).from(from), n, position + 1, position, tiling);
    const Parts<u64> out = parts_of(result).from(from / 64);
    if (position == 0) {
      gather_plane(tiling, operands.sum(0), std::nullopt, out);
    } else {
      std::vector<PlaneView> sums, majorities;
      for (int j = 1; j <= position; ++j) {
        sums.push_back(operands.sum(j));
        majorities.push_back(operands.majority(j - 1));
      }
      const TiledPlanes propagates = xor_planes(sums, majorities, tiling);
      std::optional<PlaneView> carry;
      std::deque<TiledPlanes> levels;
      if (position > 1) {
        sums.pop_back(), majorities.pop_back();
        carry = find_last_carry(lane, sums, majorities, propagates, tiling, levels);
      }
      gather_plane(tiling, propagates.plane(position - 1), carry, out);
    }
    prove_if_many();
  });
  return result;
}

template <RingWord W>
Cost Replicated3MaliciousCost::bit(std::size_t count, int position) {
  Cost cost;
  in_stretches(count, [&](std::size_t, std::size_t n) {
    const std::size_t words = words_for_bits(n);
    cost += conjoin(position, words);
    if (position > 1) cost += find_last_carry(position - 1, words);
    cost = with_proofs(cost);
  });
  return cost;
}

#define COHORTIUM_FOR_RING(W)                                           \
  template SharedBits Replicated3Malicious::bit(const Shared<W>&, int); \
  template Cost Replicated3MaliciousCost::bit<W>(std::size_t, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
