// Sums of statements over random halves of them, and the quotients of these sums by 2^k; see ring_proof.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "base/buffer.h"
#include "crypto/random_generator.h"
#include "mpc/replicated3_malicious/integer_share.h"
#include "mpc/ring.h"

namespace cohortium::mpc {

inline constexpr int sums = 48;
inline constexpr std::size_t most_proved_products = std::size_t{1} << 22;
inline constexpr std::size_t most_statements = std::size_t{1} << 32;
// Of k + 24 bits, and 64 more in which a share of them hides.
template <class W>
using QuotientShare = IntegerShare<sizeof(W) + 3 + 8>;
template <class W>
using Quotients = std::array<QuotientShare<W>, sums>;

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

inline std::array<u64, 1> limbs(u64 a) { return {a}; }
inline std::array<u64, 2> limbs(u128 a) { return {static_cast<u64>(a), static_cast<u64>(a >> 64)}; }

// b_ce of every statement: the rows of a Toeplitz matrix, bit c of statement e standing in a random string as b_{c+e}. Sums
// of any statements that are not all even under such a matrix are uniform as those under independent bits are, one by one
// and together (Krawczyk, CRYPTO 1994). Public once they are drawn.
class Halves {
 public:
  Halves(const crypto::Seed& seed, std::size_t statements);
  u64 at(std::size_t statement) const { return from(statement / 8) >> statement % 8 & ((u64{1} << sums) - 1); }
  // From that byte of the string on.
  u64 from(std::size_t byte) const {
    u64 word;
    std::memcpy(&word, bits_.data() + byte, sizeof(word));
    return word;
  }

 private:
  Buffer<std::uint8_t> bits_;
};

// r_c, of 46 bits, and with them the weights of statements, below 2^52.
class Weights {
 public:
  Weights(const crypto::Seed& seed, Halves halves);
  u64 factor(int sum) const { return factor_[sum]; }
  // w_e of statements [first, first + count).
  void write(std::size_t first, std::size_t count, u64* out) const;

  // The sums of every four factors in a row.
  using Table = std::array<std::array<u64, 16>, sums / 4>;

 private:
  Halves halves_;
  std::array<u64, sums> factor_;
  Table table_{};
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
    const W low = W{limb_[0]} | W{limb_[1]} << 64;
    const u64 borrow = low < one_summand ? 1 : 0;
    Integer high{{limb_[2], limb_[3], limb_[4]}}, minus;
    for (u64& limb : minus.limb) limb = u64{0} - borrow;
    high.add(minus);
    return high;
  }

 private:
  std::array<u64, 2 * sizeof(W) / 8 + 1> limb_{};
};
template <>
class WideSum<u64> {
 public:
  void add_product(u64 a, u64 b) {
    const u128 product = u128{a} * b;
    low_ += static_cast<u64>(product);
    high_ += static_cast<u64>(product >> 64);
  }
  Integer quotient(u64 one_summand) const {
    const u64 low = static_cast<u64>(low_), borrow = low < one_summand ? 1 : 0;
    const u128 high = high_ + static_cast<u64>(low_ >> 64) - borrow;
    return {{static_cast<u64>(high), static_cast<u64>(high >> 64), u64{0} - static_cast<u64>(high >> 127)}};
  }

 private:
  u128 low_ = 0, high_ = 0;  // of 2^64
};

// first[c] and second[c] += the words of theirs of which bit c of the halves is set.
void add_selected(const u64* first_words, const u64* second_words, const u64* halves, std::size_t n, u64* first,
                  u64* second);

// The quotients q_c of this party's statements, made from D_e / 2^k and b_ce: added up in parts of 32 bits, the last one of
// which has what lies above, and the sign.
template <class W>
class QuotientSums {
 public:
  void add(const Integer& quotient, u64 halves) {
    const u64* limb = quotient.limb.data();
    for (std::size_t p = 0; p + 1 < parts; ++p) part_[p][waiting_] = limb[p / 2] >> (32 * (p % 2)) & 0xffffffff;
    constexpr std::size_t last = (parts - 1) / 2;
    part_[parts - 1][waiting_] = limb[last] >> 32 | limb[last + 1] << 32;
    halves_[waiting_] = halves;
    if (++waiting_ == at_once) add_waiting();
  }
  // Of statements of one product each, x0 y1 + y0 x1.
  struct Operands {
    const W *x0, *x1, *y0, *y1;
  };
  void add_of_products(const Operands& of, const W* with_next, const Halves& halves, std::size_t first,
                       std::size_t count) {
    for (std::size_t e = 0; e < count; ++e) {
      WideSum<W> sum;
      sum.add_product(of.x0[e], of.y1[e]);
      sum.add_product(of.y0[e], of.x1[e]);
      add(sum.quotient(W{0} - with_next[e]), halves.at(first + e));
    }
  }
  Quotients<W> shifted() {  // by the most that statements can be below zero
    add_waiting();
    Quotients<W> result;
    for (int c = 0; c < sums; ++c) {
      Integer sum{{most_statements, 0, 0}};
      for (std::size_t p = 0; p < parts; ++p) {
        const u64 word = sums_[p][c], sign = p + 1 == parts ? u64{0} - (word >> 63) : 0;
        const std::array<u64, 4> shifted{0, word << (32 * (p % 2)), p % 2 == 0 ? sign : word >> 32 | sign << 32, sign};
        Integer add;
        for (std::size_t i = p / 2; i < 3; ++i) add.limb[i] = shifted[std::min<std::size_t>(i - p / 2 + 1, 3)];
        sum.add(add);
      }
      result[c] = QuotientShare<W>::of_words(sum.limb);
    }
    return result;
  }

 private:
  static constexpr std::size_t parts = sizeof(W) / 4, at_once = 256;
  void add_waiting() {
    for (std::size_t p = 0; p < parts; p += 2) {
      add_selected(part_[p].data(), part_[p + 1].data(), halves_.data(), waiting_, sums_[p].data(),
                   sums_[p + 1].data());
    }
    waiting_ = 0;
  }
  std::array<std::array<u64, at_once>, parts> part_;
  std::array<u64, at_once> halves_;
  std::array<std::array<u64, sums>, parts> sums_{};
  std::size_t waiting_ = 0;
};

// In few registers, as most statements are of this kind.
template <>
inline void QuotientSums<u64>::add_of_products(const Operands& of, const u64* with_next, const Halves& halves,
                                               std::size_t first_statement, std::size_t count) {
  add_waiting();
  for (std::size_t from = 0; from < count; from += at_once) {
    const std::size_t some = std::min(at_once, count - from);
    for (std::size_t i = 0; i < some; ++i) {
      const std::size_t e = from + i;
      const u128 first = u128{of.x0[e]} * of.y1[e], second = u128{of.y0[e]} * of.x1[e];
      const u128 low = u128{static_cast<u64>(first)} + static_cast<u64>(second);
      const u64 borrow = static_cast<u64>(low) < u64{0} - with_next[e] ? 1 : 0;
      const u128 quotient = (first >> 64) + (second >> 64) + (low >> 64) - borrow;
      part_[0][i] = static_cast<u64>(quotient) & 0xffffffff;
      part_[1][i] = static_cast<u64>(quotient >> 32);
      halves_[i] = halves.at(first_statement + e);
    }
    add_selected(part_[0].data(), part_[1].data(), halves_.data(), some, sums_[0].data(), sums_[1].data());
  }
}

}  // namespace cohortium::mpc
