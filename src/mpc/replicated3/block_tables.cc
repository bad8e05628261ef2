// Carries of blocks of positions. Position i of an addition propagates p_i = a_i xor b_i and generates
// g_i = r_i (a_i xor s_i), b = r xor s, where party 0 knows a, and parties 1 and 2 both know r and s (a + b itself:
// r = b, s = 0). Over a block of w positions both "generates" and "propagates" are polynomials in the bits of a, linear
// in the 2^w - 1 products of these bits, with coefficients that parties 1 and 2 both know. So party 0 sends party 1 the
// products, each under a mask that it draws with party 2; then party 1 holds the polynomial of the masked products and
// party 2 that of the masks, which add up to the table. Each masks its summand with what it draws with party 0 and sends
// it to the other: that is a replicated sharing, of which party 0 draws both its components.
//
// Security   semi-honest, 1 corruption of 3. Party 0 receives nothing. Party 1 receives products under masks that only
//            parties 0 and 2 know, and party 2's summand under a mask that only parties 0 and 2 know; party 2 receives
//            party 1's summand under a mask that only parties 0 and 1 know. Sums of positions need no message of their
//            own: a xor b is shared by the masks, the masked bits, and b
// Reveals    nothing
// Rounds     1; 2 with tables
// Sent       party 0: 1 bit per element and product; parties 1 and 2: 1 bit per element and table each
// Requires   blocks of 1 to 4 positions
// Source     the derivation above; a shared truth table at one side's index, as in one-time truth tables (Ishai et al.,
//            TCC 2013), of which only what is linear is kept
#include "mpc/replicated3/block_tables.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/dispatch.h"
#include "base/error.h"
#include "mpc/replicated3/bit_lane.h"
#include "mpc/replicated3/join_summands.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

alignas(64) constexpr std::array<u64, 64> zeros{};

// products[m - 1] ^= the product of the bits of a in m, for every m of a block.
template <int width>
[[gnu::always_inline]] inline void multiply_out_block(const u64* a, u64* products, std::size_t n) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) {
    u64 product[1 << width];
    product[0] = ~u64{0};
    for (int j = 0; j < width; ++j) {
      for (int m = 0; m < 1 << j; ++m) {
        product[m | 1 << j] = product[m] & a[j * n + i];
        products[((m | 1 << j) - 1) * n + i] ^= product[m | 1 << j];
      }
    }
  }
}

COHORTIUM_DISPATCHED void multiply_out(int width, const u64* a, u64* products, std::size_t n) {
  switch (width) {
    case 1:
      return multiply_out_block<1>(a, products, n);
    case 2:
      return multiply_out_block<2>(a, products, n);
    case 3:
      return multiply_out_block<3>(a, products, n);
    default:
      return multiply_out_block<4>(a, products, n);
  }
}

// What a party's summands of a table are made from: its shares of the products, its share of 1, and the coefficients.
struct Coefficients {
  const u64* products;
  u64 one;
  const u64 *b, *r, *s;
  std::size_t s_stride;  // 0: there is one plane of zeros
};

// generate ^= , propagate ^= the summands of both tables of the lowest `width` positions. Position after position is
// folded in from above: what held products with a_j holds their value times p_j afterwards.
template <int width>
[[gnu::always_inline]] inline void fold_block(const Coefficients& c, u64* generate, u64* propagate, std::size_t n) {
  const u64 *const products = c.products, *const b = c.b, *const r = c.r, *const s = c.s;
  const std::size_t s_stride = c.s_stride;
  const u64 one = c.one;
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) {
    u64 share[1 << width];
    share[0] = one;
    for (int m = 1; m < 1 << width; ++m) share[m] = products[(m - 1) * n + i];
    u64 generated = 0;
    for (int j = width - 1; j >= 0; --j) {
      generated ^= r[j * n + i] & (share[1 << j] ^ (s[j * s_stride + i] & share[0]));
      for (int m = 0; m < 1 << j; ++m) share[m] = share[m | 1 << j] ^ (b[j * n + i] & share[m]);
    }
    generate[i] ^= generated;
    propagate[i] ^= share[0];
  }
}

COHORTIUM_DISPATCHED void fold(int width, const Coefficients& c, u64* generate, u64* propagate, std::size_t n) {
  switch (width) {
    case 1:
      return fold_block<1>(c, generate, propagate, n);
    case 2:
      return fold_block<2>(c, generate, propagate, n);
    case 3:
      return fold_block<3>(c, generate, propagate, n);
    default:
      return fold_block<4>(c, generate, propagate, n);
  }
}

