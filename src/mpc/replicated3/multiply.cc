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

#include "base/error.h"
#include "mpc/replicated3/replicated3.h"
#include "mpc/word_loops.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t block = 2048;  // elements whose masks stay in the cache

template <RingWord W>
void check_product(const Shared<W>& a, const Shared<W>& b) {
  COHORTIUM_CHECK(a.size == b.size && a.components == 2 && b.components == 2);
}

// One term of the sum that is component 0 of the result.
template <RingWord W>
W summand(const Shared<W>& a, const Shared<W>& b, std::size_t i) {
  return a.component[0][i] * (b.component[0][i] + b.component[1][i]) + a.component[1][i] * b.component[0][i];
}

}  // namespace

template <RingWord W>
void Replicated3::reshare(Shared<W>& summands) {
  Buffer<W> mask(std::min(block, summands.size));
  for (std::size_t from = 0; from < summands.size; from += block) {
    const std::size_t count = std::min(block, summands.size - from);
    W* part = summands.component[0].data() + from;
    const std::span<std::byte> bytes = std::as_writable_bytes(std::span(mask.data(), count));
    with_next_.fill(bytes);
    add_words(part, mask.data(), part, count);
    with_previous_.fill(bytes);
    subtract_words(part, mask.data(), part, count);
  }
  session_.exchange({{session_.previous(), bytes_of(summands.component[0])}},
                    {{session_.next(), writable_bytes_of(summands.component[1])}});
}

template <RingWord W>
Shared<W> Replicated3::multiply(const Shared<W>& a, const Shared<W>& b) {
  check_product(a, b);
  Shared<W> result(a.size, 2);
  cross_products(a.component[0].data(), a.component[1].data(), b.component[0].data(), b.component[1].data(),
                 result.component[0].data(), a.size);
  reshare(result);
  return result;
}

template <RingWord W>
Shared<W> Replicated3::dot(const Shared<W>& a, const Shared<W>& b, std::size_t length) {
  check_product(a, b);
  COHORTIUM_CHECK(length > 0 && a.size % length == 0);
  Shared<W> result(a.size / length, 2);
  for (std::size_t block_index = 0; block_index < result.size; ++block_index) {
    W sum = 0;
    for (std::size_t i = 0; i < length; ++i) sum += summand(a, b, block_index * length + i);
    result.component[0][block_index] = sum;
  }
  reshare(result);
  return result;
}

template <RingWord W>
Shared<W> Replicated3::matrix_product(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                      std::size_t columns) {
  COHORTIUM_CHECK(a.size == rows * inner && b.size == inner * columns && a.components == 2 && b.components == 2);
  Buffer<W> b_sum(b.size);
  add_words(b.component[0].data(), b.component[1].data(), b_sum.data(), b.size);
  Shared<W> result(rows * columns, 2);
  for (std::size_t row = 0; row < rows; ++row) {
    W* out = result.component[0].data() + row * columns;
    for (std::size_t i = 0; i < inner; ++i) {
      add_scaled_words(b_sum.data() + i * columns, a.component[0][row * inner + i], out, columns);
      add_scaled_words(b.component[0].data() + i * columns, a.component[1][row * inner + i], out, columns);
    }
  }
  reshare(result);
  return result;
}

#define COHORTIUM_FOR_RING(W)                                                                                  \
  template void Replicated3::reshare(Shared<W>&);                                                              \
  template Shared<W> Replicated3::multiply(const Shared<W>&, const Shared<W>&);                                \
  template Shared<W> Replicated3::dot(const Shared<W>&, const Shared<W>&, std::size_t);                        \
  template Shared<W> Replicated3::matrix_product(const Shared<W>&, const Shared<W>&, std::size_t, std::size_t, \
                                                 std::size_t);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
