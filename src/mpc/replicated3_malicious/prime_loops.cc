#include "mpc/replicated3_malicious/prime_loops.h"

#include <algorithm>

#include "base/intrinsics.h"

namespace cohortium::mpc {
namespace {

constexpr u64 low_bits = (u64{1} << 52) - 1;

struct Portable {
  static void add_products(const u64* a, const u64* b, std::size_t n, SumLanes& sum) {
    for (std::size_t t = 0; t < n; ++t) {
      const u128 product = u128{a[t]} * b[t];
      sum.low[t % 8] += static_cast<u64>(product) & low_bits;
      sum.high[t % 8] += static_cast<u64>(product >> 52);
    }
  }
  static void add_pairs(const u64* left, const u64* right, std::size_t stride, SumLanes* sums) {
    for (std::size_t i = 0; i < pieces_at_once; ++i) {
      for (std::size_t j = 0; j < pieces_at_once; ++j) {
        add_products(left + i * stride, right + j * stride, stride, sums[i * pieces_at_once + j]);
      }
    }
  }
  static void combine(const Modulus& m, const u64* in, std::size_t size, std::size_t stride, const u64* factor,
                      std::size_t factors, u64* out) {
    for (std::size_t i = 0; i < stride; ++i) {
      u64 sum = 0;
      for (std::size_t j = 0; j < factors && j * stride + i < size; ++j) {
        sum += divided_by_2_52(u128{factor[j]} * in[j * stride + i], m);
      }
      out[i] = divided_by_2_52(sum, m);
    }
  }
  static void expand_64(const Modulus& m, const u64* words, const u64* weights, std::size_t n, u64* out) {
    for (std::size_t e = 0; e < n; ++e) {
      const u64 r = divided_by_2_52(words[e], m);
      out[e] = weights == nullptr ? r : divided_by_2_52(u128{r} * weights[e], m);
    }
  }
  static void expand_128(const Modulus& m, const u128* words, const u64* weights, std::size_t n, u64* out) {
    for (std::size_t e = 0; e < n; ++e) {
      // The word is x + 2^52 y: x / 2^52 + y is less than 2^77.
      const u128 once = divided_by_2_52(static_cast<u64>(words[e]) & low_bits, m) + (words[e] >> 52);
      const u64 r = divided_by_2_52(once, m);
      out[e] = weights == nullptr ? r : divided_by_2_52(u128{r} * weights[e], m);
    }
  }
};

#if defined(__x86_64__)
#define COHORTIUM_FUSED __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")))
#define COHORTIUM_FUSED_INLINE COHORTIUM_FUSED __attribute__((always_inline)) static inline

// Eight at a time. The instructions multiply the low 52 bits of their operands, so that numbers need no masks.
struct Fused {
  struct Prime {
    __m512i prime, inverse;
  };
  COHORTIUM_FUSED_INLINE __m512i all(u64 word) { return _mm512_set1_epi64(static_cast<long long>(word)); }
  COHORTIUM_FUSED_INLINE Prime of(const Modulus& m) { return {all(m.prime), all(m.inverse)}; }
  COHORTIUM_FUSED_INLINE __m512i low_product(__m512i a, __m512i b) {
    return _mm512_madd52lo_epu64(_mm512_setzero_si512(), a, b);
  }
  COHORTIUM_FUSED_INLINE __m512i high_product(__m512i a, __m512i b) {
    return _mm512_madd52hi_epu64(_mm512_setzero_si512(), a, b);
  }
  // What is to be taken off the part from 2^52 on of a number with this low part.
  COHORTIUM_FUSED_INLINE __m512i cancelling(__m512i low, const Prime& p) {
    return high_product(low_product(low, p.inverse), p.prime);
  }
  COHORTIUM_FUSED_INLINE __m512i below_2_52(__m512i signed_number, const Prime& p) {  // from above -p on
    return _mm512_min_epu64(signed_number, _mm512_add_epi64(signed_number, p.prime));
  }
  COHORTIUM_FUSED_INLINE __m512i weighted(__m512i r, __m512i weight, const Prime& p) {
    return below_2_52(_mm512_sub_epi64(high_product(r, weight), cancelling(low_product(r, weight), p)), p);
  }
  // Of low + 2^52 high, both below 2^58, over 2^104.
  COHORTIUM_FUSED_INLINE __m512i twice_divided(__m512i low, __m512i high, const Prime& p) {
    const __m512i once = _mm512_sub_epi64(_mm512_add_epi64(_mm512_add_epi64(high, p.prime), _mm512_srli_epi64(low, 52)),
                                          cancelling(low, p));
    return _mm512_sub_epi64(_mm512_add_epi64(_mm512_srli_epi64(once, 52), p.prime), cancelling(once, p));
  }
  COHORTIUM_FUSED_INLINE __mmask8 lanes(std::size_t from, std::size_t until) {
    return from >= until ? __mmask8{0} : static_cast<__mmask8>(until - from >= 8 ? 255 : (1U << (until - from)) - 1);
  }
  COHORTIUM_FUSED_INLINE void add(SumLanes& sum, __m512i low, __m512i high) {
    _mm512_storeu_si512(sum.low.data(), _mm512_add_epi64(_mm512_loadu_si512(sum.low.data()), low));
    _mm512_storeu_si512(sum.high.data(), _mm512_add_epi64(_mm512_loadu_si512(sum.high.data()), high));
  }

