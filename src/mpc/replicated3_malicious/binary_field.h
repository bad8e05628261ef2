// The field of 2^64 elements: polynomials over Z_2 modulo x^64 + x^4 + x^3 + x
// + 1, bit i the coefficient of x^i. By carry-less multiplication where the
// processor has it, else by a loop without branches or secret addresses.
#pragma once

#include <cstddef>
#include <span>

#include "crypto/random_generator.h"
#include "mpc/ring.h"

namespace cohortium::mpc {

struct BinaryField {
  u64 bits = 0;

  BinaryField() = default;
  explicit BinaryField(u64 value) : bits(value) {}

  friend BinaryField operator+(BinaryField a, BinaryField b) { return BinaryField(a.bits ^ b.bits); }
  friend BinaryField operator-(BinaryField a, BinaryField b) { return BinaryField(a.bits ^ b.bits); }
  friend BinaryField operator*(BinaryField a, BinaryField b) { return inner_product(&a, &b, 1); }

  static void draw(crypto::RandomGenerator& generator, std::span<BinaryField> out) {
    generator.fill(std::as_writable_bytes(out));
  }
  static BinaryField inner_product(const BinaryField* a, const BinaryField* b, std::size_t n);
  // out[i] = the sum over j of factor[j] in[j * stride + i]; `in` has `size`
  // elements and is zero behind them.
  static void combine(const BinaryField* in, std::size_t size, std::size_t stride, const BinaryField* factor,
                      std::size_t factors, BinaryField* out);
  // out[i] = a[i] b[i].
  static void multiply(const BinaryField* a, const BinaryField* b, BinaryField* out, std::size_t n);
  // low[i], high[i] += the sum over j < count of weights[j] words[i * count + j], not yet reduced.
  static void add_weighted(const BinaryField* weights, std::size_t count, const u64* words, u64* low, u64* high,
                           std::size_t n);
  static BinaryField reduced(u64 low, u64 high) {
    // x^64 = x^4 + x^3 + x + 1; what that pushes over the top once more has four bits.
    high ^= high >> 60 ^ high >> 61 ^ high >> 63;
    return BinaryField(low ^ high ^ high << 1 ^ high << 3 ^ high << 4);
  }
  static bool is_zero(BinaryField a) { return a.bits == 0; }
  BinaryField inverse() const;  // this^(2^64 - 2)
};

// A sum of products that are not yet reduced: four, low and high halves in turn, as vectors hold them.
struct alignas(64) UnreducedSum {
  u64 halves[8];

  void add(u64 low, u64 high) { halves[0] ^= low, halves[1] ^= high; }
  BinaryField value() const {
    return BinaryField::reduced(halves[0] ^ halves[2] ^ halves[4] ^ halves[6],
                                halves[1] ^ halves[3] ^ halves[5] ^ halves[7]);
  }
};

}  // namespace cohortium::mpc
