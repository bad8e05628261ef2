// Products of the bits of blocks of positions (mpc/adder.h), plane by plane: what a party that knows an operand of an
// addition brings to the tables of its blocks. No branch depends on a value.
#pragma once

#include "mpc/adder.h"

namespace cohortium::mpc {

// products ^= the products of all blocks' bits of a, and the bit above them. Planes of `width` words stand one after the
// other; plane m - 1 of a block is the product of the bits in m.
void multiply_out_tile(const BlockPlan& plan, const u64* a, u64* products, std::size_t width);

}  // namespace cohortium::mpc
