#include "mpc/replicated3_malicious/binary_field.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

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
  static void add_scaled(BinaryField factor, const u64* words, u64* low, u64* high, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const Product p = portable_product(factor.bits, words[i]);
      low[i] ^= p.low, high[i] ^= p.high;
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
  COHORTIUM_CARRYLESS static void add_scaled(BinaryField factor, const u64* words, u64* low, u64* high, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      const __m128i p = carryless_product(factor.bits, words[i]);
      low[i] ^= static_cast<u64>(_mm_cvtsi128_si64(p));
      high[i] ^= static_cast<u64>(_mm_extract_epi64(p, 1));
    }
  }
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
  if (has_carryless()) return body(Carryless{});
#endif
  return body(Portable{});
}

}  // namespace

BinaryField BinaryField::reduced(u64 low, u64 high) {
  // x^64 = x^4 + x^3 + x + 1; what that pushes over the top once more has four
  // bits.
  const u64 over = high >> 60 ^ high >> 61 ^ high >> 63;
  high ^= over;
  return BinaryField(low ^ high ^ high << 1 ^ high << 3 ^ high << 4);
}

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

void BinaryField::add_scaled(BinaryField factor, const u64* words, u64* low, u64* high, std::size_t n) {
  with_loops([&]<class Loops>(Loops) { Loops::add_scaled(factor, words, low, high, n); });
}

BinaryField BinaryField::inverse() const {
  BinaryField power = *this * *this, result(1);
  for (int i = 1; i < 64; ++i, power = power * power) result = result * power;
  return result;
}

}  // namespace cohortium::mpc
