#include "mpc/replicated3/products.h"

#include <algorithm>

#include "mpc/word_loops.h"

namespace cohortium::mpc {

template <RingWord W>
void local_sums(ConstParts<W> a, ConstParts<W> b, std::size_t blocks, std::size_t length, W* out) {
  for (std::size_t block = 0; block < blocks; ++block) {
    W sum = 0;
    for (std::size_t i = block * length; i < (block + 1) * length; ++i) {
      sum += a.first[i] * (b.first[i] + b.second[i]) + a.second[i] * b.first[i];
    }
    out[block] = sum;
  }
}

template <RingWord W>
void local_matrix_product(ConstParts<W> a, ConstParts<W> b, std::size_t rows, std::size_t inner, std::size_t columns,
                          W* out) {
  Buffer<W> b_sum(inner * columns);
  add_words(b.first, b.second, b_sum.data(), b_sum.size());
  std::fill_n(out, rows * columns, W{0});
  for (std::size_t row = 0; row < rows; ++row, out += columns) {
    for (std::size_t i = 0; i < inner; ++i) {
      add_scaled_words(b_sum.data() + i * columns, a.first[row * inner + i], out, columns);
      add_scaled_words(b.first + i * columns, a.second[row * inner + i], out, columns);
    }
  }
}

#define COHORTIUM_FOR_RING(W)                                                           \
  template void local_sums(ConstParts<W>, ConstParts<W>, std::size_t, std::size_t, W*); \
  template void local_matrix_product(ConstParts<W>, ConstParts<W>, std::size_t, std::size_t, std::size_t, W*);
COHORTIUM_FOR_RING(u64)
COHORTIUM_FOR_RING(u128)
#undef COHORTIUM_FOR_RING

}  // namespace cohortium::mpc
