// Polynomials of degree 1 in each of six variables are given by their values at the 64 corners of a cube, as words of bits.
// Values where variables are infinity are leading coefficients, an exclusive-or each. Products are made at all 729
// values, and times the groups' weights they are added up.
//
// A word takes some 11 products of words and as many in the field, and 42 exclusive-ors before them. The quick way goes
// down the cube dimension by dimension, so that what it needs next is in registers or the nearest cache; the other one
// makes all values of a block before it multiplies.
#include "mpc/replicated3_malicious/cube_sums.h"

#include "base/dispatch.h"
#include "mpc/replicated3_malicious/wide_carryless.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t width = groups_abreast;
using Values = std::array<u64, cube_values * width>;

// One dimension after the other: those done have three digits.
COHORTIUM_DISPATCHED void extend(const u64* words, u64* out, u64* other) {
  u64 *from = other, *to = out;
  std::copy_n(words, block_words, from);
  std::size_t done = width;
  for (std::size_t left = corners; left > 1; left /= 2, done *= 3) {  // `left` runs of `done` words
    for (std::size_t run = 0; run < left / 2; ++run) {
      const u64 *zero = from + 2 * run * done, *one = zero + done;
      u64* const three = to + 3 * run * done;
      for (std::size_t i = 0; i < done; ++i) {
        three[i] = zero[i];
        three[done + i] = one[i];
        three[2 * done + i] = zero[i] ^ one[i];
      }
    }
    std::swap(from, to);
  }
  if (from != out) std::copy_n(from, cube_values * width, out);
}

template <std::size_t n>
void add_products(const u64* words, const BinaryField* weights, std::array<UnreducedSum, n>& sums) {
  std::array<u64, n> low{}, high{};
  BinaryField::add_weighted(weights, width, words, low.data(), high.data(), n);
  for (std::size_t i = 0; i < n; ++i) sums[i].add(low[i], high[i]);
}

template <std::size_t n>
std::array<BinaryField, n> values_of(const std::array<UnreducedSum, n>& sums) {
  std::array<BinaryField, n> values;
  for (std::size_t i = 0; i < n; ++i) values[i] = sums[i].value();
  return values;
}

COHORTIUM_DISPATCHED void multiply_values(const u64* x, const u64* y, const u64* other_y, const u64* other_x,
                                          u64* out) {
  for (std::size_t i = 0; i < cube_values * width; ++i) out[i] = (x[i] & y[i]) ^ (other_y[i] & other_x[i]);
}

#if defined(__x86_64__)
// A vector: the words of eight groups at one value.
struct Wide {
  struct Operands {
    const __m512i* of[4];
  };
  static constexpr std::size_t power_of_three(std::size_t n) { return n == 0 ? 1 : 3 * power_of_three(n - 1); }
  static constexpr int and_then_xor = 0x78;  // a xor (b and c)

  COHORTIUM_WIDE_INLINE void add_product(const __m512i* x, __m512i weights, __m512i* sum) {
    const __m512i product = _mm512_ternarylogic_epi64(_mm512_and_si512(x[0], x[1]), x[2], x[3], and_then_xor);
    _mm512_store_si512(sum, plus_products(_mm512_load_si512(sum), product, weights));
  }

  // Two dimensions are left: four vectors of each operand, nine sums.
  COHORTIUM_WIDE_INLINE void add_square(const Operands& operands, __m512i weights, __m512i* sums) {
    __m512i at[3][3][4];
#pragma GCC unroll 4
    for (std::size_t o = 0; o < 4; ++o) {
      for (std::size_t i = 0; i < 2; ++i) {
        at[i][0][o] = _mm512_loadu_si512(operands.of[o] + 2 * i);
        at[i][1][o] = _mm512_loadu_si512(operands.of[o] + 2 * i + 1);
        at[i][2][o] = _mm512_xor_si512(at[i][0][o], at[i][1][o]);
      }
      for (std::size_t j = 0; j < 3; ++j) at[2][j][o] = _mm512_xor_si512(at[0][j][o], at[1][j][o]);
    }
#pragma GCC unroll 3
    for (std::size_t i = 0; i < 3; ++i) {
#pragma GCC unroll 3
      for (std::size_t j = 0; j < 3; ++j) add_product(at[i][j], weights, sums + 3 * i + j);
    }
  }

