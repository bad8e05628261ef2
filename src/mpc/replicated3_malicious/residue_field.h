// Integers modulo the product of L primes just below 2^52, as their residues: L = 3 or 6, wide enough for sums of products
// of words (ring_proof.cc). What is wrong modulo the product is wrong modulo one of the primes, and that residue alone
// is a field of some 2^52 elements; nothing carries from one residue to the next.
//
// Results are below the prime. Operators take residues in any form, as peers may send them; the loops over vectors take
// those below 2^52. No branches or addresses depend on a value but in `is_zero`, whose outcome is public. Where the
// processor multiplies eight numbers of 52 bits at once (AVX-512 IFMA), the loops do.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "crypto/random_generator.h"
#include "mpc/replicated3_malicious/residue_loops.h"
#include "mpc/ring.h"

namespace cohortium::mpc {

inline constexpr std::array<u64, 6> below_2_52{47, 143, 173, 183, 197, 209};  // 2^52 minus these are prime

template <int L>
struct ResidueField {
  static constexpr int limbs = L;
  using Word = WordOf<L>;  // whose products it is for
  static constexpr int bits = 52;
  static constexpr u64 low_bits = (u64{1} << bits) - 1;
  std::array<u64, L> limb{};

  ResidueField() = default;
  explicit ResidueField(u64 value) {
    for (int i = 0; i < L; ++i) limb[i] = reduced(value, i);
  }

  static constexpr u64 prime(int i) { return (u64{1} << bits) - below_2_52[i]; }
  // 2^52 is below_2_52[i].
  static u64 reduced(u128 value, int i) {
    const u64 c = below_2_52[i];
    u128 folded = (value & low_bits) + (value >> bits) * c;  // below 2^85
    folded = (folded & low_bits) + (folded >> bits) * c;     // below 2^53
    const u64 once = static_cast<u64>(folded), less = once - prime(i);
    return less + (prime(i) & (u64{0} - (less >> 63)));
  }
  template <std::size_t N>
  static ResidueField of_limbs(const std::array<u64, N>& words) {
    ResidueField r;
    for (int i = 0; i < L; ++i) {
      for (std::size_t j = N; j-- > 0;) r.limb[i] = reduced(u128{r.limb[i]} << 64 | words[j], i);
    }
    return r;
  }
  // Uniform, but for 2^-76.
  static void draw(crypto::RandomGenerator& generator, std::span<ResidueField> out) {
    for (ResidueField& element : out) {
      std::array<u128, L> words;
      generator.fill(std::as_writable_bytes(std::span(words)));
      for (int i = 0; i < L; ++i) element.limb[i] = reduced(words[i], i);
    }
  }

  friend ResidueField operator+(const ResidueField& a, const ResidueField& b) {
    ResidueField r;
    for (int i = 0; i < L; ++i) r.limb[i] = reduced(u128{a.limb[i]} + b.limb[i], i);
    return r;
  }
  friend ResidueField operator-(const ResidueField& a, const ResidueField& b) {
    ResidueField r;
    for (int i = 0; i < L; ++i) r.limb[i] = reduced(a.limb[i] + (u128{prime(i)} << 13) - b.limb[i], i);
    return r;
  }
  friend ResidueField operator*(const ResidueField& a, const ResidueField& b) {
    ResidueField r;
    for (int i = 0; i < L; ++i) r.limb[i] = reduced(u128{a.limb[i]} * b.limb[i], i);
    return r;
  }

  // A sum of products that is not yet reduced: word t stands for its residue t mod L, high words count 2^52 times.
  class Sum {
   public:
    void add(const ResidueField* a, const ResidueField* b, std::size_t n);
    ResidueField value() const;

   private:
    static constexpr std::size_t words = 24;  // three vectors of eight
    alignas(64) std::array<u64, words> low_{}, high_{};
    std::size_t added_ = 0;  // since words were below 2^52
  };
  static ResidueField inner_product(const ResidueField* a, const ResidueField* b, std::size_t n) {
    Sum sum;
    sum.add(a, b, n);
    return sum.value();
  }
  // out[i] = the sum over j of factor[j] in[j * stride + i]; `in` has `size` elements and is zero behind them. At most
  // 32 factors.
  static void combine(const ResidueField* in, std::size_t size, std::size_t stride, const ResidueField* factor,
                      std::size_t factors, ResidueField* out);
  // Words as they are, and under weights below 2^52.
  static void expand(const Word* words, std::size_t n, ResidueField* out);
  static void expand_weighted(const Word* words, const u64* weights, std::size_t n, ResidueField* out);

  // As they are sent: two residues, below 2^52, in 13 bytes, so that all bits that travel are as uniform as residues are.
  // Of an even number of them.
  static constexpr std::size_t packed_bytes(std::size_t elements) { return elements * L / 2 * 13; }
  static void pack(std::span<const ResidueField> elements, std::byte* out);
  static void unpack(const std::byte* in, std::span<ResidueField> elements);

  static bool is_zero(const ResidueField& a) {
    u64 any = 0;
    for (int i = 0; i < L; ++i) any |= reduced(a.limb[i], i);
    return any == 0;
  }
  ResidueField inverse() const {  // this^(p - 2)
    ResidueField result(u64{1}), power = *this;
    for (int bit = 0; bit < bits; ++bit, power = power * power) {
      const ResidueField more = result * power;
      for (int i = 0; i < L; ++i) {
        if ((prime(i) - 2) >> bit & 1) result.limb[i] = more.limb[i];
      }
    }
    return result;
  }
};

}  // namespace cohortium::mpc