  COHORTIUM_FUSED static void add_products(const u64* a, const u64* b, std::size_t n, SumLanes& sum) {
    constexpr std::size_t chains = 4;
    __m512i low[chains], high[chains];
    for (std::size_t c = 0; c < chains; ++c) low[c] = high[c] = _mm512_setzero_si512();
    std::size_t t = 0;
    for (; t + 8 * chains <= n; t += 8 * chains) {
#pragma GCC unroll 4
      for (std::size_t c = 0; c < chains; ++c) {
        const __m512i x = _mm512_loadu_si512(a + t + 8 * c), y = _mm512_loadu_si512(b + t + 8 * c);
        low[c] = _mm512_madd52lo_epu64(low[c], x, y);
        high[c] = _mm512_madd52hi_epu64(high[c], x, y);
      }
    }
    for (; t < n; t += 8) {
      const __m512i x = _mm512_maskz_loadu_epi64(lanes(t, n), a + t), y = _mm512_maskz_loadu_epi64(lanes(t, n), b + t);
      low[0] = _mm512_madd52lo_epu64(low[0], x, y);
      high[0] = _mm512_madd52hi_epu64(high[0], x, y);
    }
    for (std::size_t c = 0; c < chains; ++c) add(sum, low[c], high[c]);
  }

  COHORTIUM_FUSED static void add_pairs(const u64* left, const u64* right, std::size_t stride, SumLanes* sums) {
    for (std::size_t i = 0; i < pieces_at_once; ++i) {
      __m512i low[pieces_at_once], high[pieces_at_once];
#pragma GCC unroll 8
      for (std::size_t j = 0; j < pieces_at_once; ++j) low[j] = high[j] = _mm512_setzero_si512();
      for (std::size_t t = 0; t < stride; t += 8) {
        const __m512i x = _mm512_loadu_si512(left + i * stride + t);
#pragma GCC unroll 8
        for (std::size_t j = 0; j < pieces_at_once; ++j) {
          const __m512i y = _mm512_loadu_si512(right + j * stride + t);
          low[j] = _mm512_madd52lo_epu64(low[j], x, y);
          high[j] = _mm512_madd52hi_epu64(high[j], x, y);
        }
      }
#pragma GCC unroll 8
      for (std::size_t j = 0; j < pieces_at_once; ++j) add(sums[i * pieces_at_once + j], low[j], high[j]);
    }
  }

