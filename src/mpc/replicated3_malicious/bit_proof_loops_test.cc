// The loops of proofs of bits, against products of polynomials and sums written out bit by bit.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "mpc/replicated3_malicious/binary_field.h"
#include "mpc/replicated3_malicious/corner_sums.h"

namespace cohortium::mpc {
namespace {

u64 product(u64 a, u64 b) {  // by Horner's scheme, modulo x^64 + x^4 + x^3 + x + 1
  u64 result = 0;
  for (int bit = 63; bit >= 0; --bit) {
    result = result << 1 ^ (result >> 63 != 0 ? 27 : 0);
    if (b >> bit & 1) result ^= a;
  }
  return result;
}

std::vector<BinaryField> drawn(std::mt19937_64& random, std::size_t n) {
  std::vector<BinaryField> elements;
  for (std::size_t i = 0; i < n; ++i) elements.emplace_back(random());
  return elements;
}

TEST(BinaryField, MultipliesVectorsAsPolynomials) {
  std::mt19937_64 random(1);
  for (std::size_t n : {0, 1, 2, 7, 8, 9, 15, 16, 17, 65}) {
    const auto a = drawn(random, n), b = drawn(random, n);
    std::vector<BinaryField> out(n + 1, BinaryField(7));
    BinaryField::multiply(a.data(), b.data(), out.data(), n);
    u64 sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_EQ(out[i].bits, product(a[i].bits, b[i].bits));
      sum ^= product(a[i].bits, b[i].bits);
    }
    EXPECT_EQ(out[n].bits, 7);
    EXPECT_EQ(BinaryField::inner_product(a.data(), b.data(), n).bits, sum);

    for (std::size_t factors : {2, 4, 16, 17}) {
      const std::size_t stride = (n + factors - 1) / factors;
      const auto factor = drawn(random, factors);
      std::vector<BinaryField> combined(stride + 1, BinaryField(7));
      BinaryField::combine(a.data(), n, stride, factor.data(), factors, combined.data());
      for (std::size_t i = 0; i < stride; ++i) {
        u64 expected = 0;
        for (std::size_t j = 0; j < factors && j * stride + i < n; ++j) {
          expected ^= product(factor[j].bits, a[j * stride + i].bits);
        }
        EXPECT_EQ(combined[i].bits, expected);
      }
      EXPECT_EQ(combined[stride].bits, 7);
    }

    std::vector<u64> words(n), low(n + 1, 0), high(n + 1, 0);
    for (u64& word : words) word = random();
    const BinaryField first(random()), second(random());
    BinaryField::add_scaled(first, words.data(), low.data(), high.data(), n);
    BinaryField::add_scaled(second, words.data(), low.data(), high.data(), n);
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_EQ(BinaryField::reduced(low[i], high[i]).bits, product(first.bits ^ second.bits, words[i]));
    }
    EXPECT_EQ(low[n] | high[n], 0);
  }
}

TEST(CornerSums, AreThoseOfTheCornersWithTheBit) {
  std::mt19937_64 random(2);
  for (int run = 0; run < 20; ++run) {
    std::array<u64, corners> factor, words;
    for (u64& f : factor) f = random();
    for (u64& word : words) word = random() & random();
    std::array<u64, 64> expected{}, found, anywhere;
    for (std::size_t corner = 0; corner < corners; ++corner) {
      for (std::size_t bit = 0; bit < 64; ++bit) {
        if (words[corner] >> bit & 1) expected[bit] ^= factor[corner];
      }
    }
    const CornerSums sums(factor);
    sums.add_up(words.data(), found.data());
    sums.add_up_anywhere(words.data(), anywhere.data());
    EXPECT_EQ(found, expected);
    EXPECT_EQ(anywhere, expected);
  }
}

}  // namespace
}  // namespace cohortium::mpc