  // Node `number` of those with so many dimensions left. The next block is further on than the processor looks by itself:
  // the 27 nodes with three dimensions ask for their share of it.
  template <std::size_t dimensions>
  COHORTIUM_WIDE static void add_cube(const Operands& operands, __m512i weights, __m512i* sums, const Operands& block,
                                      std::size_t number) {
    if constexpr (dimensions == 2) {
      add_square(operands, weights, sums);
    } else {
      constexpr std::size_t half = std::size_t{1} << (dimensions - 1), third = power_of_three(dimensions - 1);
      __m512i sum[4][half];
      Operands one, infinite;
      for (std::size_t o = 0; o < 4; ++o) {
        one.of[o] = operands.of[o] + half;
        infinite.of[o] = sum[o];
        for (std::size_t i = 0; i < half; ++i) {
          sum[o][i] = _mm512_xor_si512(_mm512_loadu_si512(operands.of[o] + i), _mm512_loadu_si512(one.of[o] + i));
        }
        if constexpr (dimensions == 3) {
          for (std::size_t i = 0; i < 3; ++i) __builtin_prefetch(block.of[o] + corners + 3 * number + i);
        }
      }
      add_cube<dimensions - 1>(operands, weights, sums, block, 3 * number);
      add_cube<dimensions - 1>(one, weights, sums + third, block, 3 * number + 1);
      add_cube<dimensions - 1>(infinite, weights, sums + 2 * third, block, 3 * number + 2);
    }
  }
  COHORTIUM_WIDE static void add_words(const u64* block, const BinaryField* weights, void* sums) {
    const __m512i w = _mm512_loadu_si512(weights);
    __m512i* const sum = static_cast<__m512i*>(sums);
    for (std::size_t corner = 0; corner < corners; ++corner) {
      __builtin_prefetch(block + block_words + width * corner);
      const __m512i words = _mm512_loadu_si512(block + width * corner);
      _mm512_store_si512(sum + corner, plus_products(_mm512_load_si512(sum + corner), words, w));
    }
  }
  COHORTIUM_WIDE static void add(const CubeOperands& block, const BinaryField* weights, void* sums) {
    const auto vectors = [](const u64* words) { return reinterpret_cast<const __m512i*>(words); };
    const Operands operands{{vectors(block.x), vectors(block.y), vectors(block.other_y), vectors(block.other_x)}};
    add_cube<cube_dimensions>(operands, _mm512_loadu_si512(weights), static_cast<__m512i*>(sums), operands, 0);
  }
};
#endif

}  // namespace

void CubeSums::add(const CubeOperands& block, const BinaryField* weights) {
#if defined(__x86_64__)
  if (has_wide_carryless()) return Wide::add(block, weights, unreduced_.data());
#endif
  add_anywhere(block, weights);
}

void CubeSums::add_anywhere(const CubeOperands& block, const BinaryField* weights) {
  Values x, y, other_y, other_x, room;
  extend(block.x, x.data(), room.data());
  extend(block.y, y.data(), room.data());
  extend(block.other_y, other_y.data(), room.data());
  extend(block.other_x, other_x.data(), room.data());
  multiply_values(x.data(), y.data(), other_y.data(), other_x.data(), room.data());
  add_products<cube_values>(room.data(), weights, unreduced_);
}

std::array<BinaryField, cube_values> CubeSums::sums() const { return values_of(unreduced_); }

void WordSums::add(const u64* block, const BinaryField* weights) {
#if defined(__x86_64__)
  if (has_wide_carryless()) return Wide::add_words(block, weights, unreduced_.data());
#endif
  add_anywhere(block, weights);
}

void WordSums::add_anywhere(const u64* block, const BinaryField* weights) {
  add_products<corners>(block, weights, unreduced_);
}

std::array<BinaryField, corners> WordSums::sums() const { return values_of(unreduced_); }

}  // namespace cohortium::mpc
