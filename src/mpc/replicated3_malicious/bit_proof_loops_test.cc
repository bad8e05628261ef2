// The loops of proofs of bits, against products of polynomials and sums written out bit by bit.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

#include "mpc/replicated3_malicious/binary_field.h"
#include "mpc/replicated3_malicious/corner_sums.h"
#include "mpc/replicated3_malicious/cube_sums.h"
#include "mpc/replicated3_malicious/piece_products.h"

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

    for (std::size_t count : {1, 8}) {
      const auto weights = drawn(random, count);
      std::vector<u64> words(n * count), low(n + 1, 1), high(n + 1, 2);
      for (u64& word : words) word = random();
      BinaryField::add_weighted(weights.data(), count, words.data(), low.data(), high.data(), n);
      for (std::size_t i = 0; i < n; ++i) {
        u64 expected = BinaryField::reduced(1, 2).bits;
        for (std::size_t j = 0; j < count; ++j) expected ^= product(weights[j].bits, words[i * count + j]);
        EXPECT_EQ(BinaryField::reduced(low[i], high[i]).bits, expected);
      }
      EXPECT_EQ(low[n] + high[n], 3);
    }
  }
}

BlockWords drawn_block(std::mt19937_64& random) {
  BlockWords words;
  for (u64& word : words) word = random();
  return words;
}

TEST(BlockWords, OfTheLastBlockAreSpreadOverItsGroups) {
  for (std::size_t count : {1, 63, 64, 65, 200, 511, 512}) {
    Buffer<u64> words(block_words + count);
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = i + 1;
    BlockWords held;
    EXPECT_EQ(words_of_block(words, 0, held), words.data());
    const u64* const last = words_of_block(words, 1, held);
    const std::size_t groups = (count + 63) / 64;
    std::size_t next = block_words + 1;
    for (std::size_t corner = 0; corner < corners; ++corner) {
      for (std::size_t group = 0; group < groups_abreast; ++group) {
        const bool there = group < groups && next <= words.size();
        EXPECT_EQ(last[8 * corner + group], there ? next++ : 0);
      }
    }
    EXPECT_EQ(next, words.size() + 1);
    EXPECT_EQ(groups_in_block(1, groups_of(words.size())), groups);
  }
}

// The value of a group's polynomial: where a variable is infinity, the difference of its values at 1 and 0.
u64 value_at(const BlockWords& words, std::size_t group, std::size_t value) {
  std::size_t power = 1;
  u64 result = 0;
  for (std::size_t corner = 0; corner < corners; ++corner) {
    bool counts = true;
    power = 1;
    for (std::size_t d = 0; d < cube_dimensions; ++d, power *= 3) {
      const std::size_t digit = value / power % 3;
      counts = counts && (digit == 2 || digit == (corner >> d & 1));
    }
    if (counts) result ^= words[8 * corner + group];
  }
  return result;
}

TEST(CubeSums, AreThoseOfTheProductsOfValues) {
  std::mt19937_64 random(3);
  CubeSums sums, anywhere;
  std::vector<u64> expected(cube_values, 0);
  for (int block = 0; block < 3; ++block) {
    const BlockWords x = drawn_block(random), y = drawn_block(random), other_x = drawn_block(random),
                     other_y = drawn_block(random);
    const auto weights = drawn(random, groups_abreast);
    const CubeOperands operands{.x = x.data(), .y = y.data(), .other_y = other_y.data(), .other_x = other_x.data()};
    sums.add(operands, weights.data());
    anywhere.add_anywhere(operands, weights.data());
    for (std::size_t value = 0; value < cube_values; ++value) {
      for (std::size_t group = 0; group < groups_abreast; ++group) {
        const u64 word = (value_at(x, group, value) & value_at(y, group, value)) ^
                         (value_at(other_x, group, value) & value_at(other_y, group, value));
        expected[value] ^= product(weights[group].bits, word);
      }
    }
  }
  for (std::size_t value = 0; value < cube_values; ++value) {
    EXPECT_EQ(sums.sums()[value].bits, expected[value]);
    EXPECT_EQ(anywhere.sums()[value].bits, expected[value]);
  }
}

