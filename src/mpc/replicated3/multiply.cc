// Products of replicated shares in Z_2^k: elementwise, sums of products, matrix products.
//
// Party i computes z_i = x_i y_i + x_i y_{i+1} + x_{i+1} y_i = x_i (y_i + y_{i+1}) + x_{i+1} y_i; the three z_i add up
// to the product. A zero share, drawn with both neighbours, makes them uniform; then z_i goes to the previous party.
// Sums of products are summed before the exchange, so they cost no more than one product.
//
// Security   semi-honest, 1 corruption of 3; fails closed on short messages
// Reveals    nothing
// Rounds     1
// Sent       k bits per result and party
// Requires   equal sizes
// Source     Araki et al., CCS 2016, section 2.2
#include "mpc/replicated3/lane.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {

template <RingWord W>
void Lane::multiply(ConstParts<W> a, ConstParts<W> b, std::size_t count, Parts<W> out) {
  rotate(count, out, [&](std::size_t start, std::size_t length) {
    in_pieces(length, mask_bytes / sizeof(W), [&](std::size_t from, std::size_t n) {
      const auto [plus, minus] = masks<W>(n);
      const ConstParts<W> x = a.from(start + from), y = b.from(start + from);
      masked_cross_products(x.first, x.second, y.first, y.second, plus, minus, out.first + start + from, n);
    });
  });
}

template <RingWord W>
void Lane::reshare(std::size_t count, Parts<W> out) {
  rotate(count, out, [&](std::size_t start, std::size_t length) {
    in_pieces(length, mask_bytes / sizeof(W), [&](std::size_t from, std::size_t n) {
      const auto [plus, minus] = masks<W>(n);
      add_difference(plus, minus, out.first + start + from, n);
    });
  });
}

#define COHORTIUM_FOR_RING(W)                         \
  template void Lane::reshare(std::size_t, Parts<W>); \
  template void Lane::multiply(ConstParts<W>, ConstParts<W>, std::size_t, Parts<W>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
