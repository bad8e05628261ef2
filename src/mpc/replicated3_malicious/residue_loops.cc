#include "mpc/replicated3_malicious/residue_loops.h"

#include <algorithm>

#include "base/intrinsics.h"
#include "mpc/replicated3_malicious/residue_field.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t period = 24;  // words after which the primes come round again, in three vectors of eight
constexpr u64 low_bits = (u64{1} << 52) - 1;

template <int L>
struct Portable {
  using Field = ResidueField<L>;
  static void add_products(const u64* a, const u64* b, std::size_t n, u64* low, u64* high) {
    std::array<u128, L> sum{};
    for (std::size_t t = 0; t < n; t += L) {
      for (int i = 0; i < L; ++i) sum[i] += u128{a[t + i]} * b[t + i];
    }
    for (int i = 0; i < L; ++i) {
      low[i] = Field::reduced(u128{low[i]} + Field::reduced(sum[i], i), i);
      high[i] = 0;
    }
  }
  static void combine(const u64* in, std::size_t size, std::size_t stride, const u64* factor, std::size_t factors,
                      u64* out) {
    for (std::size_t t = 0; t < stride; t += L) {
      std::array<u128, L> sum{};
      for (std::size_t j = 0; j < factors && j * stride + t < size; ++j) {
        for (int i = 0; i < L; ++i) sum[i] += u128{factor[j * L + i]} * in[j * stride + t + i];
      }
      for (int i = 0; i < L; ++i) out[t + i] = Field::reduced(sum[i], i);
    }
  }
  static void expand(const WordOf<L>* words, const u64* weights, std::size_t n, u64* out) {
    for (std::size_t e = 0; e < n; ++e) {
      for (int i = 0; i < L; ++i) {
        const u64 residue = Field::reduced(words[e], i);
        out[L * e + i] = weights == nullptr ? residue : Field::reduced(u128{residue} * weights[e], i);
      }
    }
  }
};

#if defined(__x86_64__)
#define COHORTIUM_FUSED __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")))
#define COHORTIUM_FUSED_INLINE COHORTIUM_FUSED __attribute__((always_inline)) static inline

template <int L>
struct Fused {
  // By word of a period: the element that it belongs to, and what 2^52 is modulo its prime.
  struct Period {
    alignas(64) std::array<u64, period> element, c;
  };
  static constexpr Period words_of_period = [] {
    Period p{};
    for (std::size_t t = 0; t < period; ++t) {
      p.element[t] = t / L;
      p.c[t] = below_2_52[t % L];
    }
    return p;
  }();
  struct Modulus {
    __m512i c, prime, mask;
  };
  // Of vector v of a period.
  COHORTIUM_FUSED_INLINE Modulus modulus(std::size_t v) {
    const __m512i c = _mm512_load_si512(words_of_period.c.data() + 8 * v);
    return {c, _mm512_sub_epi64(_mm512_set1_epi64(static_cast<long long>(low_bits + 1)), c),
            _mm512_set1_epi64(static_cast<long long>(low_bits))};
  }
  // Of any number.
  COHORTIUM_FUSED_INLINE __m512i reduced(__m512i a, const Modulus& m) {
    const __m512i once =
        _mm512_madd52lo_epu64(_mm512_and_si512(a, m.mask), _mm512_srli_epi64(a, 52), m.c);  // below 2 p
    return _mm512_min_epu64(once, _mm512_sub_epi64(once, m.prime));
  }
  // Of low + 2^52 high: high below 2^52, low below 2^60.
  COHORTIUM_FUSED_INLINE __m512i reduced(__m512i low, __m512i high, const Modulus& m) {
    const __m512i above = _mm512_madd52hi_epu64(_mm512_setzero_si512(), high, m.c);
    return reduced(_mm512_madd52lo_epu64(_mm512_madd52lo_epu64(low, high, m.c), above, m.c), m);
  }
  // The same for both below 2^58.
  COHORTIUM_FUSED_INLINE __m512i reduced_sum(__m512i low, __m512i high, const Modulus& m) {
    return reduced(_mm512_madd52lo_epu64(
                       low, _mm512_madd52lo_epu64(_mm512_setzero_si512(), _mm512_srli_epi64(high, 52), m.c), m.c),
                   _mm512_and_si512(high, m.mask), m);
  }
  COHORTIUM_FUSED_INLINE __mmask8 lanes(std::size_t from, std::size_t until) {
    return from >= until ? __mmask8{0} : static_cast<__mmask8>(until - from >= 8 ? 255 : (1U << (until - from)) - 1);
  }

