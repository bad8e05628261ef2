// The local half of a product of replicated shares: each party's summands, which add up to the product over the parties.
#pragma once

#include <cstddef>

#include "mpc/replicated3/lane.h"

namespace cohortium::mpc {

// out[i] = the summand of the sum of a[j] b[j] over block i of `length` elements.
template <RingWord W>
void local_sums(ConstParts<W> a, ConstParts<W> b, std::size_t blocks, std::size_t length, W* out);

// Row-major (rows x inner) times (inner x columns).
template <RingWord W>
void local_matrix_product(ConstParts<W> a, ConstParts<W> b, std::size_t rows, std::size_t inner, std::size_t columns,
                          W* out);

}  // namespace cohortium::mpc
