// What the kernels on bits are made of, on one lane: conjunctions of planes, tables of blocks of positions, and adders
// made of both. Each stands in a file of its own that opens with its contract: conjunctions.cc, block_tables.cc,
// carries.cc. Planes are held in tiles (tiled_planes.h).
#pragma once

#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "mpc/carries.h"
#include "mpc/replicated3/adder.h"
#include "mpc/replicated3/block_tables.h"
#include "mpc/replicated3/linear_transfer.h"
#include "mpc/replicated3/tiled_planes.h"

namespace cohortium::mpc {

using PlaneConjunction = Conjunction<PlaneView>;

class BitLane {
 public:
  BitLane(LaneChannels& channels, crypto::RandomGenerator& with_next, crypto::RandomGenerator& with_previous,
          PendingStatements* pending)
      : channels_(channels), with_next_(with_next), with_previous_(with_previous), pending_(pending) {}

  // One round: conjunction after conjunction in the tiles of `out`, which overlaps none of them.
  void conjoin(std::span<const PlaneConjunction> conjunctions, const Tiling& tiling, Parts<u64> out);

  BlockPlanes block_tables(const BlockPlan& plan, const Tiling& tiling, const LoadOperand& load);

  // The levels of an adder. Returns where the carry out of every position stands, or the last one alone; `levels` holds
  // what is returned.
  std::vector<PlaneView> carries(const Adder& adder, const Tiling& tiling, const BlockPlanes& blocks,
                                 std::deque<TiledPlanes>& levels);

  // Shares of a linear function of what party 0 knows.
  template <RingWord W>
  void transfer(const LinearTransfer<W>& transfer, const Link& link, Parts<W> out);

  // The planes of an operand of x = (x0 + x1) + (x2 + offset): at party 0 of the sum of its components, at parties 1
  // and 2 of x2 + offset.
  template <RingWord W>
  LoadOperand operand_of(ConstParts<W> a, std::size_t count, int planes, W offset) const;

 private:
  PartyId self() const { return channels_.self(); }

  void offer_products(const BlockPlan& plan, const Tiling& tiling, const LoadOperand& load, BlockPlanes& out);
  void choose_tables_in_turn(const BlockPlan& plan, const Tiling& tiling, const LoadOperand& load, BlockPlanes& out);
  void choose_tables_at_once(const BlockPlan& plan, const Tiling& tiling, const LoadOperand& load, BlockPlanes& out);
  void make_summands(const BlockPlan& plan, const Tiling& tiling, std::size_t word, const u64* products,
                     const OperandTile& operand, u64* mask, u64* summands);
  void keep_shares(const BlockPlan& plan, const Tiling& tiling, std::size_t word, const u64* products,
                   const OperandTile& operand, BlockPlanes& out);

  // Parties 1 and 2: the generator in common with party 0, the component drawn from it, the component in common with
  // each other, and the share of the constant 1.
  crypto::RandomGenerator& with_sender() { return self() == 1 ? with_previous_ : with_next_; }
  u64* drawn_of(TiledPlanes& planes) const { return self() == 1 ? planes.parts().first : planes.parts().second; }
  u64* last_of(TiledPlanes& planes) const { return self() == 1 ? planes.parts().second : planes.parts().first; }
  u64 share_of_one() const { return self() == 1 ? 0 : ~u64{0}; }

  LaneChannels& channels_;
  crypto::RandomGenerator &with_next_, &with_previous_;
  PendingStatements* pending_;
};

inline void draw_words(crypto::RandomGenerator& generator, u64* words, std::size_t count) {
  generator.fill(std::as_writable_bytes(std::span(words, count)));
}

// out = a xor b, or a alone: a plane that stands alone.
void gather_plane(const Tiling& tiling, const PlaneView& a, const std::optional<PlaneView>& b, Parts<u64> out);

// Kernels on bits work through long vectors in stretches, so that the planes of one bound their memory: with 64 planes,
// some 100 MB at a party.
inline constexpr std::size_t longest_stretch = std::size_t{1} << 20;

// Runs body(from, count) for every stretch of a vector, once for an empty one.
template <class Body>
void over_stretches(std::size_t count, Body body) {
  for (std::size_t from = 0; from == 0 || from < count; from += longest_stretch) {
    body(from, std::min(longest_stretch, count - from));
  }
}

}  // namespace cohortium::mpc
