#include "mpc/replicated3_malicious/residue_field.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t at_once = 4096;  // elements, in sums whose words are not reduced

template <int L>
const u64* words_of(const ResidueField<L>* elements) {
  return reinterpret_cast<const u64*>(elements);
}
template <int L>
u64* words_of(ResidueField<L>* elements) {
  return reinterpret_cast<u64*>(elements);
}

}  // namespace

template <int L>
void ResidueField<L>::Sum::add(const ResidueField* a, const ResidueField* b, std::size_t n) {
  const ResidueLoops<L>& loops = quickest_loops<L>();
  for (std::size_t from = 0; from < n; from += at_once) {
    const std::size_t some = std::min(at_once, n - from);
    if (added_ + some > at_once) {
      for (std::size_t t = 0; t < words; ++t) {
        low_[t] = reduced(low_[t], static_cast<int>(t % L));
        high_[t] = reduced(high_[t], static_cast<int>(t % L));
      }
      added_ = 0;
    }
    added_ += some;
    loops.add_products(words_of<L>(a + from), words_of<L>(b + from), L * some, low_.data(), high_.data());
  }
}

template <int L>
ResidueField<L> ResidueField<L>::Sum::value() const {
  std::array<u128, L> sum{};
  for (std::size_t t = 0; t < words; ++t) sum[t % L] += low_[t] + u128{high_[t]} * below_2_52[t % L];
  ResidueField r;
  for (int i = 0; i < L; ++i) r.limb[i] = reduced(sum[i], i);
  return r;
}

template <int L>
void ResidueField<L>::combine(const ResidueField* in, std::size_t size, std::size_t stride, const ResidueField* factor,
                              std::size_t factors, ResidueField* out) {
  quickest_loops<L>().combine(words_of<L>(in), L * size, L * stride, words_of<L>(factor), factors, words_of<L>(out));
}

template <int L>
void ResidueField<L>::expand(const Word* words, std::size_t n, ResidueField* out) {
  quickest_loops<L>().expand(words, nullptr, n, words_of<L>(out));
}

template <int L>
void ResidueField<L>::expand_weighted(const Word* words, const u64* weights, std::size_t n, ResidueField* out) {
  quickest_loops<L>().expand(words, weights, n, words_of<L>(out));
}

constexpr std::size_t pair_bytes = 13;  // two residues

template <int L>
void ResidueField<L>::pack(std::span<const ResidueField> elements, std::byte* out) {
  const u64* residues = words_of<L>(elements.data());
  const std::size_t count = L * elements.size();
  COHORTIUM_CHECK(count % 2 == 0);
  for (std::size_t i = 0; i < count; i += 2, out += pair_bytes) {
    const u128 pair = residues[i] | u128{residues[i + 1]} << bits;
    std::memcpy(out, &pair, pair_bytes);
  }
}

template <int L>
void ResidueField<L>::unpack(const std::byte* in, std::span<ResidueField> elements) {
  u64* residues = words_of<L>(elements.data());
  const std::size_t count = L * elements.size();
  COHORTIUM_CHECK(count % 2 == 0);
  for (std::size_t i = 0; i < count; i += 2, in += pair_bytes) {
    u128 pair = 0;
    std::memcpy(&pair, in, pair_bytes);
    residues[i] = static_cast<u64>(pair) & low_bits;
    residues[i + 1] = static_cast<u64>(pair >> bits);
  }
}

template struct ResidueField<3>;
template struct ResidueField<6>;

}  // namespace cohortium::mpc
