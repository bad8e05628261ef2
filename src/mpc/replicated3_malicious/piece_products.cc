// Four pieces by four at a time: sixteen sums that stay in registers.
#include "mpc/replicated3_malicious/piece_products.h"

#include "mpc/replicated3_malicious/wide_carryless.h"

namespace cohortium::mpc {
namespace {

#if defined(__x86_64__)
constexpr std::size_t tile = 4;

COHORTIUM_WIDE void add_tile(const BinaryField* left, const BinaryField* right, __m512i* sums) {
  __m512i sum[tile][tile];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < tile; ++i) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < tile; ++j) sum[i][j] = _mm512_load_si512(sums + i * pieces_at_once + j);
  }
  for (std::size_t at = 0; at < piece_stretch; at += 8) {
    __m512i b[tile];
#pragma GCC unroll 4
    for (std::size_t j = 0; j < tile; ++j) b[j] = _mm512_loadu_si512(right + j * piece_stretch + at);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < tile; ++i) {
      const __m512i a = _mm512_loadu_si512(left + i * piece_stretch + at);
#pragma GCC unroll 4
      for (std::size_t j = 0; j < tile; ++j) sum[i][j] = plus_products(sum[i][j], a, b[j]);
    }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < tile; ++i) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < tile; ++j) _mm512_store_si512(sums + i * pieces_at_once + j, sum[i][j]);
  }
}
#endif

}  // namespace

void PieceProducts::add(const BinaryField* left, const BinaryField* right) {
#if defined(__x86_64__)
  if (has_wide_carryless()) {
    for (std::size_t i = 0; i < pieces_at_once; i += tile) {
      for (std::size_t j = 0; j < pieces_at_once; j += tile) {
        add_tile(left + i * piece_stretch, right + j * piece_stretch,
                 reinterpret_cast<__m512i*>(&unreduced_[i * pieces_at_once + j]));
      }
    }
    return;
  }
#endif
  add_anywhere(left, right);
}

void PieceProducts::add_anywhere(const BinaryField* left, const BinaryField* right) {
  for (std::size_t i = 0; i < pieces_at_once; ++i) {
    for (std::size_t j = 0; j < pieces_at_once; ++j) {
      const BinaryField sum =
          BinaryField::inner_product(left + i * piece_stretch, right + j * piece_stretch, piece_stretch);
      unreduced_[i * pieces_at_once + j].add(sum.bits, 0);
    }
  }
}

std::vector<BinaryField> PieceProducts::pairs() const {
  std::vector<BinaryField> result;
  for (const UnreducedSum& sum : unreduced_) result.push_back(sum.value());
  return result;
}

}  // namespace cohortium::mpc
