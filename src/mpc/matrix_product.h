// Products of integer matrices, blocked for the caches and for vector registers: the work of a party under a secret
// matrix product. Row-major, wrapping, without branches on values.
#pragma once

#include <cstddef>
#include <span>

#include "mpc/ring.h"

namespace cohortium::mpc {

// left (rows x inner) times right + right_too (inner x columns); right_too may be null.
template <RingWord W>
struct MatrixTerm {
  const W* left;
  const W* right;
  const W* right_too = nullptr;
};

// out (rows x columns) = the sum of the terms.
template <RingWord W>
void sum_of_matrix_products(std::span<const MatrixTerm<W>> terms, std::size_t rows, std::size_t inner,
                            std::size_t columns, W* out);

}  // namespace cohortium::mpc
