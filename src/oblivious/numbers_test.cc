// The fixed-point functions in Z_2^64 and their general forms against exact arithmetic over their whole domains, edges
// included, on the oracle and on replicated3. oblivious_test.cc has those of Z_2^128.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "mpc/simulate.h"
#include "oblivious/division.h"
#include "oblivious/exponential.h"
#include "oblivious/fixed_point.h"
#include "oblivious/logarithm.h"
#include "oblivious/logistic.h"
#include "oblivious/one_hot.h"
#include "oblivious/public_table.h"
#include "oblivious/square_root.h"
#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {
namespace {

using mpc::i128;

class Numbers : public testing::TestWithParam<const char*> {
 protected:
  template <class W, class Body>
  std::vector<i128> run(const Body& body) {
    return opened_signed<W>(GetParam(), body);
  }

  template <class W>
  void check_division(int bits, int quotient, int f) {
    std::mt19937_64 random(f + bits);
    std::vector<W> n, d;
    for (u128 denominator : integers_below(bits, 150, 3)) {
      if (denominator == 0) continue;
      const u128 bound = std::min((denominator << quotient) - 1, (u128{1} << (mpc::bits_of<W> - 2 - f)) - 1);
      for (u128 numerator : {u128{0}, std::min(u128{1}, bound), bound, u128{random()} % (bound + 1)}) {
        n.push_back(static_cast<W>(random() % 2 == 0 ? numerator : -numerator));
        d.push_back(static_cast<W>(denominator));
      }
    }
    const auto q = run<W>([&](Engine& e) {
      return divide(e, input(e, n), input(e, d),
                    {.denominator_bits = bits, .quotient_bits = quotient, .fraction_bits = f});
    });
    for (std::size_t i = 0; i < n.size(); ++i) {
      const i128 numerator = signed_value(n[i]), denominator = signed_value(d[i]);
      const i128 error = q[i] * denominator - numerator * (i128{1} << f);
      ASSERT_LE(error < 0 ? -error : error, 2 * denominator)
          << "bits " << bits << ", quotient " << quotient << ", f " << f << ": " << static_cast<double>(numerator)
          << " / " << static_cast<double>(denominator);
    }
  }
};

TEST_P(Numbers, SignedDivisionWithinTwoUnits) {
  for (int bits : {1, 2, 10, 31}) {
    for (auto [quotient, f] :
         {std::pair{0, 1}, {0, 16}, {0, 24}, {0, 25}, {0, 32}, {1, 16}, {15, 16}, {16, 16}, {29, 1}})
      if (bits + quotient <= 60) check_division<u64>(bits, quotient, f);
  }
  for (int bits : {1, 31, 54}) {
    for (auto [quotient, f] : {std::pair{0, 57}, {6, 51}, {15, 16}, {15, 41}, {40, 16}})
      check_division<u128>(bits, quotient, f);
  }
}

TEST_P(Numbers, ReciprocalAndZeroDenominator) {
  const std::vector<u64> x{0, 1, 2, 3, 65535, 65536, 65537, 200000, (u64{1} << 31) - 1};
  const auto r = run<u64>([&](Engine& e) {
    return reciprocal(e, input(e, x), 16, {.denominator_bits = 31, .quotient_bits = 16, .fraction_bits = 16});
  });
  EXPECT_LE(std::abs(static_cast<double>(r[0])), 16);
  for (std::size_t i = 1; i < x.size(); ++i) {
    EXPECT_LE(std::abs(static_cast<double>(r[i]) - std::ldexp(1.0, 32) / static_cast<double>(x[i])), 2) << i;
  }
}

TEST_P(Numbers, RootsIn64Bits) {
  for (int bits : {1, 5, 20, 31, 40}) {
    std::vector<u64> d;
    for (u128 value : integers_below(bits, 300, 4)) d.push_back(static_cast<u64>(value));
    for (int f : {1, 8, 16, 24}) {
      const auto inverse = run<u64>([&](Engine& e) { return inverse_square_root(e, input(e, d), bits, f); });
      for (std::size_t i = 0; i < d.size(); ++i) {
        const long double exact = d[i] == 0 ? 0 : std::ldexp(1 / std::sqrt(static_cast<long double>(d[i])), f);
        ASSERT_LE(std::abs(static_cast<long double>(inverse[i]) - exact), 2) << "bits " << bits << ", f " << f;
      }
      if (bits / 2 + f > 24) continue;
      const auto root = run<u64>([&](Engine& e) { return square_root(e, input(e, d), bits, f); });
      for (std::size_t i = 0; i < d.size(); ++i) {
        const long double exact = std::ldexp(std::sqrt(static_cast<long double>(d[i])), f);
        ASSERT_LE(std::abs(static_cast<long double>(root[i]) - exact), 2) << "bits " << bits << ", f " << f;
      }
    }
  }
}

TEST_P(Numbers, LogarithmIn64Bits) {
  for (int bits : {1, 20, 31, 54}) {
    std::vector<u64> d;
    for (u128 value : integers_below(bits, 300, 5)) {
      if (value != 0) d.push_back(static_cast<u64>(value));
    }
    for (int f : {1, 16, 24}) {
      const int s = std::min(16, bits);
      const auto y = run<u64>([&](Engine& e) { return natural_logarithm(e, input(e, d), bits, s, f); });
      for (std::size_t i = 0; i < d.size(); ++i) {
        const long double exact = std::ldexp(std::log(std::ldexp(static_cast<long double>(d[i]), -s)), f);
        ASSERT_LE(std::abs(static_cast<long double>(y[i]) - exact), 2) << "bits " << bits << ", f " << f;
      }
    }
  }
}

// All multiples of a step from the low to the high end of the domain, both ends, and points around multiples of ln 2 / 64.
std::vector<i128> exponents(i128 low, i128 high, int f) {
  std::vector<i128> x{low, high, 0, low + 1, high - 1};
  for (int i = 0; i <= 700; ++i) x.push_back(low + (high - low) * i / 700);
  for (int i = 1; i < 200; ++i) x.push_back(static_cast<i128>(std::ldexp(std::log(2.0) / 128 * -i, f)));
  std::vector<i128> inside;
  std::copy_if(x.begin(), x.end(), std::back_inserter(inside),
               [&](i128 value) { return low <= value && value <= high; });
  return inside;
}

TEST_P(Numbers, ExponentialOverItsDomain) {
  const auto check = [&]<class W>(W, const ExponentialDomain& domain) {
    const int f = domain.fraction_bits;
    const auto low = -static_cast<i128>(multiple_of_ln2(domain.lowest, f));
    const auto x = exponents(low, static_cast<i128>(multiple_of_ln2(domain.highest, f)), f);
    const std::vector<W> words(x.begin(), x.end());
    const auto y = run<W>([&](Engine& e) { return exponential(e, input(e, words), domain); });
    for (std::size_t i = 0; i < x.size(); ++i) {
      const long double exact = std::ldexp(std::exp(std::ldexp(static_cast<long double>(x[i]), -f)), f);
      ASSERT_LE(std::abs(static_cast<long double>(y[i]) - exact), 2.001L)
          << "lowest " << domain.lowest << ", highest " << domain.highest << ", f " << f << ", x "
          << static_cast<double>(x[i]);
    }
  };
  for (auto [lowest, highest, f] : {std::array{16, 15, 16},
                                    {18, 0, 16},
                                    {31, 0, 29},
                                    {3, 2, 20},
                                    {0, 0, 31},
                                    {0, 1, 4},
                                    {16, 13, 18},
                                    {20, 11, 20}}) {
    check(u64{}, {.lowest = lowest, .highest = highest, .fraction_bits = f});
    check(u128{}, {.lowest = lowest, .highest = highest, .fraction_bits = f});
  }
  check(u128{}, {.lowest = 50, .highest = 13, .fraction_bits = 41});
}

TEST_P(Numbers, SaturatedExponential) {
  const int f = 16, highest = 10;
  std::vector<u64> x;
  for (double value : {-1e9, -30.0, -12.5, -12.47, -5.0, 0.0, 1.0, 6.93, 6.94, 100.0, 1e9})
    x.push_back(mpc::encode_fixed<u64>(value, f));
  const auto y = run<u64>([&](Engine& e) { return exponential_saturated(e, input(e, x), highest, f); });
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double top = std::ldexp(static_cast<double>(multiple_of_ln2(highest, f)), -f);
    const double exact = std::ldexp(std::exp(std::min(mpc::decode_fixed(x[i], f), top)), f);
    EXPECT_LE(std::abs(static_cast<double>(y[i]) - exact), 2) << mpc::decode_fixed(x[i], f);
  }
}

