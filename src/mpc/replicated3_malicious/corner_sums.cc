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

  // Of even and of odd groups, the bytes 2i and 2i + 1 of a word, of eight corners: byte j of a lane has bit j of each.
  struct Bits {
    __m512i of[2][4][8];
  };
  COHORTIUM_MATRICES static void turn(const u64* block, Bits& bits) {
    const __m512i unit = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201));  // byte j: bit j
    for (std::size_t eight = 0; eight < 8; ++eight) {
      __m512i words[8], turned[2][4];
      for (std::size_t c = 0; c < 8; ++c) words[7 - c] = _mm512_loadu_si512(block + 8 * (8 * eight + c));
      gather(words, turned[0], turned[1]);
      for (std::size_t odd = 0; odd < 2; ++odd) {
        for (std::size_t i = 0; i < 4; ++i) {
          bits.of[odd][i][eight] = _mm512_gf2p8affine_epi64_epi8(unit, turned[odd][i], 0);
        }
      }
    }
  }
  // sum: byte by byte of the result. `ahead`: 512 bytes that will be wanted soon, further on than the processor looks by
  // itself.
  COHORTIUM_MATRICES __attribute__((always_inline)) static inline void multiply(const __m512i* bits,
                                                                                const CornerMatrices& matrices,
                                                                                const u64* ahead, __m512i* sum) {
    for (std::size_t eight = 0; eight < 8; ++eight) {
      __builtin_prefetch(ahead + 8 * eight);
#pragma GCC unroll 8
      for (std::size_t byte = 0; byte < 8; ++byte) {
        const __m512i m = _mm512_set1_epi64(static_cast<long long>(matrices[eight][byte]));
        sum[byte] = _mm512_xor_si512(sum[byte], _mm512_gf2p8affine_epi64_epi8(bits[eight], m, 0));
      }
    }
  }
  COHORTIUM_MATRICES __attribute__((always_inline)) static inline void store(const __m512i* sum, BinaryField* out) {
    __m512i elements[8];
    gather(sum, elements, elements + 4);
    for (std::size_t j = 0; j < 8; ++j) _mm512_storeu_si512(out + 8 * j, elements[j]);
  }

  COHORTIUM_MATRICES static void add_up(const u64* block, const CornerMatrices& matrices, BinaryField* out) {
    Bits bits;
    turn(block, bits);
    for (std::size_t i = 0; i < 8; ++i) {
      __m512i sum[8] = {};
      multiply(bits.of[i / 4][i % 4], matrices, block + block_words + 64 * i, sum);
      store(sum, out + 64 * i);
    }
  }
  COHORTIUM_MATRICES static void add_up_quarters(const u64* first, const u64* second, const u64* after_first,
                                                 const u64* after_second, const std::array<CornerMatrices, 8>& matrices,
                                                 BinaryField* out) {
    const Bits* const bits[2] = {reinterpret_cast<const Bits*>(first), reinterpret_cast<const Bits*>(second)};
    for (std::size_t half = 0; half < 2; ++half) {
      __m512i sum[8] = {};
      for (std::size_t quarter = 0; quarter < 8; ++quarter) {
        const u64* const ahead = (quarter < 4 ? after_first : after_second) + 64 * (2 * (quarter % 4) + half);
        multiply(bits[quarter / 4]->of[quarter / 2 % 2][2 * (quarter % 2) + half], matrices[quarter], ahead, sum);
      }
      store(sum, out + 64 * half);
    }
  }
};

bool has_matrices() {
  static const bool has =
      __builtin_cpu_supports("gfni") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  return has;
}
#endif

// Rows become columns.
u64 turned_8x8(u64 matrix) {
  u64 unlike = (matrix ^ matrix >> 7) & 0x00AA00AA00AA00AA;
  matrix ^= unlike ^ unlike << 7;
  unlike = (matrix ^ matrix >> 14) & 0x0000CCCC0000CCCC;
  matrix ^= unlike ^ unlike << 14;
  unlike = (matrix ^ matrix >> 28) & 0x00000000F0F0F0F0;
  return matrix ^ unlike ^ unlike << 28;
}

CornerMatrices matrices_of(const CornerFactors& factor) {
  CornerMatrices matrices;
  for (std::size_t eight = 0; eight < 8; ++eight) {
    for (std::size_t byte = 0; byte < 8; ++byte) {
      u64 bytes = 0;
      for (std::size_t c = 0; c < 8; ++c) bytes |= (factor[8 * eight + c].bits >> 8 * byte & 255) << 8 * c;
      matrices[eight][byte] = __builtin_bswap64(turned_8x8(bytes));
    }
  }
  return matrices;
}

}  // namespace

CornerSums::CornerSums(const CornerFactors& factor) : factor_(factor), matrices_(matrices_of(factor)) {}

void CornerSums::add_up(const u64* block, BinaryField* out) const {
#if defined(__x86_64__)
  if (has_matrices()) return Matrices::add_up(block, matrices_, out);
#endif
  add_up_anywhere(block, out);
}

void CornerSums::add_up_anywhere(const u64* block, BinaryField* out) const {
  std::array<std::array<u64, 64>, groups_abreast> sums;
  std::array<u64, corners> factor;
  for (std::size_t corner = 0; corner < corners; ++corner) factor[corner] = factor_[corner].bits;
  for (std::size_t group = 0; group < groups_abreast; ++group) {
    add_up_by_masks(block + group, factor.data(), sums[group].data());
  }
  for (std::size_t i = 0; i < block_elements; ++i) out[i].bits = sums[group_of_element(i)][bit_of_element(i)];
}

TurnedBlock::TurnedBlock(const u64* block) : next_(block + block_words) {
#if defined(__x86_64__)
  if (has_matrices()) {
    Matrices::turn(block, *reinterpret_cast<Matrices::Bits*>(bits_.data()));
    return;
  }
#endif
  std::copy_n(block, block_words, bits_.begin());
}

QuarterSums::QuarterSums(const CornerFactors& factor, const Factors& of_quarter)
    : sums_(factor), of_quarter_(of_quarter) {
  for (std::size_t quarter = 0; quarter < 8; ++quarter) {
    CornerFactors products;
    BinaryField::combine(factor.data(), corners, corners, &of_quarter[quarter], 1, products.data());
    matrices_[quarter] = matrices_of(products);
  }
}

void QuarterSums::add_up(const TurnedBlock& first, const TurnedBlock& second, BinaryField* out) const {
  const u64 *a = first.bits_.data(), *b = second.bits_.data();
#if defined(__x86_64__)
  if (has_matrices()) return Matrices::add_up_quarters(a, b, first.next_, second.next_, matrices_, out);
#endif
  add_up_anywhere(a, b, out);
}

void QuarterSums::add_up_anywhere(const u64* first, const u64* second, BinaryField* out) const {
  std::array<BinaryField, 2 * block_elements> elements;
  sums_.add_up_anywhere(first, elements.data());
  sums_.add_up_anywhere(second, &elements[block_elements]);
  BinaryField::combine(elements.data(), elements.size(), quarter_elements, of_quarter_.data(), of_quarter_.size(), out);
}

}  // namespace cohortium::mpc
