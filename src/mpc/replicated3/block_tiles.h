// The local half of block tables, tile by tile: the summands that parties 1 and 2 make of shares of party 0's products. No branch depends on a value. The derivation stands in block_tables.cc.
#pragma once

#include "mpc/block_products.h"
#include "mpc/replicated3/block_tables.h"

namespace cohortium::mpc {

// tables ^= a party's summands, from its shares of the products and its share `one` of the constant 1.
void fold_tile(const BlockPlan& plan, const u64* products, const OperandTile& operand, u64 one, u64* tables,
               std::size_t width);

// Keeps what is wanted of the sums and of a: one component of both, `products` being this component of the shared
// products.
void keep_products(const BlockPlan& plan, const Tiling& tiling, std::size_t word, const u64* products, u64* sums,
                   u64* operand);
// The same for the component that parties 1 and 2 know themselves.
void keep_operand(const BlockPlan& plan, const Tiling& tiling, std::size_t word, const OperandTile& known, u64* sums,
                  u64* operand);

}  // namespace cohortium::mpc
