#include "mpc/replicated3_malicious/corner_sums.h"

#include "base/dispatch.h"
#include "base/intrinsics.h"

namespace cohortium::mpc {
namespace {

COHORTIUM_DISPATCHED void add_up_by_masks(const u64* words, const u64* factor, u64* out) {
  for (std::size_t bit = 0; bit < 64; ++bit) out[bit] = 0;
  for (std::size_t corner = 0; corner < corners; ++corner) {
    const u64 word = words[corner], f = factor[corner];
    for (std::size_t bit = 0; bit < 64; ++bit) out[bit] ^= f & (u64{0} - (word >> bit & 1));
  }
}

#if defined(__x86_64__)
// As a product of two matrices of 64 by 64 bits, in blocks of 8 by 8, eight of which one instruction multiplies.
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vbmi,gfni"))) void add_up_by_matrices(
    const u64* words, const std::array<std::array<u64, 8>, 8>& matrix, u64* out) {
  alignas(64) std::array<unsigned char, 64> turned;  // byte B of the word of corner c goes to byte 7-c of word B
  for (std::size_t byte = 0; byte < 8; ++byte) {
    for (std::size_t c = 0; c < 8; ++c) turned[8 * byte + 7 - c] = static_cast<unsigned char>(8 * c + byte);
  }
  const __m512i turn = _mm512_load_si512(turned.data());
  const __m512i unit = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201));  // byte j: bit j
  __m512i sum[8];  // byte by byte of the result, of all 64 bits
  for (__m512i& byte : sum) byte = _mm512_setzero_si512();
  for (std::size_t eight = 0; eight < 8; ++eight) {
    // Byte `bit`: that bit of the eight corners.
    const __m512i bits =
        _mm512_gf2p8affine_epi64_epi8(unit, _mm512_permutexvar_epi8(turn, _mm512_loadu_si512(words + 8 * eight)), 0);
#pragma GCC unroll 8
    for (std::size_t byte = 0; byte < 8; ++byte) {
      const __m512i m = _mm512_set1_epi64(static_cast<long long>(matrix[eight][byte]));
      sum[byte] = _mm512_xor_si512(sum[byte], _mm512_gf2p8affine_epi64_epi8(bits, m, 0));
    }
  }
  __m512i two[8], four[8];  // bytes of the result side by side, of bits 0-7 and 8-15 of every sixteen
  for (std::size_t i = 0; i < 4; ++i) {
    two[2 * i] = _mm512_unpacklo_epi8(sum[2 * i], sum[2 * i + 1]);
    two[2 * i + 1] = _mm512_unpackhi_epi8(sum[2 * i], sum[2 * i + 1]);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t half = 0; half < 2; ++half) {
      four[4 * i + 2 * half] = _mm512_unpacklo_epi16(two[4 * i + half], two[4 * i + 2 + half]);
      four[4 * i + 2 * half + 1] = _mm512_unpackhi_epi16(two[4 * i + half], two[4 * i + 2 + half]);
    }
  }
  for (std::size_t quarter = 0; quarter < 4; ++quarter) {
    const __m512i pair[2] = {_mm512_unpacklo_epi32(four[quarter], four[4 + quarter]),
                             _mm512_unpackhi_epi32(four[quarter], four[4 + quarter])};
    for (std::size_t i = 0; i < 2; ++i) {
      u64* const to = out + 2 * (2 * quarter + i);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_extracti64x2_epi64(pair[i], 0));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 16), _mm512_extracti64x2_epi64(pair[i], 1));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 32), _mm512_extracti64x2_epi64(pair[i], 2));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 48), _mm512_extracti64x2_epi64(pair[i], 3));
    }
  }
}

bool has_matrices() {
  static const bool has = __builtin_cpu_supports("gfni") && __builtin_cpu_supports("avx512vbmi") &&
                          __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  return has;
}
#endif

}  // namespace

CornerSums::CornerSums(const std::array<u64, corners>& factor) : factor_(factor) {
  for (std::size_t corner = 0; corner < corners; ++corner) {
    for (std::size_t bit = 0; bit < 64; ++bit) {
      const u64 place = 8 * (7 - bit % 8) + corner % 8;
      matrix_[corner / 8][bit / 8] |= (factor[corner] >> bit & 1) << place;
    }
  }
}

void CornerSums::add_up(const u64* words, u64* out) const {
#if defined(__x86_64__)
  if (has_matrices()) return add_up_by_matrices(words, matrix_, out);
#endif
  add_up_anywhere(words, out);
}

void CornerSums::add_up_anywhere(const u64* words, u64* out) const { add_up_by_masks(words, factor_.data(), out); }

}  // namespace cohortium::mpc