TEST(PieceProducts, AreInnerProductsOfAllPairs) {
  std::mt19937_64 random(4);
  PieceProducts products, anywhere;
  std::vector<u64> expected(64, 0);
  for (int run = 0; run < 3; ++run) {
    const auto left = drawn(random, 8 * piece_stretch), right = drawn(random, 8 * piece_stretch);
    products.add(left.data(), right.data());
    anywhere.add_anywhere(left.data(), right.data());
    for (std::size_t pair = 0; pair < 64; ++pair) {
      for (std::size_t i = 0; i < piece_stretch; ++i) {
        expected[pair] ^= product(left[pair / 8 * piece_stretch + i].bits, right[pair % 8 * piece_stretch + i].bits);
      }
    }
  }
  for (std::size_t pair = 0; pair < 64; ++pair) {
    EXPECT_EQ(products.pairs()[pair].bits, expected[pair]);
    EXPECT_EQ(anywhere.pairs()[pair].bits, expected[pair]);
  }
}

TEST(CornerSums, AreThoseOfTheCornersWithTheBit) {
  std::mt19937_64 random(2);
  for (int run = 0; run < 20; ++run) {
    CornerFactors factor;
    for (BinaryField& f : factor) f = BinaryField(random());
    const BlockWords words = drawn_block(random);
    std::array<BinaryField, block_elements> found, anywhere;
    const CornerSums sums(factor);
    sums.add_up(words.data(), found.data());
    sums.add_up_anywhere(words.data(), anywhere.data());
    std::set<std::pair<std::size_t, std::size_t>> seen;
    for (std::size_t i = 0; i < block_elements; ++i) {
      const std::size_t group = group_of_element(i), bit = bit_of_element(i);
      EXPECT_TRUE(group < 8 && bit < 64 && seen.insert({group, bit}).second);
      u64 expected = 0;
      for (std::size_t corner = 0; corner < corners; ++corner) {
        if (words[8 * corner + group] >> bit & 1) expected ^= factor[corner].bits;
      }
      EXPECT_EQ(found[i].bits, expected);
      EXPECT_EQ(anywhere[i].bits, expected);
    }
  }
}

TEST(QuarterSums, AreCornerSumsUnderFactorsOfTheirQuarters) {
  std::mt19937_64 random(5);
  for (int run = 0; run < 5; ++run) {
    CornerFactors factor;
    for (BinaryField& f : factor) f = BinaryField(random());
    QuarterSums::Factors of_quarter;
    for (BinaryField& f : of_quarter) f = BinaryField(random());
    const BlockWords first = drawn_block(random), second = drawn_block(random);
    std::array<BinaryField, quarter_elements> found, anywhere;
    const QuarterSums sums(factor, of_quarter);
    sums.add_up(TurnedBlock(first.data()), TurnedBlock(second.data()), found.data());
    sums.add_up_anywhere(first.data(), second.data(), anywhere.data());
    for (std::size_t i = 0; i < quarter_elements; ++i) {
      u64 expected = 0;
      for (std::size_t quarter = 0; quarter < 8; ++quarter) {
        const std::size_t element = quarter % 4 * quarter_elements + i;
        const std::size_t group = group_of_element(element), bit = bit_of_element(element);
        EXPECT_EQ(group / 2, group_of_element(i) / 2);
        EXPECT_EQ(bit % 32, bit_of_element(i));
        EXPECT_EQ(group % 2, quarter / 2 % 2);
        EXPECT_EQ(bit / 32, quarter % 2);
        for (std::size_t corner = 0; corner < corners; ++corner) {
          if ((quarter < 4 ? first : second)[8 * corner + group] >> bit & 1) {
            expected ^= product(factor[corner].bits, of_quarter[quarter].bits);
          }
        }
      }
      EXPECT_EQ(found[i].bits, expected);
      EXPECT_EQ(anywhere[i].bits, expected);
    }
  }
}

TEST(WordSums, AreThoseOfCornersUnderWeights) {
  std::mt19937_64 random(6);
  WordSums sums, anywhere;
  std::vector<u64> expected(corners, 0);
  for (int run = 0; run < 3; ++run) {
    const BlockWords words = drawn_block(random);
    const auto weights = drawn(random, groups_abreast);
    sums.add(words.data(), weights.data());
    anywhere.add_anywhere(words.data(), weights.data());
    for (std::size_t i = 0; i < block_words; ++i) expected[i / 8] ^= product(weights[i % 8].bits, words[i]);
  }
  for (std::size_t corner = 0; corner < corners; ++corner) {
    EXPECT_EQ(sums.sums()[corner].bits, expected[corner]);
    EXPECT_EQ(anywhere.sums()[corner].bits, expected[corner]);
  }
}

}  // namespace
}  // namespace cohortium::mpc
