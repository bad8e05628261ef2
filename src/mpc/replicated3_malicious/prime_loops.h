// The loops of prime_field.h over vectors of words below 2^52, each for one way to multiply. All ways have the same results
// modulo the prime; which number below 2^52 stands for a residue may differ.
#pragma once

#include <array>
#include <cstddef>

#include "mpc/replicated3_malicious/first_cut.h"
#include "mpc/ring.h"

namespace cohortium::mpc {

inline constexpr std::size_t most_factors = 32;
inline constexpr std::size_t most_unreduced = 4096;  // products in a word of a sum that bears no more

// A prime, 2^51 < p < 2^52 - 2^25, and what its loops take it for.
struct Modulus {
  u64 prime = 0;
  u64 inverse = 0;  // of the prime modulo 2^52
};

// (x / 2^52) modulo the prime, for x < 2^52 p: Montgomery's reduction, in which the low word is cancelled and not carried.
inline u64 divided_by_2_52(u128 x, const Modulus& m) {
  constexpr u64 low_bits = (u64{1} << 52) - 1;
  const u64 q = static_cast<u64>(x) * m.inverse & low_bits;
  const u64 r = static_cast<u64>(x >> 52) - static_cast<u64>(u128{q} * m.prime >> 52);
  return r + (m.prime & (u64{0} - (r >> 63)));
}

// Lanes of a sum of products: low[i] + 2^52 high[i], each of at most most_unreduced products.
struct SumLanes {
  std::array<u64, 8> low{}, high{};
};

struct PrimeLoops {
  // sum += a[t] b[t].
  void (*add_products)(const u64* a, const u64* b, std::size_t n, SumLanes& sum);
  // sums[8 i + j] += the products of piece i of the left with piece j of the right; eight pieces of `stride` words, a
  // multiple of eight.
  void (*add_pairs)(const u64* left, const u64* right, std::size_t stride, SumLanes* sums);
  // out[i] = the sum over j of factor[j] in[j * stride + i], over 2^104; zero behind `size`.
  void (*combine)(const Modulus&, const u64* in, std::size_t size, std::size_t stride, const u64* factor,
                  std::size_t factors, u64* out);
  // Words over 2^52; under weights below 2^52, where given, over 2^104.
  void (*expand_64)(const Modulus&, const u64* words, const u64* weights, std::size_t n, u64* out);
  // Words over 2^104; under weights over 2^156.
  void (*expand_128)(const Modulus&, const u128* words, const u64* weights, std::size_t n, u64* out);
};

const PrimeLoops& portable_loops();
const PrimeLoops& quickest_loops();  // of this machine

}  // namespace cohortium::mpc
