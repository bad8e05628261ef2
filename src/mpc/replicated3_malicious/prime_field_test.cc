// Against arithmetic of whole numbers, on every way to multiply that this machine has.
#include "mpc/replicated3_malicious/prime_field.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace cohortium::mpc {
namespace {

const u64 primes[] = {2251799813685269, 3377699720527897, 4503599593816049};  // the first and the last, and one between

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

u64 modulo(u128 value, u64 prime) { return static_cast<u64>(value % prime); }
u64 product(u64 a, u64 b, u64 prime) { return modulo(u128{a % prime} * (b % prime), prime); }
u64 times_2_52(u64 a, int times, u64 prime) {
  for (int i = 0; i < times; ++i) a = product(a, u64{1} << 52, prime);
  return a;
}
Modulus modulus_of(u64 prime) {
  u64 inverse = 1;
  for (int step = 0; step < 6; ++step) inverse *= 2 - prime * inverse;
  return {prime, inverse & ((u64{1} << 52) - 1)};
}
u64 total(const SumLanes& sum, u64 prime) {
  u64 result = 0;
  for (std::size_t i = 0; i < 8; ++i) result = modulo(result + (u128{sum.high[i]} << 52) + sum.low[i], prime);
  return result;
}

void multiplies_vectors(const PrimeLoops& loops, u64 prime) {
  std::mt19937_64 random(prime);
  const Modulus m = modulus_of(prime);
  for (std::size_t n : {0, 1, 7, 8, 9, 31, 32, 33, 64, 131}) {
    const auto a = words_below_2_52(random, n), b = words_below_2_52(random, n);
    SumLanes sum;
    loops.add_products(a.data(), b.data(), n, sum);
    u64 expected = 0;
    for (std::size_t t = 0; t < n; ++t) expected = modulo(u128{expected} + product(a[t], b[t], prime), prime);
    EXPECT_EQ(total(sum, prime), expected) << n;
    for (std::size_t factors : {2, 4, 8, 17, 32}) {
      const std::size_t stride = (n + factors - 1) / factors;
      const auto factor = words_below_2_52(random, factors);
      std::vector<u64> out(stride + 1, 7);
      loops.combine(m, a.data(), n, stride, factor.data(), factors, out.data());
      for (std::size_t t = 0; t < stride; ++t) {
        u64 combined = 0;
        for (std::size_t j = 0; j < factors && j * stride + t < n; ++j) {
          combined = modulo(u128{combined} + product(factor[j], a[j * stride + t], prime), prime);
        }
        EXPECT_LT(out[t], u64{1} << 52);
        EXPECT_EQ(times_2_52(out[t], 2, prime), combined) << n << " " << factors << " " << t;
      }
      EXPECT_EQ(out[stride], 7);
    }
  }
  constexpr std::size_t stride = 24;
  const auto left = words_below_2_52(random, 8 * stride), right = words_below_2_52(random, 8 * stride);
  std::vector<SumLanes> sums(64);
  for (int time = 0; time < 2; ++time) loops.add_pairs(left.data(), right.data(), stride, sums.data());
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t j = 0; j < 8; ++j) {
      u64 expected = 0;
      for (std::size_t t = 0; t < stride; ++t) {
        expected =
            modulo(u128{expected} + 2 * u128{product(left[i * stride + t], right[j * stride + t], prime)}, prime);
      }
      EXPECT_EQ(total(sums[8 * i + j], prime), expected);
    }
  }
}

template <class W, class Expand>
void expands_words(Expand expand, u64 prime, int divisions) {
  std::mt19937_64 random(prime);
  const Modulus m = modulus_of(prime);
  for (std::size_t n : {0, 1, 3, 4, 5, 8, 9, 12, 13, 100}) {
    std::vector<W> words(n);
    for (W& word : words) {
      word = random();
      if constexpr (sizeof(W) == 16) word = word << 64 | random();
      if (random() % 8 == 0) word = W{0} - random() % 3;
      if (random() % 8 == 0) word = random() % 3;
    }
    const auto weights = words_below_2_52(random, n);
    std::vector<u64> plain(n + 1, 7), weighted(n + 1, 7);
    expand(m, words.data(), nullptr, n, plain.data());
    expand(m, words.data(), weights.data(), n, weighted.data());
    for (std::size_t t = 0; t < n; ++t) {
      const u64 residue = modulo(words[t], prime);
      EXPECT_LT(plain[t], u64{1} << 52);
      EXPECT_LT(weighted[t], u64{1} << 52);
      EXPECT_EQ(times_2_52(plain[t], divisions, prime), residue);
      EXPECT_EQ(times_2_52(weighted[t], divisions + 1, prime), product(residue, weights[t], prime));
    }
    EXPECT_EQ(plain[n], 7);
    EXPECT_EQ(weighted[n], 7);
  }
}

TEST(PrimeField, LoopsMultiplyVectorsAsWholeNumbersDo) {
  for (const u64 prime : primes) {
    multiplies_vectors(portable_loops(), prime);
    multiplies_vectors(quickest_loops(), prime);
  }
}

TEST(PrimeField, LoopsExpandWordsToTheirResidues) {
  for (const u64 prime : primes) {
    for (const PrimeLoops* loops : {&portable_loops(), &quickest_loops()}) {
      expands_words<u64>(loops->expand_64, prime, 1);
      expands_words<u128>(loops->expand_128, prime, 2);
    }
  }
}

