#include "mpc/word_loops.h"

#include "base/dispatch.h"

namespace cohortium::mpc {

COHORTIUM_DISPATCHED void add_words(const u64* a, const u64* b, u64* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] + b[i];
}

void add_words(const u128* a, const u128* b, u128* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] + b[i];
}

COHORTIUM_DISPATCHED void subtract_words(const u64* a, const u64* b, u64* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] - b[i];
}

void subtract_words(const u128* a, const u128* b, u128* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] - b[i];
}

COHORTIUM_DISPATCHED void scale_words(const u64* a, u64 factor, u64* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] * factor;
}

void scale_words(const u128* a, u128 factor, u128* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] * factor;
}

COHORTIUM_DISPATCHED void multiply_words(const u64* a, const u64* b, u64* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] * b[i];
}

void multiply_words(const u128* a, const u128* b, u128* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] * b[i];
}

COHORTIUM_DISPATCHED void xor_words(const u64* a, const u64* b, u64* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] ^ b[i];
}

COHORTIUM_DISPATCHED void and_words(const u64* a, const u64* b, u64* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] & b[i];
}

COHORTIUM_DISPATCHED void add_scaled_words(const u64* a, u64 factor, u64* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += factor * a[i];
}

void add_scaled_words(const u128* a, u128 factor, u128* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += factor * a[i];
}

COHORTIUM_DISPATCHED void masked_cross_products(const u64* x0, const u64* x1, const u64* y0, const u64* y1,
                                                const u64* plus, const u64* minus, u64* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = x0[i] * (y0[i] + y1[i]) + x1[i] * y0[i] + plus[i] - minus[i];
}

void masked_cross_products(const u128* x0, const u128* x1, const u128* y0, const u128* y1, const u128* plus,
                           const u128* minus, u128* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = x0[i] * (y0[i] + y1[i]) + x1[i] * y0[i] + plus[i] - minus[i];
}

COHORTIUM_DISPATCHED u64 sum_of_products(const u64* a, const u64* b, std::size_t n) {
  u64 sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

COHORTIUM_DISPATCHED u64 sum_of_cross_products(const u64* x0, const u64* x1, const u64* y0, const u64* y1,
                                               std::size_t n) {
  u64 sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += x0[i] * (y0[i] + y1[i]) + x1[i] * y0[i];
  return sum;
}

u128 sum_of_products(const u128* a, const u128* b, std::size_t n) {
  u128 sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

u128 sum_of_cross_products(const u128* x0, const u128* x1, const u128* y0, const u128* y1, std::size_t n) {
  u128 sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += x0[i] * (y0[i] + y1[i]) + x1[i] * y0[i];
  return sum;
}

COHORTIUM_DISPATCHED void add_difference(const u64* plus, const u64* minus, u64* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += plus[i] - minus[i];
}

COHORTIUM_DISPATCHED void add_sum(const u64* a, const u64* b, u64* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += a[i] + b[i];
}

void add_difference(const u128* plus, const u128* minus, u128* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += plus[i] - minus[i];
}

void add_sum(const u128* a, const u128* b, u128* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += a[i] + b[i];
}

COHORTIUM_DISPATCHED void add_cross_conjunctions(const u64* x0, const u64* x1, const u64* y0, const u64* y1, u64* out,
                                                 std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] ^= (x0[i] & (y0[i] ^ y1[i])) ^ (x1[i] & y0[i]);
}

}  // namespace cohortium::mpc
