// Integers modulo the prime 2^(64 L) - c, L = 3 or 5: wide enough for sums of
// products of words (ring_proof.cc).
//
// Elements are any numbers below 2^(64 L): a residue may have two forms. No
// branches or addresses depend on a value but in `is_zero`, whose outcome is
// public.
#pragma once

#include <array>
#include <cstddef>

#include "mpc/ring.h"

namespace cohortium::mpc {

// sum += a b, both little-endian; the sum is long enough.
template <std::size_t N, std::size_t A, std::size_t B>
[[gnu::always_inline]] inline void add_limb_product(std::array<u64, N>& sum, const std::array<u64, A>& a,
                                                    const std::array<u64, B>& b) {
  static_assert(A + B <= N);
  u64 over = 0;  // carry into limb i + B
#pragma GCC unroll 5
  for (std::size_t i = 0; i < A; ++i) {
    u64 carry = 0;
#pragma GCC unroll 5
    for (std::size_t j = 0; j < B; ++j) {
      const u128 t = u128{a[i]} * b[j] + sum[i + j] + carry;
      sum[i + j] = static_cast<u64>(t);
      carry = static_cast<u64>(t >> 64);
    }
    const u128 t = u128{sum[i + B]} + carry + over;
    sum[i + B] = static_cast<u64>(t);
    over = static_cast<u64>(t >> 64);
  }
#pragma GCC unroll 10
  for (std::size_t i = A + B; i < N; ++i) {
    const u128 t = u128{sum[i]} + over;
    sum[i] = static_cast<u64>(t);
    over = static_cast<u64>(t >> 64);
  }
}

template <int L>
struct PrimeField {
  static constexpr int limbs = L;
  static constexpr u64 c = L == 3 ? 237 : 197;  // 2^192 - 237 and 2^320 - 197 are prime
  std::array<u64, L> limb{};

  PrimeField() = default;
  explicit PrimeField(u64 value) { limb[0] = value; }
  explicit PrimeField(u128 value) {
    limb[0] = static_cast<u64>(value);
    limb[1] = static_cast<u64>(value >> 64);
  }

  friend PrimeField operator+(const PrimeField& a, const PrimeField& b) {
    PrimeField r;
    u64 carry = 0;
#pragma GCC unroll 5
    for (int i = 0; i < L; ++i) {
      const u128 t = u128{a.limb[i]} + b.limb[i] + carry;
      r.limb[i] = static_cast<u64>(t);
      carry = static_cast<u64>(t >> 64);
    }
    r.add_word(carry * c);
    return r;
  }
  friend PrimeField operator-(const PrimeField& a, const PrimeField& b) {
    PrimeField r;
    u64 borrow = 0;
    for (int i = 0; i < L; ++i) {
      const u128 t = u128{a.limb[i]} - b.limb[i] - borrow;
      r.limb[i] = static_cast<u64>(t);
      borrow = static_cast<u64>(t >> 64) & 1;
    }
    u64 minus = borrow * c;
    for (int i = 0; i < L; ++i) {
      const u128 t = u128{r.limb[i]} - minus;
      r.limb[i] = static_cast<u64>(t);
      minus = static_cast<u64>(t >> 64) & 1;
    }
    r.limb[0] -= minus * c;
    return r;
  }
  friend PrimeField operator*(const PrimeField& a, const PrimeField& b) {
    Sum sum;
    sum.add_product(a.limb, b.limb);
    return sum.value();
  }

  // A sum of products, reduced once: of up to 2^32 elements, or of shorter
  // numbers.
  class Sum {
   public:
    template <std::size_t A, std::size_t B>
    void add_product(const std::array<u64, A>& a, const std::array<u64, B>& b) {
      add_limb_product(limb_, a, b);
    }
    void add_product(const PrimeField& a, const PrimeField& b) { add_product(a.limb, b.limb); }

    PrimeField value() const {
      PrimeField r;
      u64 carry = 0;
#pragma GCC unroll 5
      for (int i = 0; i < L; ++i) {
        const u128 t = u128{limb_[L + i]} * c + limb_[i] + carry;
        r.limb[i] = static_cast<u64>(t);
        carry = static_cast<u64>(t >> 64);
      }
      r.add_word(carry * c + limb_[2 * L] * c * c);
      return r;
    }

   private:
    std::array<u64, 2 * L + 1> limb_{};
  };

  template <std::size_t A>
  static PrimeField of_limbs(const std::array<u64, A>& limbs) {  // any number of them, up to 2 L + 1
    Sum sum;
    sum.add_product(std::array<u64, 1>{1}, limbs);
    return sum.value();
  }

  static PrimeField inner_product(const PrimeField* a, const PrimeField* b, std::size_t n) {
    Sum sum;
    for (std::size_t i = 0; i < n; ++i) sum.add_product(a[i].limb, b[i].limb);
    return sum.value();
  }
  // out[i] = the sum over j of factor[j] in[j * stride + i]; `in` has `size`
  // elements and is zero behind them.
  static void combine(const PrimeField* in, std::size_t size, std::size_t stride, const PrimeField* factor,
                      std::size_t factors, PrimeField* out) {
    for (std::size_t i = 0; i < stride; ++i) {
      Sum sum;
      for (std::size_t j = 0; j < factors && j * stride + i < size; ++j) {
        sum.add_product(factor[j].limb, in[j * stride + i].limb);
      }
      out[i] = sum.value();
    }
  }

  static bool is_zero(const PrimeField& a) {
    u64 zero = 0,
        prime = ~a.limb[0] - (c - 1);  // limb 0 of the prime is 2^64 - c
    for (int i = 0; i < L; ++i) zero |= a.limb[i];
    for (int i = 1; i < L; ++i) prime |= ~a.limb[i];
    return zero == 0 || prime == 0;
  }
  PrimeField inverse() const {  // this^(p - 2)
    PrimeField power = *this, result(u64{1});
    for (int bit = 0; bit < 64 * L; ++bit, power = power * power) {
      const u64 exponent = bit < 64 ? u64{0} - c - 2 : ~u64{0};
      if (exponent >> (bit % 64) & 1) result = result * power;
    }
    return result;
  }

 private:
  void add_word(u64 word) {
    u64 carry = word;
#pragma GCC unroll 5
    for (int i = 0; i < L; ++i) {
      const u128 t = u128{limb[i]} + carry;
      limb[i] = static_cast<u64>(t);
      carry = static_cast<u64>(t >> 64);
    }
    limb[0] += carry * c;
  }
};

}  // namespace cohortium::mpc