  COHORTIUM_FUSED static void combine(const Modulus& m, const u64* in, std::size_t size, std::size_t stride,
                                      const u64* factor, std::size_t factors, u64* out) {
    const Prime p = of(m);
    const std::size_t last = (factors - 1) * stride;  // the piece that may end early
    for (std::size_t i = 0; i < stride; i += 8) {
      __m512i low = _mm512_setzero_si512(), high = low;
      const bool whole = last + i + 8 <= size && i + 8 <= stride;
      for (std::size_t j = 0; j < factors; ++j) {
        const __mmask8 some = whole ? __mmask8{255} : lanes(j * stride + i, std::min(size, (j + 1) * stride));
        const __m512i x = _mm512_maskz_loadu_epi64(some, in + j * stride + i), f = all(factor[j]);
        low = _mm512_madd52lo_epu64(low, x, f);
        high = _mm512_madd52hi_epu64(high, x, f);
      }
      _mm512_mask_storeu_epi64(out + i, lanes(i, stride), twice_divided(low, high, p));
    }
  }

  COHORTIUM_FUSED static void expand_64(const Modulus& m, const u64* words, const u64* weights, std::size_t n,
                                        u64* out) {
    const Prime p = of(m);
    for (std::size_t e = 0; e < n; e += 8) {
      const __mmask8 some = lanes(e, n);
      const __m512i x = _mm512_maskz_loadu_epi64(some, words + e);
      __m512i r = _mm512_sub_epi64(_mm512_add_epi64(_mm512_srli_epi64(x, 52), p.prime), cancelling(x, p));
      if (weights != nullptr) r = weighted(r, _mm512_maskz_loadu_epi64(some, weights + e), p);
      _mm512_mask_storeu_epi64(out + e, some, r);
    }
  }

  COHORTIUM_FUSED static void expand_128(const Modulus& m, const u128* words, const u64* weights, std::size_t n,
                                         u64* out) {
    const Prime p = of(m);
    const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0), odd = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
    const __m512i middle_bits = all(low_bits);
    for (std::size_t e = 0; e < n; e += 8) {
      const std::size_t count = std::min<std::size_t>(8, n - e);
      const __m512i first = _mm512_maskz_loadu_epi64(lanes(0, 2 * count), words + e),
                    second = _mm512_maskz_loadu_epi64(lanes(8, 2 * count), words + e + (count > 4 ? 4 : 0));
      const __m512i x0 = _mm512_permutex2var_epi64(first, even, second),
                    x1 = _mm512_permutex2var_epi64(first, odd, second);
      // 52, 52 and 24 bits.
      const __m512i middle =
          _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(x0, 52), _mm512_slli_epi64(x1, 12)), middle_bits);
      const __m512i once = _mm512_sub_epi64(_mm512_add_epi64(middle, p.prime), cancelling(x0, p));
      __m512i r = _mm512_sub_epi64(
          _mm512_add_epi64(_mm512_add_epi64(_mm512_srli_epi64(x1, 40), _mm512_srli_epi64(once, 52)), p.prime),
          cancelling(once, p));
      const __mmask8 some = lanes(0, count);
      if (weights != nullptr) r = weighted(r, _mm512_maskz_loadu_epi64(some, weights + e), p);
      _mm512_mask_storeu_epi64(out + e, some, r);
    }
  }
};
#endif

template <class Loops>
constexpr PrimeLoops table{Loops::add_products, Loops::add_pairs, Loops::combine, Loops::expand_64, Loops::expand_128};

}  // namespace

const PrimeLoops& portable_loops() { return table<Portable>; }

const PrimeLoops& quickest_loops() {
#if defined(__x86_64__)
  static const bool fused = __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("avx512vl") &&
                            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  if (fused) return table<Fused>;
#endif
  return portable_loops();
}

}  // namespace cohortium::mpc
