// The inner loops of every protocol, over plain arrays: compiled for several instruction sets where that pays (64-bit
// words), written once for both rings where the compiler does the rest. No branches on values.
//
// Arrays of one call have equal length `n`; `out` may be the same array as an input, but may not overlap it otherwise.
#pragma once

#include <cstddef>

#include "mpc/ring.h"

namespace cohortium::mpc {

void add_words(const u64* a, const u64* b, u64* out, std::size_t n);
void add_words(const u128* a, const u128* b, u128* out, std::size_t n);
void subtract_words(const u64* a, const u64* b, u64* out, std::size_t n);
void subtract_words(const u128* a, const u128* b, u128* out, std::size_t n);
void scale_words(const u64* a, u64 factor, u64* out, std::size_t n);
void scale_words(const u128* a, u128 factor, u128* out, std::size_t n);
void multiply_words(const u64* a, const u64* b, u64* out, std::size_t n);
void multiply_words(const u128* a, const u128* b, u128* out, std::size_t n);
void xor_words(const u64* a, const u64* b, u64* out, std::size_t n);
void and_words(const u64* a, const u64* b, u64* out, std::size_t n);

// out += factor * a: the inner step of a matrix product.
void add_scaled_words(const u64* a, u64 factor, u64* out, std::size_t n);
void add_scaled_words(const u128* a, u128 factor, u128* out, std::size_t n);

// out = x0 (y0 + y1) + x1 y0 + plus - minus: a party's summands of a product of replicated shares, in one pass with the
// zero share that hides them.
void masked_cross_products(const u64* x0, const u64* x1, const u64* y0, const u64* y1, const u64* plus,
                           const u64* minus, u64* out, std::size_t n);
void masked_cross_products(const u128* x0, const u128* x1, const u128* y0, const u128* y1, const u128* plus,
                           const u128* minus, u128* out, std::size_t n);
// The sum of a[i] b[i]; of x0 (y0 + y1) + x1 y0.
u64 sum_of_products(const u64* a, const u64* b, std::size_t n);
u128 sum_of_products(const u128* a, const u128* b, std::size_t n);
u64 sum_of_cross_products(const u64* x0, const u64* x1, const u64* y0, const u64* y1, std::size_t n);
u128 sum_of_cross_products(const u128* x0, const u128* x1, const u128* y0, const u128* y1, std::size_t n);
// out += plus - minus.
void add_difference(const u64* plus, const u64* minus, u64* out, std::size_t n);
void add_difference(const u128* plus, const u128* minus, u128* out, std::size_t n);
// out += a + b.
void add_sum(const u64* a, const u64* b, u64* out, std::size_t n);
void add_sum(const u128* a, const u128* b, u128* out, std::size_t n);
// out ^= (x0 & (y0 ^ y1)) ^ (x1 & y0): such summands in Z_2.
void add_cross_conjunctions(const u64* x0, const u64* x1, const u64* y0, const u64* y1, u64* out, std::size_t n);

}  // namespace cohortium::mpc
