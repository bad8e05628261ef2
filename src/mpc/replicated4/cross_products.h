// The loops of replicated4's products: out = x_a y_b + x_b y_a, and out = (x_a + x_b)(y_a + y_b). No branches on values.
#pragma once

#include <cstddef>

#include "mpc/ring.h"

namespace cohortium::mpc {

void cross_products(const u64* xa, const u64* xb, const u64* ya, const u64* yb, u64* out, std::size_t n);
void cross_products(const u128* xa, const u128* xb, const u128* ya, const u128* yb, u128* out, std::size_t n);
void products_of_sums(const u64* xa, const u64* xb, const u64* ya, const u64* yb, u64* out, std::size_t n);
void products_of_sums(const u128* xa, const u128* xb, const u128* ya, const u128* yb, u128* out, std::size_t n);
// The same in Z_2.
void cross_conjunctions(const u64* xa, const u64* xb, const u64* ya, const u64* yb, u64* out, std::size_t n);
void conjunctions_of_sums(const u64* xa, const u64* xb, const u64* ya, const u64* yb, u64* out, std::size_t n);
// out ^= x y.
void add_conjunctions(const u64* x, const u64* y, u64* out, std::size_t n);

}  // namespace cohortium::mpc
