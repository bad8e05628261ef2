// Against arithmetic of whole numbers, on every way to multiply that this machine has.
#include "mpc/replicated3_malicious/residue_field.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace cohortium::mpc {
namespace {

template <int L>
u64 modulo(u128 value, int i) {
  return static_cast<u64>(value % ResidueField<L>::prime(i));
}

// Now and then one at the edges.
u64 below_2_52_of(std::mt19937_64& random) {
  const u64 word = random();
  return word % 16 == 0 ? (u64{1} << 52) - 1 - word / 16 % 400 : word % 16 == 1 ? word / 16 % 3 : word >> 12;
}

std::vector<u64> words_below_2_52(std::mt19937_64& random, std::size_t n) {
  std::vector<u64> words(n);
  for (u64& word : words) word = below_2_52_of(random);
  return words;
}

template <int L>
void multiplies_vectors_as_whole_numbers_do(const ResidueLoops<L>& loops) {
  std::mt19937_64 random(L);
  for (std::size_t n : {0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 131}) {
    const auto a = words_below_2_52(random, L * n), b = words_below_2_52(random, L * n);
    u64 low[24] = {}, high[24] = {};
    loops.add_products(a.data(), b.data(), L * n, low, high);
    for (int i = 0; i < L; ++i) {
      u64 expected = 0, found = 0;
      for (std::size_t t = i; t < L * n; t += L) expected = modulo<L>(expected + u128{a[t]} * b[t], i);
      for (std::size_t t = i; t < 24; t += L) found = modulo<L>(found + (u128{high[t]} << 52) + low[t], i);
      EXPECT_EQ(found, expected) << n << " " << i;
    }
    for (std::size_t factors : {2, 4, 8, 17, 32}) {
      const std::size_t stride = (n + factors - 1) / factors;
      const auto factor = words_below_2_52(random, L * factors);
      std::vector<u64> out(L * stride, 1);
      loops.combine(a.data(), L * n, L * stride, factor.data(), factors, out.data());
      for (std::size_t t = 0; t < L * stride; ++t) {
        const int i = static_cast<int>(t % L);
        u64 expected = 0;
        for (std::size_t j = 0; j < factors && j * L * stride + t < L * n; ++j) {
          expected = modulo<L>(expected + u128{factor[j * L + i]} * a[j * L * stride + t], i);
        }
        EXPECT_EQ(out[t], expected) << n << " " << factors << " " << t;
      }
    }
  }
}

template <int L>
void expands_words_to_their_residues(const ResidueLoops<L>& loops) {
  std::mt19937_64 random(L);
  for (std::size_t n : {0, 1, 3, 4, 5, 8, 9, 100}) {
    std::vector<WordOf<L>> words(n);
    for (WordOf<L>& word : words) {
      word = random();
      if constexpr (L == 6) word = word << 64 | random();
      if (random() % 8 == 0) word = WordOf<L>{0} - random() % 3;
    }
    const auto weights = words_below_2_52(random, n);
    std::vector<u64> plain(L * n + 1, 7), weighted(L * n + 1, 7);
    loops.expand(words.data(), nullptr, n, plain.data());
    loops.expand(words.data(), weights.data(), n, weighted.data());
    for (std::size_t t = 0; t < L * n; ++t) {
      const int i = static_cast<int>(t % L);
      EXPECT_EQ(plain[t], modulo<L>(words[t / L], i));
      EXPECT_EQ(weighted[t], modulo<L>(u128{modulo<L>(words[t / L], i)} * weights[t / L], i));
    }
    EXPECT_EQ(plain[L * n], 7);
    EXPECT_EQ(weighted[L * n], 7);
  }
}

TEST(ResidueField, MultipliesVectorsAsWholeNumbersDo) {
  multiplies_vectors_as_whole_numbers_do(portable_loops<3>());
  multiplies_vectors_as_whole_numbers_do(portable_loops<6>());
  multiplies_vectors_as_whole_numbers_do(quickest_loops<3>());
  multiplies_vectors_as_whole_numbers_do(quickest_loops<6>());
}

TEST(ResidueField, ExpandsWordsToTheirResidues) {
  expands_words_to_their_residues(portable_loops<3>());
  expands_words_to_their_residues(portable_loops<6>());
  expands_words_to_their_residues(quickest_loops<3>());
  expands_words_to_their_residues(quickest_loops<6>());
}

TEST(ResidueField, TakesResiduesInAnyForm) {
  std::mt19937_64 random(1);
  for (int run = 0; run < 1000; ++run) {
    ResidueField<6> a, b;
    for (int i = 0; i < 6; ++i) {
      a.limb[i] = random() | (u64{random() % 2} << 63);
      b.limb[i] = u64{0} - random() % 5;
    }
    for (int i = 0; i < 6; ++i) {
      const u64 x = modulo<6>(a.limb[i], i), y = modulo<6>(b.limb[i], i), p = ResidueField<6>::prime(i);
      EXPECT_EQ((a + b).limb[i], (x + y) % p);
      EXPECT_EQ((a - b).limb[i], (x + p - y) % p);
      EXPECT_EQ((a * b).limb[i], modulo<6>(u128{x} * y, i));
      EXPECT_EQ((b * b.inverse()).limb[i], y == 0 ? 0 : 1);
    }
  }
}

// The primes themselves count as zero, and no residue may differ unseen.
TEST(ResidueField, IsZeroWhereAllResiduesAre) {
  ResidueField<3> a;
  for (int i = 0; i < 3; ++i) a.limb[i] = ResidueField<3>::prime(i);
  EXPECT_TRUE(ResidueField<3>::is_zero(a));
  for (int i = 0; i < 3; ++i) {
    ResidueField<3> wrong = a;
    ++wrong.limb[i];
    EXPECT_FALSE(ResidueField<3>::is_zero(wrong));
  }
}

// By trial division.
TEST(ResidueField, HasDifferentPrimes) {
  for (int i = 0; i < 6; ++i) {
    const u64 p = ResidueField<6>::prime(i);
    for (u64 divisor = 3; divisor < u64{1} << 26; divisor += 2) ASSERT_NE(p % divisor, 0) << p << " " << divisor;
    EXPECT_EQ(p % 2, 1);
    for (int j = 0; j < i; ++j) EXPECT_NE(p, ResidueField<6>::prime(j));
  }
}

// A sum far longer than its words bear unreduced.
TEST(ResidueField, AddsUpLongSums) {
  ResidueField<3> most;
  for (int i = 0; i < 3; ++i) most.limb[i] = (u64{1} << 52) - 1;
  const std::vector<ResidueField<3>> all(50'000, most);
  const ResidueField<3> sum = ResidueField<3>::inner_product(all.data(), all.data(), all.size());
  for (int i = 0; i < 3; ++i) {
    const u64 square = modulo<3>(u128{most.limb[i]} * most.limb[i], i);
    EXPECT_EQ(sum.limb[i], modulo<3>(u128{square} * all.size(), i));
  }
}

}  // namespace
}  // namespace cohortium::mpc
