#include "mpc/replicated3_malicious/corner_sums.h"

#include "base/dispatch.h"
#include "base/intrinsics.h"

namespace cohortium::mpc {
namespace {

// Of one group.
COHORTIUM_DISPATCHED void add_up_by_masks(const u64* words, const u64* factor, u64* out) {
  for (std::size_t bit = 0; bit < 64; ++bit) out[bit] = 0;
  for (std::size_t corner = 0; corner < corners; ++corner) {
    const u64 word = words[corner * groups_abreast], f = factor[corner];
    for (std::size_t bit = 0; bit < 64; ++bit) out[bit] ^= f & (u64{0} - (word >> bit & 1));
  }
}

#if defined(__x86_64__)
#define COHORTIUM_MATRICES __attribute__((target("avx512f,avx512bw,avx512dq,gfni")))

// The product of two matrices of 64 by 64 bits per group, in blocks of 8 by 8, eight of which one instruction multiplies.
struct Matrices {
  // Bytes of eight vectors side by side, in eights; one result for each half of the 128-bit lanes and two bytes.
  COHORTIUM_MATRICES __attribute__((always_inline)) static inline void gather(const __m512i* from, __m512i* low,
                                                                              __m512i* high) {
    __m512i pairs[2][4], fours[2][2][2];
    for (std::size_t i = 0; i < 4; ++i) {
      pairs[0][i] = _mm512_unpacklo_epi8(from[2 * i], from[2 * i + 1]);
      pairs[1][i] = _mm512_unpackhi_epi8(from[2 * i], from[2 * i + 1]);
    }
    for (std::size_t half = 0; half < 2; ++half) {
      __m512i* const to = half == 0 ? low : high;
      for (std::size_t i = 0; i < 2; ++i) {
        fours[half][0][i] = _mm512_unpacklo_epi16(pairs[half][2 * i], pairs[half][2 * i + 1]);
        fours[half][1][i] = _mm512_unpackhi_epi16(pairs[half][2 * i], pairs[half][2 * i + 1]);
      }
      for (std::size_t four = 0; four < 2; ++four) {
        to[2 * four] = _mm512_unpacklo_epi32(fours[half][four][0], fours[half][four][1]);
        to[2 * four + 1] = _mm512_unpackhi_epi32(fours[half][four][0], fours[half][four][1]);
      }
    }
  }

  COHORTIUM_MATRICES static void add_up(const u64* block, const std::array<std::array<u64, 8>, 8>& matrix, u64* out) {
    const __m512i unit = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201));  // byte j: bit j
    // Of even and of odd groups, the bytes 2i and 2i + 1 of a word, of eight corners: byte j of a lane has bit j of each.
    __m512i bits[2][4][8];
    for (std::size_t eight = 0; eight < 8; ++eight) {
      __m512i words[8], turned[2][4];
      for (std::size_t c = 0; c < 8; ++c) words[7 - c] = _mm512_loadu_si512(block + 8 * (8 * eight + c));
      gather(words, turned[0], turned[1]);
      for (std::size_t odd = 0; odd < 2; ++odd) {
        for (std::size_t i = 0; i < 4; ++i)
          bits[odd][i][eight] = _mm512_gf2p8affine_epi64_epi8(unit, turned[odd][i], 0);
      }
    }
    for (std::size_t odd = 0; odd < 2; ++odd) {
      for (std::size_t i = 0; i < 4; ++i, out += 64) {
        __m512i sum[8];  // byte by byte of the result
        for (__m512i& byte : sum) byte = _mm512_setzero_si512();
        for (std::size_t eight = 0; eight < 8; ++eight) {
          const __m512i eight_bits = bits[odd][i][eight];
          // The next block is further than the processor looks ahead by itself.
          __builtin_prefetch(block + block_words + 8 * (32 * odd + 8 * i + eight));
#pragma GCC unroll 8
          for (std::size_t byte = 0; byte < 8; ++byte) {
            const __m512i m = _mm512_set1_epi64(static_cast<long long>(matrix[eight][byte]));
            sum[byte] = _mm512_xor_si512(sum[byte], _mm512_gf2p8affine_epi64_epi8(eight_bits, m, 0));
          }
        }
        __m512i elements[8];
        gather(sum, elements, elements + 4);
        for (std::size_t j = 0; j < 8; ++j) _mm512_storeu_si512(out + 8 * j, elements[j]);
      }
    }
  }
};

bool has_matrices() {
  static const bool has =
      __builtin_cpu_supports("gfni") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
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

void CornerSums::add_up(const u64* block, u64* out) const {
#if defined(__x86_64__)
  if (has_matrices()) return Matrices::add_up(block, matrix_, out);
#endif
  add_up_anywhere(block, out);
}

void CornerSums::add_up_anywhere(const u64* block, u64* out) const {
  std::array<std::array<u64, 64>, groups_abreast> sums;
  for (std::size_t group = 0; group < groups_abreast; ++group) {
    add_up_by_masks(block + group, factor_.data(), sums[group].data());
  }
  for (std::size_t i = 0; i < block_elements; ++i) out[i] = sums[group_of_element(i)][bit_of_element(i)];
}

}  // namespace cohortium::mpc
