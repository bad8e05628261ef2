// Sums of statements over random halves of them, and the quotients of these sums by 2^k; see ring_proof.cc.
#pragma once

#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "base/buffer.h"
#include "crypto/random_generator.h"
#include "mpc/replicated3_malicious/prime_field.h"
#include "mpc/ring.h"

namespace cohortium::mpc {

inline constexpr int sums = 48;
inline constexpr std::size_t most_statements = std::size_t{1} << 23;

template <class W>
inline constexpr std::size_t quotient_words = sizeof(W) / 4 + 1;  // of 32 bits
template <class W>
using Quotients = std::array<std::array<std::uint32_t, quotient_words<W>>, sums>;

inline std::array<u64, 1> limbs(u64 a) { return {a}; }
inline std::array<u64, 2> limbs(u128 a) { return {static_cast<u64>(a), static_cast<u64>(a >> 64)}; }

// b_ce of every statement: bit c of word e.
inline Buffer<u64> draw_halves(const crypto::Seed& seed, std::size_t statements) {
  Buffer<u64> halves(statements);
  crypto::RandomGenerator(seed).fill(writable_bytes_of(halves));
  return halves;
}

// r_c, and with them the weights of statements. All of this is public once it is drawn.
class Weights {
 public:
  explicit Weights(const crypto::Seed& seed) : table_(sums / 8 * 256) {
    crypto::RandomGenerator(seed).fill(std::as_writable_bytes(std::span(factor_)));
    for (u64& factor : factor_) factor >>= 7;
    for (int byte = 0; byte < sums / 8; ++byte) {
      for (int value = 1; value < 256; ++value) {
        const int lowest = __builtin_ctz(value);
        table_[256 * byte + value] = table_[256 * byte + (value & (value - 1))] + factor_[8 * byte + lowest];
      }
    }
  }
  u64 factor(int sum) const { return factor_[sum]; }
  // Makes weights of statements of their b_ce.
  void replace(Buffer<u64>& halves) const {
    for (u64& bits : halves) {
      u64 weight = 0;
      for (int byte = 0; byte < sums / 8; ++byte) weight += table_[256 * byte + (bits >> (8 * byte) & 255)];
      bits = weight;
    }
  }

 private:
  std::array<u64, sums> factor_;
  std::vector<u64> table_;
};

// Integers below 2^191 in absolute value.
struct Integer {
  std::array<u64, 3> limb{};
  void add(const Integer& other) {
    u64 carry = 0;
#pragma GCC unroll 3
    for (int i = 0; i < 3; ++i) {
      const u128 t = u128{limb[i]} + other.limb[i] + carry;
      limb[i] = static_cast<u64>(t);
      carry = static_cast<u64>(t >> 64);
    }
  }
};

// A sum of products of words, whole.
template <RingWord W>
class WideSum {
 public:
  void add_product(W a, W b) { add_limb_product(limb_, limbs(a), limbs(b)); }
  // (this - one summand - the other one) / 2^k, where the summands add up to this modulo 2^k.
  Integer quotient(W one_summand) const {
    constexpr std::size_t n = sizeof(W) / 8;
    W low = limb_[0];
    if constexpr (n == 2) low |= W{limb_[1]} << 64;
    const u64 borrow = low < one_summand ? 1 : 0;
    Integer high;
    for (std::size_t i = 0; i <= n; ++i) high.limb[i] = limb_[n + i];
    Integer minus;
    for (u64& limb : minus.limb) limb = u64{0} - borrow;
    high.add(minus);
    return high;
  }

 private:
  std::array<u64, 2 * sizeof(W) / 8 + 1> limb_{};
};

// The quotients q_c of this party's statements, made from D_e / 2^k and b_ce.
class QuotientSums {
 public:
  QuotientSums() : bucket_(sums / 8 * 256) {}
  void add(const Integer& quotient, u64 halves) {
    for (int byte = 0; byte < sums / 8; ++byte) bucket_[256 * byte + (halves >> (8 * byte) & 255)].add(quotient);
  }
  template <class W>
  Quotients<W> shifted() const {  // by the most that statements can be below zero
    Quotients<W> result;
    for (int c = 0; c < sums; ++c) {
      Integer sum{{most_statements, 0, 0}};
      for (int value = 0; value < 256; ++value) {
        if (value >> (c % 8) & 1) sum.add(bucket_[256 * (c / 8) + value]);
      }
      static_assert(sizeof(result[c]) <= sizeof(sum.limb));
      std::memcpy(result[c].data(), sum.limb.data(), sizeof(result[c]));
    }
    return result;
  }

 private:
  Buffer<Integer> bucket_ = {};
};

}  // namespace cohortium::mpc
