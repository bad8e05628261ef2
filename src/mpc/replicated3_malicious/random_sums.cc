#include "mpc/replicated3_malicious/random_sums.h"

#include "base/dispatch.h"

namespace cohortium::mpc {

COHORTIUM_DISPATCHED void add_selected(const u64* first_words, const u64* second_words, const u64* halves,
                                       std::size_t n, u64* first, u64* second) {
  using Eight = u64 __attribute__((vector_size(64)));  // a register, or several
  constexpr int vectors = sums / 8;
  Eight one[vectors] = {}, other[vectors] = {}, bit[vectors];
  for (int c = 0; c < sums; ++c) bit[c / 8][c % 8] = u64{1} << c;
  for (std::size_t e = 0; e < n; ++e) {
    const Eight a = Eight{} + first_words[e], b = Eight{} + second_words[e], half = Eight{} + halves[e];
#pragma GCC unroll 6
    for (int v = 0; v < vectors; ++v) {
      const Eight selected = reinterpret_cast<Eight>((half & bit[v]) != 0);
      one[v] += a & selected;
      other[v] += b & selected;
    }
  }
  for (int c = 0; c < sums; ++c) {
    first[c] += one[c / 8][c % 8];
    second[c] += other[c / 8][c % 8];
  }
}

}  // namespace cohortium::mpc