  COHORTIUM_FUSED static void add_products(const u64* a, const u64* b, std::size_t n, u64* low, u64* high) {
    __m512i lows[3], highs[3];
    for (std::size_t v = 0; v < 3; ++v) {
      lows[v] = _mm512_loadu_si512(low + 8 * v);
      highs[v] = _mm512_loadu_si512(high + 8 * v);
    }
    std::size_t t = 0;
    for (; t + period <= n; t += period) {
#pragma GCC unroll 3
      for (std::size_t v = 0; v < 3; ++v) {
        const __m512i x = _mm512_loadu_si512(a + t + 8 * v), y = _mm512_loadu_si512(b + t + 8 * v);
        lows[v] = _mm512_madd52lo_epu64(lows[v], x, y);
        highs[v] = _mm512_madd52hi_epu64(highs[v], x, y);
      }
    }
#pragma GCC unroll 3
    for (std::size_t v = 0; v < 3; ++v) {
      const __mmask8 rest = lanes(t + 8 * v, n);
      const __m512i x = _mm512_maskz_loadu_epi64(rest, a + t + 8 * v),
                    y = _mm512_maskz_loadu_epi64(rest, b + t + 8 * v);
      _mm512_storeu_si512(low + 8 * v, _mm512_madd52lo_epu64(lows[v], x, y));
      _mm512_storeu_si512(high + 8 * v, _mm512_madd52hi_epu64(highs[v], x, y));
    }
  }

  COHORTIUM_FUSED static void combine(const u64* in, std::size_t size, std::size_t stride, const u64* factor,
                                      std::size_t factors, u64* out) {
    alignas(64) u64 patterns[most_factors * period];
    for (std::size_t j = 0; j < factors; ++j) {
      for (std::size_t t = 0; t < period; t += L) std::copy_n(factor + j * L, L, patterns + j * period + t);
    }
    const Modulus moduli[3] = {modulus(0), modulus(1), modulus(2)};
    // Up to here no vector ends early.
    const std::size_t last = (factors - 1) * stride, whole = size > last ? std::min(size - last, stride) : 0;
    std::size_t t = 0;
    for (; t + period <= whole; t += period) {
#pragma GCC unroll 3
      for (std::size_t v = 0; v < 3; ++v) {
        __m512i low = _mm512_setzero_si512(), high = low;
        for (std::size_t j = 0; j < factors; ++j) {
          const __m512i x = _mm512_loadu_si512(in + j * stride + t + 8 * v),
                        f = _mm512_load_si512(patterns + j * period + 8 * v);
          low = _mm512_madd52lo_epu64(low, x, f);
          high = _mm512_madd52hi_epu64(high, x, f);
        }
        _mm512_storeu_si512(out + t + 8 * v, reduced_sum(low, high, moduli[v]));
      }
    }
    for (std::size_t v = 0; t < stride; t += 8, v = (v + 1) % 3) {
      __m512i low = _mm512_setzero_si512(), high = low;
      for (std::size_t j = 0; j < factors; ++j) {
        const __mmask8 some = lanes(j * stride + t, std::min(size, (j + 1) * stride));
        const __m512i x = _mm512_maskz_loadu_epi64(some, in + j * stride + t),
                      f = _mm512_load_si512(patterns + j * period + 8 * v);
        low = _mm512_madd52lo_epu64(low, x, f);
        high = _mm512_madd52hi_epu64(high, x, f);
      }
      _mm512_mask_storeu_epi64(out + t, lanes(t, stride), reduced_sum(low, high, moduli[v]));
    }
  }

