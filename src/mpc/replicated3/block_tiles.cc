#include "mpc/replicated3/block_tiles.h"

#include <algorithm>
#include <array>

#include "base/dispatch.h"
#include "base/error.h"

namespace cohortium::mpc {
namespace {

alignas(64) constexpr std::array<u64, 64> zeros{};

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

}  // namespace

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

}  // namespace cohortium::mpc
