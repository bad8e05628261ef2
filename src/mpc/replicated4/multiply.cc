// Products in Z_2^k: elementwise, sums of products, matrix products.
//
// The product of x = x_0 + x_1 + x_2 + x_3 and y is the sum over the six pairs of components (a, b) of
// x_a y_b + x_b y_a, and of the x_a y_a. The two parties other than a and b know a pair's part, and share it (joint_round.h).
// The x_a y_a go with the pairs (0, 2) and (1, 3), whose parts then are (x_a + x_b)(y_a + y_b): one product for four. Sums of
// products are summed before they are shared, so they cost no more than one product.
//
// Security   malicious, 1 corruption of 4 (joint_round.h)
// Reveals    nothing
// Rounds     1
// Sent       6k bits per result in all: parties 2 and 3 2k each, parties 0 and 1 k each; and 16 bytes for each of six
//            messages
// Requires   equal sizes
// Source     Dalskov, Escudero, Keller, USENIX Security 2021, section 3
#include <algorithm>
#include <memory>

#include "base/error.h"
#include "mpc/matrix_product.h"
#include "mpc/replicated4/cross_products.h"
#include "mpc/replicated4/replicated4.h"

namespace cohortium::mpc {
namespace {

template <class Vector>
void check_alike(const Vector& a, const Vector& b) {
  COHORTIUM_CHECK(a.size == b.size && a.components == four - 1 && b.components == four - 1);
}

// Values that stand ready.
template <class W>
MakeValues<W> copies_of(Buffer<W>&& values) {
  return [ready = std::make_shared<Buffer<W>>(std::move(values))](std::size_t from, std::size_t n, W* to) {
    std::copy_n(ready->data() + from, n, to);
  };
}

}  // namespace

Cost Replicated4Cost::products(std::size_t bytes) const {
  JointRoundCost cost(party_);
  for (const Pair& pair : all_pairs) cost.share(pair.receiver, pair.other, bytes);
  return cost;
}

Cost Replicated4Cost::cross_products(std::size_t bytes) const {
  JointRoundCost cost(party_);
  for (const Pair& pair : cross_pairs) cost.share(pair.receiver, pair.other, bytes);
  return cost;
}

template <class Group>
void Replicated4::add_pairs(std::span<const Pair> pairs, std::size_t count,
                            const PairValues<typename Group::Word>& values, View<typename Group::Word> out, bool more) {
  JointRound round(party_);
  for (const Pair& pair : pairs) {
    round.share<Group>(pair.receiver, pair.other, count, out,
                       knows(pair) ? values(pair) : MakeValues<typename Group::Word>(), more);
  }
  round.run();
}

template <RingWord W>
PairValues<W> Replicated4::products_of(const Shared<W>& a, const Shared<W>& b) {
  const View<const W> x = view(a), y = view(b);
  return [x, y](const Pair& pair) {
    const PartyId i = pair.receiver, j = pair.other;
    return MakeValues<W>([x, y, i, j, squares = pair.squares](std::size_t from, std::size_t n, W* to) {
      (squares ? static_cast<void (*)(const W*, const W*, const W*, const W*, W*, std::size_t)>(products_of_sums)
               : static_cast<void (*)(const W*, const W*, const W*, const W*, W*, std::size_t)>(cross_products))(
          x[i] + from, x[j] + from, y[i] + from, y[j] + from, to, n);
    });
  };
}

template <RingWord W>
PairValues<W> Replicated4::sums_of(const Shared<W>& a, const Shared<W>& b, std::size_t length) {
  check_alike(a, b);
  COHORTIUM_CHECK(length > 0 && a.size % length == 0);
  const View<const W> x = view(a), y = view(b);
  const std::size_t results = a.size / length;
  return [x, y, results, length](const Pair& pair) {
    Buffer<W> sums(results);
    for (std::size_t i = 0; i < results; ++i) {
      const View<const W> u = x.from(i * length), v = y.from(i * length);
      const W *const ua = u[pair.receiver], *const ub = u[pair.other], *const va = v[pair.receiver],
                     *const vb = v[pair.other];
      sums[i] = pair.squares ? sum_of_cross_products(ua, ub, va, vb, length) + sum_of_products(ub, vb, length)
                             : sum_of_products(ua, vb, length) + sum_of_products(ub, va, length);
    }
    return copies_of(std::move(sums));
  };
}

template <RingWord W>
PairValues<W> Replicated4::matrix_products_of(const Shared<W>& a, const Shared<W>& b, std::size_t rows,
                                              std::size_t inner, std::size_t columns) {
  COHORTIUM_CHECK(a.size == rows * inner && b.size == inner * columns && a.components == four - 1 &&
                  b.components == four - 1);
  const View<const W> x = view(a), y = view(b);
  return [x, y, rows, inner, columns](const Pair& pair) {
    const PartyId i = pair.receiver, j = pair.other;
    Buffer<W> result(rows * columns), left;
    std::vector<MatrixTerm<W>> terms;
    if (pair.squares) {
      left.resize(rows * inner);
      add_words(x[i], x[j], left.data(), left.size());
      terms.push_back({left.data(), y[i], y[j]});
    } else {
      terms.push_back({x[i], y[j]});
      terms.push_back({x[j], y[i]});
    }
    sum_of_matrix_products(std::span<const MatrixTerm<W>>(terms), rows, inner, columns, result.data());
    return copies_of(std::move(result));
  };
}

template <RingWord W>
Shared<W> Replicated4::shared_products(std::size_t count, const PairValues<W>& values) {
  auto result = Shared<W>::uninitialised(count, four - 1);
  add_pairs<Sums<W>>(all_pairs, count, values, view(result));
  return result;
}

template <RingWord W>
Shared<W> Replicated4::multiply(const Shared<W>& a, const Shared<W>& b) {
  check_alike(a, b);
  return shared_products<W>(a.size, products_of(a, b));
}

template <RingWord W>
Shared<W> Replicated4::dot(const Shared<W>& a, const Shared<W>& b, std::size_t length) {
  return shared_products<W>(a.size / length, sums_of(a, b, length));
}

template <RingWord W>
Shared<W> Replicated4::matrix_product(const Shared<W>& a, const Shared<W>& b, std::size_t rows, std::size_t inner,
                                      std::size_t columns) {
  return shared_products<W>(rows * columns, matrix_products_of(a, b, rows, inner, columns));
}

template <RingWord W>
Shared<W> Replicated4::multiply_truncate(const Shared<W>& a, const Shared<W>& b, int bits) {
  check_alike(a, b);
  return truncated_products<W>(a.size, bits, products_of(a, b));
}

template <RingWord W>
Shared<W> Replicated4::dot_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t length, int bits) {
  return truncated_products<W>(a.size / length, bits, sums_of(a, b, length));
}

