#include "mpc/replicated3_malicious/binary_field.h"

#include <algorithm>

#include "mpc/replicated3_malicious/wide_carryless.h"

namespace cohortium::mpc {
namespace {

struct Product {
  u64 low, high;
};

Product portable_product(u64 a, u64 b) {
  u64 low = 0, high = 0;
  for (int i = 0; i < 64; ++i) {
    const u64 mask = u64{0} - (b >> i & 1);
    low ^= (a << i) & mask;
    high ^= (i == 0 ? 0 : a >> (64 - i)) & mask;
  }
  return {low, high};
}

// The loops, for one way to multiply.
struct Portable {
  static u64 inner_product(const BinaryField* a, const BinaryField* b, std::size_t n) {
    u64 low = 0, high = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const Product p = portable_product(a[i].bits, b[i].bits);
      low ^= p.low, high ^= p.high;
    }
    return BinaryField::reduced(low, high).bits;
  }
  static void combine(const BinaryField* in, std::size_t size, std::size_t stride, const BinaryField* factor,
                      std::size_t factors, BinaryField* out) {
    for (std::size_t i = 0; i < stride; ++i) {
      u64 low = 0, high = 0;
      for (std::size_t j = 0; j < factors && j * stride + i < size; ++j) {
        const Product p = portable_product(factor[j].bits, in[j * stride + i].bits);
        low ^= p.low, high ^= p.high;
      }
      out[i] = BinaryField::reduced(low, high);
    }
  }
  static void multiply(const BinaryField* a, const BinaryField* b, BinaryField* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const Product p = portable_product(a[i].bits, b[i].bits);
      out[i] = BinaryField::reduced(p.low, p.high);
    }
  }
  static void add_weighted(const BinaryField* weights, std::size_t count, const u64* words, u64* low, u64* high,
                           std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < count; ++j) {
        const Product p = portable_product(weights[j].bits, words[i * count + j]);
        low[i] ^= p.low, high[i] ^= p.high;
      }
    }
  }
};

#if defined(__x86_64__)
#define COHORTIUM_CARRYLESS __attribute__((target("pclmul,sse4.1")))
COHORTIUM_CARRYLESS inline __m128i carryless_product(u64 a, u64 b) {
  return _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(a)),
                              _mm_cvtsi64_si128(static_cast<long long>(b)), 0);
}
COHORTIUM_CARRYLESS inline BinaryField reduced_of(__m128i sum) {
  return BinaryField::reduced(static_cast<u64>(_mm_cvtsi128_si64(sum)), static_cast<u64>(_mm_extract_epi64(sum, 1)));
}

struct Carryless {
  COHORTIUM_CARRYLESS static u64 inner_product(const BinaryField* a, const BinaryField* b, std::size_t n) {
    __m128i sum = _mm_setzero_si128();
    for (std::size_t i = 0; i < n; ++i) sum = _mm_xor_si128(sum, carryless_product(a[i].bits, b[i].bits));
    return reduced_of(sum).bits;
  }
  COHORTIUM_CARRYLESS static void combine(const BinaryField* in, std::size_t size, std::size_t stride,
                                          const BinaryField* factor, std::size_t factors, BinaryField* out) {
    for (std::size_t i = 0; i < stride; ++i) {
      __m128i sum = _mm_setzero_si128();
      for (std::size_t j = 0; j < factors && j * stride + i < size; ++j) {
        sum = _mm_xor_si128(sum, carryless_product(factor[j].bits, in[j * stride + i].bits));
      }
      out[i] = reduced_of(sum);
    }
  }
  COHORTIUM_CARRYLESS static void multiply(const BinaryField* a, const BinaryField* b, BinaryField* out,
                                           std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = reduced_of(carryless_product(a[i].bits, b[i].bits));
  }
  COHORTIUM_CARRYLESS static void add_weighted(const BinaryField* weights, std::size_t count, const u64* words,
                                               u64* low, u64* high, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      __m128i sum = _mm_setzero_si128();
      for (std::size_t j = 0; j < count; ++j) {
        sum = _mm_xor_si128(sum, carryless_product(weights[j].bits, words[i * count + j]));
      }
      low[i] ^= static_cast<u64>(_mm_cvtsi128_si64(sum));
      high[i] ^= static_cast<u64>(_mm_extract_epi64(sum, 1));
    }
  }
};

