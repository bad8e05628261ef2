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
#include <algorithm>

#include "mpc/replicated3/lane.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t block = 2048;  // elements whose masks stay in the cache

}  // namespace

template <RingWord W>
void Lane::reshare(std::size_t size, Parts<W> out) {
  Buffer<W> mask(std::min(block, size));
  for (std::size_t from = 0; from < size; from += block) {
    const std::size_t count = std::min(block, size - from);
    W* part = out.first + from;
    const std::span<std::byte> bytes = std::as_writable_bytes(std::span(mask.data(), count));
    with_next_.fill(bytes);
    add_words(part, mask.data(), part, count);
    with_previous_.fill(bytes);
    subtract_words(part, mask.data(), part, count);
  }
  channels_.exchange({{channels_.previous(), std::as_bytes(std::span(out.first, size))}},
                     {{channels_.next(), std::as_writable_bytes(std::span(out.second, size))}});
}

template <RingWord W>
void Lane::multiply(ConstParts<W> a, ConstParts<W> b, std::size_t count, Parts<W> out) {
  cross_products(a.first, a.second, b.first, b.second, out.first, count);
  reshare(count, out);
}

#define COHORTIUM_FOR_RING(W)                         \
  template void Lane::reshare(std::size_t, Parts<W>); \
  template void Lane::multiply(ConstParts<W>, ConstParts<W>, std::size_t, Parts<W>);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
