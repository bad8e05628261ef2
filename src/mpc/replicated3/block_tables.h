// Carries of blocks of positions, where party 0 knows one operand of an addition and parties 1 and 2 both know the
// other; see block_tables.cc.
#pragma once

#include <functional>
#include <vector>

#include "mpc/adder.h"
#include "mpc/replicated3/tiled_planes.h"

namespace cohortium::mpc {

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
