// Carries of blocks of positions, where party 0 knows one operand of an addition and parties 1 and 2 both know the
// other; see block_tables.cc.
#pragma once

#include <functional>
#include <vector>

#include "mpc/replicated3/tiled_planes.h"

namespace cohortium::mpc {

// The lowest `length` positions of a block: whether they generate a carry, and whether they propagate one.
struct BlockTable {
  int block, length;
  bool propagate;  // else generate
};

// What is wanted of an addition, by public sizes.
struct BlockPlan {
  std::vector<int> widths;         // of the blocks, lowest first, 1 to largest_block each
  std::vector<BlockTable> tables;  // planes of BlockPlanes::tables
  std::vector<int> sums;           // positions whose a xor b is wanted: planes of BlockPlanes::sums
  bool operand = false;            // a itself is wanted too, at the same positions
  bool above = false;              // one position more above all blocks, of which only the sum is wanted

  bool at_once = false;  // tables in one round instead of two

  bool in_one_round() const { return at_once && !tables.empty(); }
  static constexpr int largest_block = 4;
  int positions() const;
  // Planes that party 0 sends: all products of the bits of a block.
  int products() const;
  // Where the bit of a position stands among them.
  int product_of(int position) const;
};

// Blocks of `width` positions, `positions` in all; the lowest one takes what is left over.
std::vector<int> blocks_of(int positions, int width);

// One tile of what a party knows, plane after plane, `width` words each: party 0 the planes of a in `b`; parties 1 and 2
// b = r xor s, where position i generates r_i (a_i xor s_i). No `s` means zeros.
struct OperandTile {
  const u64 *b = nullptr, *r = nullptr, *s = nullptr;
};
using LoadOperand = std::function<OperandTile(std::size_t word, std::size_t width)>;

// The shared planes that come of it.
struct BlockPlanes {
  TiledPlanes tables, sums, operand;
};

Cost block_tables_cost(PartyId party, std::size_t words, const BlockPlan& plan);

}  // namespace cohortium::mpc