  // A vector of residues of the elements that `element` names, from words of 64 bits.
  COHORTIUM_FUSED_INLINE __m512i residues(__m512i words, __m512i element, const Modulus& m) {
    if constexpr (L == 3) {
      const __m512i x = _mm512_permutexvar_epi64(element, words);
      return reduced(x, m);
    } else {
      const __m512i at = _mm512_add_epi64(element, element);
      const __m512i x0 = _mm512_permutexvar_epi64(at, words),
                    x1 = _mm512_permutexvar_epi64(_mm512_add_epi64(at, _mm512_set1_epi64(1)), words);
      const __m512i middle =
          _mm512_or_si512(_mm512_srli_epi64(x0, 52), _mm512_slli_epi64(x1, 12));  // low 52 bits count
      const __m512i low =
          _mm512_madd52lo_epu64(_mm512_and_si512(x0, m.mask), _mm512_srli_epi64(x1, 40), _mm512_mullo_epi64(m.c, m.c));
      return reduced(low, _mm512_and_si512(middle, m.mask), m);
    }
  }
  COHORTIUM_FUSED static void expand(const WordOf<L>* words, const u64* weights, std::size_t n, u64* out) {
    constexpr std::size_t elements = period / L, limbs = sizeof(WordOf<L>) / 8;
    Modulus moduli[3];
    __m512i element[3];
    for (std::size_t v = 0; v < 3; ++v) {
      moduli[v] = modulus(v);
      element[v] = _mm512_load_si512(words_of_period.element.data() + 8 * v);
    }
    for (std::size_t e = 0; e < n; e += elements) {
      const std::size_t some = std::min(elements, n - e);
      const __m512i x = _mm512_maskz_loadu_epi64(lanes(0, some * limbs), words + e);
      const __m512i weight =
          weights == nullptr ? _mm512_setzero_si512() : _mm512_maskz_loadu_epi64(lanes(0, some), weights + e);
      __m512i r[3];
#pragma GCC unroll 3
      for (std::size_t v = 0; v < 3; ++v) {
        r[v] = residues(x, element[v], moduli[v]);
        if (weights != nullptr) {
          const __m512i w = _mm512_permutexvar_epi64(element[v], weight), none = _mm512_setzero_si512();
          r[v] = reduced(_mm512_madd52lo_epu64(none, r[v], w), _mm512_madd52hi_epu64(none, r[v], w), moduli[v]);
        }
      }
      for (std::size_t v = 0; v < 3; ++v) {
        if (some == elements) {
          _mm512_storeu_si512(out + L * e + 8 * v, r[v]);
        } else {
          _mm512_mask_storeu_epi64(out + L * e + 8 * v, lanes(8 * v, L * some), r[v]);
        }
      }
    }
  }
};
#endif

template <class Loops, int L>
constexpr ResidueLoops<L> table{Loops::add_products, Loops::combine, Loops::expand};

}  // namespace

template <int L>
const ResidueLoops<L>& portable_loops() {
  return table<Portable<L>, L>;
}

template <int L>
const ResidueLoops<L>& quickest_loops() {
#if defined(__x86_64__)
  static const bool fused = __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("avx512vl") &&
                            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  if (fused) return table<Fused<L>, L>;
#endif
  return portable_loops<L>();
}

template const ResidueLoops<3>& portable_loops();
template const ResidueLoops<6>& portable_loops();
template const ResidueLoops<3>& quickest_loops();
template const ResidueLoops<6>& quickest_loops();

}  // namespace cohortium::mpc