template <RingWord W>
Shared<W> Replicated4::matrix_product_truncate(const Shared<W>& a, const Shared<W>& b, std::size_t rows,
                                               std::size_t inner, std::size_t columns, int bits) {
  return truncated_products<W>(rows * columns, bits, matrix_products_of(a, b, rows, inner, columns));
}

template void Replicated4::add_pairs<Bits>(std::span<const Pair>, std::size_t, const PairValues<u64>&, View<u64>, bool);
#define COHORTIUM_FOR_NARROW(N)                                                                                    \
  template void Replicated4::add_pairs<Sums<N>>(std::span<const Pair>, std::size_t, const PairValues<N>&, View<N>, \
                                                bool);
COHORTIUM_FOR_NARROW(std::uint8_t)
COHORTIUM_FOR_NARROW(std::uint16_t)
COHORTIUM_FOR_NARROW(std::uint32_t)
#undef COHORTIUM_FOR_NARROW
#define COHORTIUM_FOR_RING(W)                                                                                      \
  template void Replicated4::add_pairs<Sums<W>>(std::span<const Pair>, std::size_t, const PairValues<W>&, View<W>, \
                                                bool);                                                             \
  template Shared<W> Replicated4::multiply(const Shared<W>&, const Shared<W>&);                                    \
  template Shared<W> Replicated4::dot(const Shared<W>&, const Shared<W>&, std::size_t);                            \
  template Shared<W> Replicated4::matrix_product(const Shared<W>&, const Shared<W>&, std::size_t, std::size_t,     \
                                                 std::size_t);                                                     \
  template Shared<W> Replicated4::multiply_truncate(const Shared<W>&, const Shared<W>&, int);                      \
  template Shared<W> Replicated4::dot_truncate(const Shared<W>&, const Shared<W>&, std::size_t, int);              \
  template Shared<W> Replicated4::matrix_product_truncate(const Shared<W>&, const Shared<W>&, std::size_t,         \
                                                          std::size_t, std::size_t, int);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
