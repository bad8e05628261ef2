#include "mpc/replicated4/cross_products.h"

#include "base/dispatch.h"

namespace cohortium::mpc {

COHORTIUM_DISPATCHED void cross_products(const u64* xa, const u64* xb, const u64* ya, const u64* yb, u64* out,
                                         std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = xa[i] * yb[i] + xb[i] * ya[i];
}
void cross_products(const u128* xa, const u128* xb, const u128* ya, const u128* yb, u128* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = xa[i] * yb[i] + xb[i] * ya[i];
}

COHORTIUM_DISPATCHED void products_of_sums(const u64* xa, const u64* xb, const u64* ya, const u64* yb, u64* out,
                                           std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = (xa[i] + xb[i]) * (ya[i] + yb[i]);
}
void products_of_sums(const u128* xa, const u128* xb, const u128* ya, const u128* yb, u128* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = (xa[i] + xb[i]) * (ya[i] + yb[i]);
}

COHORTIUM_DISPATCHED void cross_conjunctions(const u64* xa, const u64* xb, const u64* ya, const u64* yb, u64* out,
                                             std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = (xa[i] & yb[i]) ^ (xb[i] & ya[i]);
}

COHORTIUM_DISPATCHED void conjunctions_of_sums(const u64* xa, const u64* xb, const u64* ya, const u64* yb, u64* out,
                                               std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = (xa[i] ^ xb[i]) & (ya[i] ^ yb[i]);
}

COHORTIUM_DISPATCHED void add_conjunctions(const u64* x, const u64* y, u64* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] ^= x[i] & y[i];
}

}  // namespace cohortium::mpc
