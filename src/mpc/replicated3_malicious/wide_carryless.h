// Eight carry-less products at a time, where the processor has VPCLMULQDQ: for loops that have a portable form beside them.
#pragma once

#include "base/intrinsics.h"

#if defined(__x86_64__)
#define COHORTIUM_WIDE __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,pclmul,vpclmulqdq")))
#define COHORTIUM_WIDE_INLINE COHORTIUM_WIDE __attribute__((always_inline)) static inline

namespace cohortium::mpc {

inline bool has_wide_carryless() {
  static const bool has = __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  return has;
}

// sum + the products of even elements + those of odd ones, of 128 bits each.
COHORTIUM_WIDE __attribute__((always_inline)) inline __m512i plus_products(__m512i sum, __m512i a, __m512i b) {
  constexpr int exclusive_or = 0x96;
  return _mm512_ternarylogic_epi64(sum, _mm512_clmulepi64_epi128(a, b, 0x00), _mm512_clmulepi64_epi128(a, b, 0x11),
                                   exclusive_or);
}

}  // namespace cohortium::mpc
#endif
