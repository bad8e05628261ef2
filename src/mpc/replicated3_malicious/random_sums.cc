#include "mpc/replicated3_malicious/random_sums.h"

#include <algorithm>
#include <utility>

#include "base/intrinsics.h"

namespace cohortium::mpc {
namespace {

constexpr int vectors = sums / 8;

void add_selected_anywhere(const u64* first_words, const u64* second_words, const u64* halves, std::size_t n,
                           u64* first, u64* second) {
  for (std::size_t e = 0; e < n; ++e) {
    for (int c = 0; c < sums; ++c) {
      const u64 selected = u64{0} - (halves[e] >> c & 1);
      first[c] += first_words[e] & selected;
      second[c] += second_words[e] & selected;
    }
  }
}

void weigh_anywhere(const Weights::Table& table, const Halves& halves, std::size_t first, std::size_t count, u64* out) {
  for (std::size_t e = 0; e < count; ++e) {
    const u64 bits = halves.at(first + e);
    u64 weight = 0;
    for (std::size_t four = 0; four < table.size(); ++four) weight += table[four][bits >> (4 * four) & 15];
    out[e] = weight;
  }
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) void add_selected_at_once(const u64* first_words, const u64* second_words,
                                                             const u64* halves, std::size_t n, u64* first,
                                                             u64* second) {
  __m512i one[vectors], other[vectors], bit[vectors];
#pragma GCC unroll 6
  for (int v = 0; v < vectors; ++v) {
    one[v] = _mm512_loadu_si512(first + 8 * v);
    other[v] = _mm512_loadu_si512(second + 8 * v);
    bit[v] = _mm512_sllv_epi64(_mm512_set1_epi64(1),
                               _mm512_add_epi64(_mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0), _mm512_set1_epi64(8 * v)));
  }
  for (std::size_t e = 0; e < n; ++e) {
    const __m512i a = _mm512_set1_epi64(static_cast<long long>(first_words[e])),
                  b = _mm512_set1_epi64(static_cast<long long>(second_words[e])),
                  half = _mm512_set1_epi64(static_cast<long long>(halves[e]));
#pragma GCC unroll 6
    for (int v = 0; v < vectors; ++v) {
      const __mmask8 selected = _mm512_test_epi64_mask(half, bit[v]);
      one[v] = _mm512_mask_add_epi64(one[v], selected, one[v], a);
      other[v] = _mm512_mask_add_epi64(other[v], selected, other[v], b);
    }
  }
#pragma GCC unroll 6
  for (int v = 0; v < vectors; ++v) {
    _mm512_storeu_si512(first + 8 * v, one[v]);
    _mm512_storeu_si512(second + 8 * v, other[v]);
  }
}

__attribute__((target("avx512f"))) void weigh_at_once(const Weights::Table& table, const Halves& halves,
                                                      std::size_t first, std::size_t count, u64* out) {
  constexpr std::size_t fours = std::tuple_size_v<Weights::Table>;
  __m512i below_8[fours], from_8[fours];
#pragma GCC unroll 12
  for (std::size_t four = 0; four < fours; ++four) {
    below_8[four] = _mm512_loadu_si512(table[four].data());
    from_8[four] = _mm512_loadu_si512(table[four].data() + 8);
  }
  const __m512i place =
      _mm512_add_epi64(_mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0), _mm512_set1_epi64(static_cast<long long>(first % 8)));
  for (std::size_t e = 0; e < count; e += 8) {
    // The last of the eight has its 48 bits below bit 62.
    __m512i bits = _mm512_srlv_epi64(_mm512_set1_epi64(static_cast<long long>(halves.from((first + e) / 8))), place);
    __m512i weight = _mm512_setzero_si512();
#pragma GCC unroll 12
    for (std::size_t four = 0; four < fours; ++four) {  // an index counts modulo 16
      weight = _mm512_add_epi64(weight, _mm512_permutex2var_epi64(below_8[four], bits, from_8[four]));
      bits = _mm512_srli_epi64(bits, 4);
    }
    const std::size_t some = std::min<std::size_t>(8, count - e);
    _mm512_mask_storeu_epi64(out + e, static_cast<__mmask8>((1U << some) - 1), weight);
  }
}

bool at_once() {
  static const bool has = __builtin_cpu_supports("avx512f");
  return has;
}
#endif

}  // namespace

Halves::Halves(const crypto::Seed& seed, std::size_t statements) : bits_(statements / 8 + 2 * sizeof(u64)) {
  crypto::RandomGenerator(seed).fill(writable_bytes_of(bits_));
}

Weights::Weights(const crypto::Seed& seed, Halves halves) : halves_(std::move(halves)) {
  crypto::RandomGenerator(seed).fill(std::as_writable_bytes(std::span(factor_)));
  for (u64& factor : factor_) factor >>= 18;
  for (std::size_t four = 0; four < table_.size(); ++four) {
    for (std::size_t value = 1; value < 16; ++value) {
      table_[four][value] = table_[four][value & (value - 1)] + factor_[4 * four + __builtin_ctzll(value)];
    }
  }
}

void Weights::write(std::size_t first, std::size_t count, u64* out) const {
#if defined(__x86_64__)
  if (at_once()) return weigh_at_once(table_, halves_, first, count, out);
#endif
  weigh_anywhere(table_, halves_, first, count, out);
}

void add_selected(const u64* first_words, const u64* second_words, const u64* halves, std::size_t n, u64* first,
                  u64* second) {
#if defined(__x86_64__)
  if (at_once()) return add_selected_at_once(first_words, second_words, halves, n, first, second);
#endif
  add_selected_anywhere(first_words, second_words, halves, n, first, second);
}

}  // namespace cohortium::mpc