TEST(PrimeField, TakesResiduesInAnyForm) {
  std::mt19937_64 random(1);
  for (const u64 p : primes) {
    const PrimeField field(p);
    for (int run = 0; run < 1000; ++run) {
      const Residue a{below_2_52_of(random)}, b{below_2_52_of(random)};
      EXPECT_EQ(field.add(a, b).value, (a.value + b.value) % p);
      EXPECT_EQ(field.subtract(a, b).value, (a.value + 2 * p - b.value) % p);
      EXPECT_EQ(field.multiply(a, b).value, product(a.value, b.value, p));
      EXPECT_EQ(field.multiply(b, field.inverse(b)).value, b.value % p == 0 ? 0 : 1);
      const u128 wide = u128{random()} << 64 | random();
      EXPECT_EQ(field.of(wide).value, modulo(wide, p));
      const std::array<u64, 3> limbs{random(), random(), random()};
      const u64 high = modulo(u128{limbs[2]} << 64 | limbs[1], p);
      EXPECT_EQ(field.of_limbs(limbs).value, modulo(u128{high} << 64 | limbs[0], p));
    }
    EXPECT_TRUE(field.is_zero({0}));
    EXPECT_TRUE(field.is_zero({p}));
    EXPECT_FALSE(field.is_zero({1}));
    EXPECT_EQ(field.power_of_two(70).value, modulo(u128{1} << 70, p));
    EXPECT_EQ(field.multiply(field.power_of_two(-100), field.power_of_two(100)).value, 1);
  }
}

// A sum far longer than its words bear unreduced.
TEST(PrimeField, AddsUpLongSums) {
  for (const u64 p : primes) {
    const PrimeField field(p);
    const std::vector<Residue> all(200'000, Residue{(u64{1} << 52) - 1});
    const u64 square = product(all[0].value, all[0].value, p);
    EXPECT_EQ(field.inner_product(all.data(), all.data(), all.size()).value, modulo(u128{square} * all.size(), p));
    constexpr std::size_t stride = 4088, times = 8;
    std::vector<PrimeField::Sum> sums(64);
    for (std::size_t time = 0; time < times; ++time) PrimeField::add_pairs(all.data(), all.data(), stride, sums.data());
    for (PrimeField::Sum& sum : sums) {
      field.settle(sum);
      EXPECT_EQ(field.value(sum).value, modulo(u128{square} * (stride * times), p));
    }
  }
}

TEST(PrimeField, DealsElementsAsIntegers) {
  std::mt19937_64 random(2);
  for (const u64 p : primes) {
    const PrimeField field(p);
    for (int run = 0; run < 100; ++run) {
      const Residue a{below_2_52_of(random)};
      PrimeField::Share drawn;
      for (std::byte& byte : drawn.byte) byte = static_cast<std::byte>(random());
      const PrimeField::Share sent = field.whole(a) - drawn;
      EXPECT_EQ(field.add(field.of_drawn(drawn), field.of_sent(sent)).value, a.value % p);
    }
  }
}

TEST(PrimeField, ShowsElementsUnderMultiplesOfThePrime) {
  crypto::RandomGenerator filler(crypto::Seed{});
  const PrimeField field(primes[1]);
  std::set<std::byte> last;
  for (u64 value : {u64{0}, u64{1}, primes[1] - 1}) {
    for (int run = 0; run < 50; ++run) {
      std::array<std::byte, PrimeField::shown_bytes> bytes;
      field.show({value}, filler, bytes.data());
      EXPECT_EQ(field.shown(bytes.data()).value, value);
      last.insert(bytes.back());
    }
  }
  EXPECT_GT(last.size(), 80);
}

// Against trial division, and numbers that fool single bases.
TEST(PrimeField, KnowsPrimes) {
  for (u64 number = 0; number < 3000; ++number) {
    bool prime = number > 1;
    for (u64 divisor = 2; divisor * divisor <= number; ++divisor) prime = prime && number % divisor != 0;
    EXPECT_EQ(is_prime(number), prime) << number;
  }
  for (u64 strong_pseudoprime : {3215031751, 3474749660383, 341550071728321, 3825123056546413051}) {
    EXPECT_FALSE(is_prime(strong_pseudoprime));
  }
  for (const u64 p : primes) EXPECT_TRUE(is_prime(p)) << p;
}

TEST(PrimeField, DrawsPrimesWithinTheLimits) {
  std::set<u64> drawn;
  for (int run = 0; run < 100; ++run) {
    crypto::Seed seed{};
    seed[0] = static_cast<std::byte>(run);
    const u64 p = PrimeField::drawn(seed).prime();
    EXPECT_EQ(p, PrimeField::drawn(seed).prime());
    EXPECT_GT(p, PrimeField::least_prime);
    EXPECT_LT(p, PrimeField::above_primes);
    EXPECT_TRUE(is_prime(p));
    drawn.insert(p);
  }
  EXPECT_EQ(drawn.size(), 100);
  EXPECT_LT(*drawn.begin(), 2500000000000000);
  EXPECT_GT(*drawn.rbegin(), 4300000000000000);
}

}  // namespace
}  // namespace cohortium::mpc