// Eight products at a time: those of even elements, and those of odd ones, each 128 bits.
struct WideCarryless {
  struct Products {
    __m512i even, odd;
  };
  COHORTIUM_WIDE_INLINE void add_products(Products& sum, __m512i a, __m512i b) {
    sum.even = _mm512_xor_si512(sum.even, _mm512_clmulepi64_epi128(a, b, 0x00));
    sum.odd = _mm512_xor_si512(sum.odd, _mm512_clmulepi64_epi128(a, b, 0x11));
  }
  COHORTIUM_WIDE_INLINE __m512i reduced(const Products& p) {
    const __m512i low = _mm512_unpacklo_epi64(p.even, p.odd);
    __m512i high = _mm512_unpackhi_epi64(p.even, p.odd);
    high = _mm512_xor_si512(_mm512_xor_si512(high, _mm512_srli_epi64(high, 60)),
                            _mm512_xor_si512(_mm512_srli_epi64(high, 61), _mm512_srli_epi64(high, 63)));
    return _mm512_xor_si512(_mm512_xor_si512(_mm512_xor_si512(low, high), _mm512_slli_epi64(high, 1)),
                            _mm512_xor_si512(_mm512_slli_epi64(high, 3), _mm512_slli_epi64(high, 4)));
  }
  COHORTIUM_WIDE_INLINE Products none() { return {_mm512_setzero_si512(), _mm512_setzero_si512()}; }
  // Up to eight of n elements from `from` on, zeros behind them.
  COHORTIUM_WIDE_INLINE __mmask8 lanes(std::size_t from, std::size_t n) {
    return from >= n ? __mmask8{0} : static_cast<__mmask8>(n - from >= 8 ? 255 : (1U << (n - from)) - 1);
  }

  COHORTIUM_WIDE static u64 inner_product(const BinaryField* a, const BinaryField* b, std::size_t n) {
    Products sum = none();
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8) add_products(sum, _mm512_loadu_si512(a + i), _mm512_loadu_si512(b + i));
    add_products(sum, _mm512_maskz_loadu_epi64(lanes(i, n), a + i), _mm512_maskz_loadu_epi64(lanes(i, n), b + i));
    alignas(64) u64 words[8];
    _mm512_store_si512(words, _mm512_xor_si512(sum.even, sum.odd));
    return BinaryField::reduced(words[0] ^ words[2] ^ words[4] ^ words[6], words[1] ^ words[3] ^ words[5] ^ words[7])
        .bits;
  }
  COHORTIUM_WIDE static void combine(const BinaryField* in, std::size_t size, std::size_t stride,
                                     const BinaryField* factor, std::size_t factors, BinaryField* out) {
    for (std::size_t i = 0; i < stride; i += 8) {
      Products sum = none();
      for (std::size_t j = 0; j < factors && j * stride + i < size; ++j) {
        const __mmask8 some = lanes(j * stride + i, std::min(size, (j + 1) * stride));
        add_products(sum, _mm512_maskz_loadu_epi64(some, in + j * stride + i),
                     _mm512_set1_epi64(static_cast<long long>(factor[j].bits)));
      }
      _mm512_mask_storeu_epi64(out + i, lanes(i, stride), reduced(sum));
    }
  }
  COHORTIUM_WIDE static void multiply(const BinaryField* a, const BinaryField* b, BinaryField* out, std::size_t n) {
    for (std::size_t i = 0; i < n; i += 8) {
      Products product = none();
      add_products(product, _mm512_maskz_loadu_epi64(lanes(i, n), a + i), _mm512_maskz_loadu_epi64(lanes(i, n), b + i));
      _mm512_mask_storeu_epi64(out + i, lanes(i, n), reduced(product));
    }
  }
  // Its callers have wide loops of their own.
  static constexpr auto add_weighted = Carryless::add_weighted;
};

bool has_carryless() {
  static const bool has = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
  return has;
}
#endif

// Calls body with the quickest loops of this machine.
template <class Body>
auto with_loops(Body body) {
#if defined(__x86_64__)
  if (has_wide_carryless()) return body(WideCarryless{});
  if (has_carryless()) return body(Carryless{});
#endif
  return body(Portable{});
}

}  // namespace

BinaryField BinaryField::inner_product(const BinaryField* a, const BinaryField* b, std::size_t n) {
  return BinaryField(with_loops([&]<class Loops>(Loops) { return Loops::inner_product(a, b, n); }));
}

void BinaryField::combine(const BinaryField* in, std::size_t size, std::size_t stride, const BinaryField* factor,
                          std::size_t factors, BinaryField* out) {
  with_loops([&]<class Loops>(Loops) { Loops::combine(in, size, stride, factor, factors, out); });
}

void BinaryField::multiply(const BinaryField* a, const BinaryField* b, BinaryField* out, std::size_t n) {
  with_loops([&]<class Loops>(Loops) { Loops::multiply(a, b, out, n); });
}

void BinaryField::add_weighted(const BinaryField* weights, std::size_t count, const u64* words, u64* low, u64* high,
                               std::size_t n) {
  with_loops([&]<class Loops>(Loops) { Loops::add_weighted(weights, count, words, low, high, n); });
}

BinaryField BinaryField::inverse() const {
  BinaryField power = *this * *this, result(1);
  for (int i = 1; i < 64; ++i, power = power * power) result = result * power;
  return result;
}

}  // namespace cohortium::mpc