void multiply_out_tile(const BlockPlan& plan, const u64* a, u64* products, std::size_t width) {
  for (int block : plan.widths) {
    multiply_out(block, a, products, width);
    a += block * width;
    products += ((std::size_t{1} << block) - 1) * width;
  }
  if (plan.above) multiply_out(1, a, products, width);
}

// tables ^= this party's summands.
void fold_tile(const BlockPlan& plan, const u64* products, const OperandTile& operand, u64 one, u64* tables,
               std::size_t width) {
  std::array<u64, 64> unused_generate{}, unused_propagate{};
  std::size_t table = 0;
  int first = 0;
  for (int block = 0; block < static_cast<int>(plan.widths.size()); ++block) {
    const std::size_t at = first * width;
    const Coefficients coefficients{.products = products,
                                    .one = one,
                                    .b = operand.b + at,
                                    .r = operand.r + at,
                                    .s = operand.s == nullptr ? zeros.data() : operand.s + at,
                                    .s_stride = operand.s == nullptr ? 0 : width};
    while (table < plan.tables.size() && plan.tables[table].block == block) {
      // Both tables of a stretch stand side by side where both are wanted.
      const int length = plan.tables[table].length;
      u64 *generate = unused_generate.data(), *propagate = unused_propagate.data();
      for (; table < plan.tables.size() && plan.tables[table].block == block && plan.tables[table].length == length;
           ++table) {
        (plan.tables[table].propagate ? propagate : generate) = tables + table * width;
      }
      fold(length, coefficients, generate, propagate, width);
    }
    first += plan.widths[block];
    products += ((std::size_t{1} << plan.widths[block]) - 1) * width;
  }
  wipe(unused_generate.data(), sizeof(unused_generate));
  wipe(unused_propagate.data(), sizeof(unused_propagate));
}

// Keeps what is wanted of the sums and of a: one component of both, `bits` being this component of the shared products.
void keep_products(const BlockPlan& plan, const Tiling& tiling, std::size_t word, const u64* products, u64* sums,
                   u64* operand) {
  const std::size_t width = tiling.width(word);
  u64* sum = sums + word * plan.sums.size();
  u64* bit = operand + (plan.operand ? word * plan.sums.size() : 0);
  for (int position : plan.sums) {
    const u64* const product = products + plan.product_of(position) * width;
    sum = std::copy_n(product, width, sum);
    if (plan.operand) bit = std::copy_n(product, width, bit);
  }
}

// The same for the component that parties 1 and 2 know themselves.
void keep_operand(const BlockPlan& plan, const Tiling& tiling, std::size_t word, const OperandTile& known, u64* sums,
                  u64* operand) {
  const std::size_t width = tiling.width(word);
  u64* sum = sums + word * plan.sums.size();
  u64* bit = operand + (plan.operand ? word * plan.sums.size() : 0);
  for (int position : plan.sums) {
    sum = std::copy_n(known.b + position * width, width, sum);
    if (plan.operand) bit = std::copy_n(known.s == nullptr ? zeros.data() : known.s + position * width, width, bit);
  }
}

}  // namespace

std::vector<int> blocks_of(int positions, int width) {
  std::vector<int> widths;
  if (positions % width != 0) widths.push_back(positions % width);
  widths.insert(widths.end(), positions / width, width);
  return widths;
}

int BlockPlan::positions() const { return std::accumulate(widths.begin(), widths.end(), above ? 1 : 0); }

int BlockPlan::products() const {
  int count = above ? 1 : 0;
  for (int width : widths) count += (1 << width) - 1;
  return count;
}

int BlockPlan::product_of(int position) const {
  int before = 0;
  for (int width : widths) {
    if (position < width) return before + (1 << position) - 1;
    before += (1 << width) - 1;
    position -= width;
  }
  COHORTIUM_CHECK(above && position == 0);
  return before;
}

Cost block_tables_cost(PartyId party, std::size_t words, const BlockPlan& plan) {
  const std::size_t plane_bytes = words * sizeof(u64);
  Cost cost{1, party == 0 ? plan.products() * plane_bytes : 0};
  if (!plan.tables.empty()) cost += {1, party == 0 ? 0 : plan.tables.size() * plane_bytes};
  return cost;
}