TEST_P(Numbers, LogisticEverywhere) {
  const auto check = [&]<class W>(W, int f) {
    std::vector<W> x;
    for (int i = -500; i <= 500; ++i) x.push_back(mpc::encode_fixed<W>(i / 25.0, f));
    for (double value : {-1e5, 1e5, -40.0, 40.0}) x.push_back(mpc::encode_fixed<W>(value, f));
    for (int unit = -3; unit <= 3; ++unit) x.push_back(static_cast<W>(unit));
    const auto y = run<W>([&](Engine& e) { return logistic(e, input(e, x), f); });
    for (std::size_t i = 0; i < x.size(); ++i) {
      const long double exact = 1 / (1 + std::exp(-std::ldexp(static_cast<long double>(signed_value(x[i])), -f)));
      ASSERT_LE(std::abs(static_cast<long double>(y[i]) - std::ldexp(exact, f)), 2) << "f " << f << ", " << i;
    }
  };
  for (int f : {1, 8, 16, 24}) check(u64{}, f);
  for (int f : {16, 30, 49}) check(u128{}, f);
}

TEST_P(Numbers, ApproximateLogisticIsAsFarOffAsStated) {
  const int f = 16;
  std::vector<u64> x;
  for (int i = -1000; i <= 1000; ++i) x.push_back(mpc::encode_fixed<u64>(i / 100.0, f));
  x.push_back(mpc::encode_fixed<u64>(1e9, f));
  x.push_back(mpc::encode_fixed<u64>(-1e9, f));
  const auto y = run<u64>([&](Engine& e) { return logistic_approximate(e, input(e, x), f); });
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double value = mpc::decode_fixed(x[i], f), size = std::abs(value);
    const double half = 7.0 / 32 * std::min(size, 1.625) + std::max(0.0, std::min(size, 3.6875) - 1.625) / 16;
    const double pieces = 0.5 + std::copysign(half, value), actual = std::ldexp(static_cast<double>(y[i]), -f);
    EXPECT_LE(std::abs(actual - pieces), std::ldexp(1.0, -f));
    EXPECT_LE(std::abs(actual - 1 / (1 + std::exp(-value))), 0.0197 + std::ldexp(1.0, -f));
  }
}

