#include "mpc/block_products.h"

#include "base/dispatch.h"

namespace cohortium::mpc {
namespace {

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

}  // namespace

void multiply_out_tile(const BlockPlan& plan, const u64* a, u64* products, std::size_t width) {
  for (int block : plan.widths) {
    multiply_out(block, a, products, width);
    a += block * width;
    products += ((std::size_t{1} << block) - 1) * width;
  }
  if (plan.above) multiply_out(1, a, products, width);
}

}  // namespace cohortium::mpc
