// How the carries of an addition are found, whatever the protocol: by blocks of positions, whose generate/propagate pairs
// are then combined level by level, or by rippling through all positions. Public structure: kernels run it, costs count
// it.
//
// Stretch i of n starts as (g_i, p_i). Combining a higher stretch with the lower one next to it:
// g = g_high xor (p_high and g_low), p = p_high and p_low. The lowest stretch needs no p.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "mpc/engine.h"

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
  // Planes of all products of the bits of each block, of one operand.
  int products() const;
  // Where the bit of a position stands among them.
  int product_of(int position) const;
};

// Blocks of `width` positions, `positions` in all; the lowest one takes what is left over.
std::vector<int> blocks_of(int positions, int width);

struct Combine {
  int high, low;  // the stretches' highest members; the result stands at `high`
  bool joins;     // p is needed too: the low stretch does not begin at 0
};
using AdderSchedule = std::vector<std::vector<Combine>>;

// The pair of every stretch 0..i, i < n (Sklansky).
AdderSchedule all_carries(int n);
// The pair of 0..n-1 alone (a tree).
AdderSchedule last_carry(int n);
// ANDs per element of a level.
std::size_t conjunctions(const std::vector<Combine>& level);

struct Adder {
  BlockPlan blocks;
  AdderSchedule schedule;       // over the blocks; empty where carries ripple
  bool ripple = false;          // one position after the other, one AND each
  bool all = false;             // all carries are wanted: those inside the blocks take one more level
  std::vector<int> level_ands;  // ANDs per element, level by level

  std::size_t widest() const;  // planes of the widest message
};

// The carry into `position` and the sum there.
Adder carry_into(int position, int width);
// All carries out of `carries` positions and the sums at `sums` of them, which is as many or one more.
Adder carries_out_of(int carries, int sums, int width);
Adder rippling(int carries, int sums);

// An "adder" without carries: whether every one of `positions` propagates. Its levels are conjunctions of the blocks'
// propagates, two neighbours at a time; an odd one out waits at the front.
Adder all_propagate(int positions, int width);

// What a kernel takes on the link by what the party that sends most sends: the one rule by which kernels trade rounds
// for bytes.
double slowest_seconds(int parties, const Link& link, const std::function<Cost(PartyId)>& cost);

// Every adder, and again with its tables in one round.
std::vector<Adder> also_at_once(std::vector<Adder> adders);

// Of several adders the one that takes the least time on the link, by the party that sends most. Ties go to the first.
const Adder& quickest(const std::vector<Adder>& adders, int parties, const Link& link,
                      const std::function<Cost(PartyId, const Adder&)>& cost);

}  // namespace cohortium::mpc
