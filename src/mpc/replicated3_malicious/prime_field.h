// The integers modulo a prime of 52 bits, which is drawn at random when all that a proof says of integers is fixed
// (ring_proof.cc): what is wrong of integers is then wrong modulo the prime, too, but for a small probability.
//
// A Residue is any number below 2^52 that stands for what it is modulo the prime; scalar operations return the least. No
// branches or addresses depend on a value but in is_zero, whose outcome is public; the prime itself is public. Where the
// processor multiplies eight numbers of 52 bits at once (AVX-512 IFMA), the loops do.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "crypto/random_generator.h"
#include "mpc/replicated3_malicious/integer_share.h"
#include "mpc/replicated3_malicious/prime_loops.h"
#include "mpc/ring.h"

namespace cohortium::mpc {

struct Residue {
  u64 value;
};

// Miller and Rabin's test with the bases that decide below 2^64. For public numbers.
// Source  Sorenson and Webster, Math. Comp. 2017 (the first twelve primes as bases)
bool is_prime(u64 number);

class PrimeField {
 public:
  using Element = Residue;
  // An element that is dealt to two: integers that add up to it, of 68 bits more, so that either alone is uniform but for 2^-68.
  using Share = IntegerShare<15>;
  using Sum = SumLanes;

  static constexpr u64 least_prime = u64{1} << 51, above_primes = (u64{1} << 52) - (u64{1} << 25);
  // There are at least 2^45.8 between them (Dusart 2010, bounds 5.4 and 5.5).

  explicit PrimeField(u64 prime);                     // within these limits
  static PrimeField drawn(const crypto::Seed& seed);  // uniform among them
  u64 prime() const { return modulus_.prime; }

  Element of(u128 value) const;
  Element of(u64 value) const { return multiply({divided_by_2_52(value, modulus_)}, two_to_52_); }
  template <std::size_t N>
  Element of_limbs(const std::array<u64, N>& words) const {  // little-endian
    Element r{0};
    for (std::size_t j = N; j-- > 0;) r = add(multiply(r, two_to_64_), of(words[j]));
    return r;
  }
  Element add(Element a, Element b) const { return least(a.value + b.value); }
  Element subtract(Element a, Element b) const { return least(a.value + 2 * modulus_.prime - b.value); }
  Element multiply(Element a, Element b) const {
    return {divided_by_2_52(u128{divided_by_2_52(u128{a.value} * b.value, modulus_)} * two_to_104_.value, modulus_)};
  }
  Element inverse(Element a) const;          // 0 of 0
  Element power_of_two(int exponent) const;  // of any sign
  bool is_zero(Element a) const { return least(a.value).value == 0; }

  void draw(crypto::RandomGenerator& generator, std::span<Element> out) const;  // uniform but for 2^-76

  Share whole(Element a) const { return Share::of(least(a.value).value); }
  // From the shares that the two got: the drawn one, and the one that was sent (integer_share.h).
  Element of_drawn(const Share& share) const { return of_limbs(share.words()); }
  Element of_sent(const Share& share) const { return subtract(of_drawn(share), beyond_share_); }

  Element inner_product(const Element* a, const Element* b, std::size_t n) const;
  Element value(const Sum& sum) const;
  // sums[8 i + j] += the inner product of piece i of the left with piece j of the right, eight pieces of `stride`, a multiple
  // of eight and at most 4096. At most 2^15 elements of a piece; then settle().
  static void add_pairs(const Element* left, const Element* right, std::size_t stride, Sum* sums);
  void settle(Sum& sum) const;
  // out[i] = the sum over j of factor[j] in[j * stride + i]; `in` has `size` elements and is zero behind them. At most
  // 32 factors.
  void combine(const Element* in, std::size_t size, std::size_t stride, const Element* factor, std::size_t factors,
               Element* out) const;
  // Words, over 2^52 (of 64 bits) or 2^104 (of 128), and under weights below 2^52, over 2^52 once more.
  template <RingWord W>
  void expand(const W* words, std::size_t n, Element* out) const {
    expand_weighted(words, nullptr, n, out);
  }
  template <RingWord W>
  void expand_weighted(const W* words, const u64* weights, std::size_t n, Element* out) const;

  // As verifiers show an element to each other: with a random multiple of the prime added, so that all bits of the ten bytes are
  // uniform where the element is, but for 2^-28.
  static constexpr std::size_t shown_bytes = 10;
  void show(Element a, crypto::RandomGenerator& filler, std::byte* out) const;
  Element shown(const std::byte* in) const;

 private:
  Element least(u64 value) const {  // of a number below 2^54
    for (const u64 multiple : {2 * modulus_.prime, modulus_.prime}) {
      const u64 less = value - multiple;
      value = less + (multiple & (u64{0} - (less >> 63)));
    }
    return {value};
  }

  Modulus modulus_;
  Element two_to_52_, two_to_64_, two_to_104_, beyond_share_;
};

}  // namespace cohortium::mpc