TEST_P(Numbers, WidenKeepsSignedValues) {
  for (int bits : {1, 20, 62}) {
    const u64 largest = (u64{1} << bits) - 1;
    const std::vector<u64> values{0, 1, static_cast<u64>(-1), largest, static_cast<u64>(-largest), largest / 3};
    const auto wide = run<u128>([&](Engine& e) { return widen(e, input(e, values), bits); });
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(wide[i], signed_value(values[i]));
  }
}

TEST_P(Numbers, VectorsOfAnySize) {
  for (std::size_t n : {0, 1, 2, 63, 64, 65, 1000, 100'000}) {
    std::vector<u64> numerator(n), denominator(n), x(n);
    std::mt19937_64 random(n);
    for (std::size_t i = 0; i < n; ++i) {
      denominator[i] = std::max<u64>(random() % (u64{1} << 31) >> (i % 31), 1);
      numerator[i] = random() % (denominator[i] + 1);
      x[i] = random() % (u64{20} << 16) - (u64{10} << 16);
    }
    const auto y = run<u64>([&](Engine& e) {
      const std::array both{
          divide(e, input(e, numerator), input(e, denominator), {.denominator_bits = 31, .fraction_bits = 16}),
          exponential(e, input(e, x), {.lowest = 16, .highest = 15, .fraction_bits = 16})};
      return mpc::concatenate(std::span<const Shared<u64>>(both));
    });
    ASSERT_EQ(y.size(), 2 * n);
    for (std::size_t i = 0; i < n; ++i) {
      const double quotient = std::ldexp(static_cast<double>(numerator[i]), 16) / static_cast<double>(denominator[i]);
      ASSERT_LE(std::abs(static_cast<double>(y[i]) - quotient), 2);
      ASSERT_LE(std::abs(static_cast<double>(y[n + i]) - std::ldexp(std::exp(mpc::decode_fixed(x[i], 16)), 16)), 2);
    }
  }
}

TEST_P(Numbers, PublicTables) {
  for (int bits = 1; bits <= 7; ++bits) {
    const std::size_t entries = std::size_t{1} << bits;
    std::vector<u64> index(entries), table(entries);
    for (std::size_t i = 0; i < entries; ++i) {
      index[i] = (i * 5 + 3) % entries;
      table[i] = (i * i + 7) % 1000;
    }
    const auto read = run<u64>([&](Engine& e) {
      const auto planes = demultiplex(e, e.to_bits(input(e, index), bits));
      const std::array both{read_table(e, std::span<const SharedBits>(planes), std::span<const u64>(table), 10),
                            index_of<u64>(e, planes)};
      return mpc::concatenate(std::span<const Shared<u64>>(both));
    });
    for (std::size_t i = 0; i < entries; ++i) {
      EXPECT_EQ(read[i], static_cast<i128>(table[index[i]]));
      EXPECT_EQ(read[entries + i], static_cast<i128>(index[i]));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, Numbers, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