// Party 0: masked products to party 1. Both components of the tables are drawn.
void BitLane::offer_products(const BlockPlan& plan, const Tiling& tiling, const LoadOperand& load, BlockPlanes& out) {
  const std::size_t products = plan.products(), tables = plan.tables.size();
  Buffer<u64> message(products * std::min(tiling.words, stream_block_bytes / sizeof(u64) / products));
  const auto make = [&](std::size_t from, std::size_t count) {
    const std::size_t first = from / sizeof(u64) / products, end = first + count / sizeof(u64) / products;
    for (std::size_t word = first; word < end; word += tiling.tile) {
      const std::size_t width = tiling.width(word);
      u64* const tile = message.data() + (word - first) * products;
      draw_words(with_previous_, tile, products * width);
      keep_products(plan, tiling, word, tile, out.sums.parts().first, out.operand.parts().first);
      multiply_out_tile(plan, load(word, width).b, tile, width);
      keep_products(plan, tiling, word, tile, out.sums.parts().second, out.operand.parts().second);
      draw_words(with_previous_, out.tables.parts().first + word * tables, tables * width);
      draw_words(with_next_, out.tables.parts().second + word * tables, tables * width);
    }
    return std::as_bytes(std::span(message)).first(count);
  };
  const std::array sends{
      OutgoingStream{1, products * tiling.words * sizeof(u64), products * tiling.tile * sizeof(u64), make}};
  channels_.stream(sends, {});
}

// Parties 1 and 2: this party's summands of one tile of the tables, under the mask that it draws with party 0.
void BitLane::make_summands(const BlockPlan& plan, const Tiling& tiling, std::size_t word, const u64* products,
                            const OperandTile& operand, BlockPlanes& out) {
  const std::size_t width = tiling.width(word), count = plan.tables.size() * width, at = word * plan.tables.size();
  const bool first = self() == 1;
  u64* const mask = (first ? out.tables.parts().first : out.tables.parts().second) + at;
  u64* const summand = (first ? out.tables.parts().second : out.tables.parts().first) + at;
  draw_words(first ? with_previous_ : with_next_, mask, count);
  std::copy_n(mask, count, summand);
  fold_tile(plan, products, operand, first ? 0 : ~u64{0}, summand, width);
  const Parts<u64> sums = out.sums.parts(), bits = out.operand.parts();
  keep_products(plan, tiling, word, products, first ? sums.first : sums.second, first ? bits.first : bits.second);
  keep_operand(plan, tiling, word, operand, first ? sums.second : sums.first, first ? bits.second : bits.first);
}

// Party 1.
void BitLane::receive_products(const BlockPlan& plan, const Tiling& tiling, const LoadOperand& load, BlockPlanes& out) {
  const std::size_t products = plan.products(), bytes = products * sizeof(u64);
  Buffer<u64> message(products * std::min(tiling.words, stream_block_bytes / bytes));
  const auto place = [&](std::size_t, std::size_t count) { return writable_bytes_of(message).first(count); };
  const auto arrived = [&](std::size_t from, std::size_t count) {
    const std::size_t first = from / bytes, end = first + count / bytes;
    for (std::size_t word = first; word < end; word += tiling.tile) {
      const u64* const tile = message.data() + (word - first) * products;
      make_summands(plan, tiling, word, tile, load(word, tiling.width(word)), out);
    }
  };
  const std::array receives{IncomingStream{0, bytes * tiling.words, bytes * tiling.tile, place, arrived}};
  channels_.stream({}, receives);
}

// Party 2.
void BitLane::draw_products(const BlockPlan& plan, const Tiling& tiling, const LoadOperand& load, BlockPlanes& out) {
  Buffer<u64> masks(plan.products() * tiling.tile);
  for (std::size_t word = 0; word < tiling.words; word += tiling.tile) {
    draw_words(with_next_, masks.data(), plan.products() * tiling.width(word));
    make_summands(plan, tiling, word, masks.data(), load(word, tiling.width(word)), out);
  }
  channels_.stream({}, {});
}

BlockPlanes BitLane::block_tables(const BlockPlan& plan, const Tiling& tiling, const LoadOperand& load) {
  BlockPlanes out{.tables = {plan.tables.size(), tiling.words},
                  .sums = {plan.sums.size(), tiling.words},
                  .operand = {plan.operand ? plan.sums.size() : 0, tiling.words}};
  if (self() == 0) {
    offer_products(plan, tiling, load, out);
    if (!plan.tables.empty()) channels_.stream({}, {});
    return out;
  }
  const bool first = self() == 1;
  first ? receive_products(plan, tiling, load, out) : draw_products(plan, tiling, load, out);
  if (!plan.tables.empty()) {
    const Parts<u64> tables = out.tables.parts();
    join_summands(channels_, std::span(first ? tables.second : tables.first, plan.tables.size() * tiling.words),
                  [](const u64* a, const u64* b, u64* sum, std::size_t n) { xor_words(a, b, sum, n); });
  }
  return out;
}

}  // namespace cohortium::mpc
