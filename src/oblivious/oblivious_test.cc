// Every algorithm against exact arithmetic over its whole domain, edges included, on the oracle and on replicated3: the
// worst-case errors stated in the headers hold for every element.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

#include "mpc/simulate.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"
#include "oblivious/division.h"
#include "oblivious/exponential.h"
#include "oblivious/fixed_point.h"
#include "oblivious/logarithm.h"
#include "oblivious/prefix_product.h"
#include "oblivious/square_root.h"
#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {
namespace {

using mpc::i128;

std::vector<int> bits_of_words(const std::vector<u64>& words, std::size_t count) {
  std::vector<int> bits(count);
  for (std::size_t i = 0; i < count; ++i) bits[i] = static_cast<int>(words[i / 64] >> (i % 64) & 1);
  return bits;
}

class Oblivious : public testing::TestWithParam<const char*> {
 protected:
  // What body opened, the same at all parties.
  template <class Body>
  auto run(Body body) {
    const auto results = mpc::simulate(GetParam(), body);
    for (const auto& result : results) EXPECT_EQ(result, results[0]);
    return results[0];
  }
  std::vector<i128> run_signed(const std::function<Shared<u128>(Engine&)>& body) {
    const auto words = run([&](Engine& engine) { return engine.open(body(engine)); });
    return {words.begin(), words.end()};
  }
};

TEST_P(Oblivious, ComparisonsAreExact) {
  const auto check = [&]<class W>(W) {
    using Signed = std::conditional_t<sizeof(W) == 8, std::int64_t, i128>;
    const W quarter = W{1} << (mpc::bits_of<W> - 2);
    const std::vector<W> edges{0, 1, static_cast<W>(-1), quarter - 1, static_cast<W>(-quarter), 2, 12345};
    std::vector<W> a, b;
    for (W x : edges) {
      for (W y : edges) {
        a.push_back(x);
        b.push_back(y);
      }
    }
    const auto bits = run([&](Engine& engine) {
      const auto x = input(engine, a), y = input(engine, b);
      auto opened = engine.open_bits(less_than(engine, x, y));
      for (const auto& result : {equal(engine, x, y), less_than_public(engine, x, W{1})}) {
        const auto words = engine.open_bits(result);
        opened.insert(opened.end(), words.begin(), words.end());
      }
      return opened;
    });
    const auto less = bits_of_words({bits[0]}, a.size()), same = bits_of_words({bits[1]}, a.size());
    const auto below_one = bits_of_words({bits[2]}, a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(less[i], static_cast<Signed>(a[i]) < static_cast<Signed>(b[i])) << i;
      EXPECT_EQ(same[i], a[i] == b[i]) << i;
      EXPECT_EQ(below_one[i], static_cast<Signed>(a[i]) < 1) << i;
    }
  };
  check(u64{});
  check(u128{});
}

TEST_P(Oblivious, UnsignedComparisonsNeedNoAssumption) {
  const auto check = [&]<class W>(W) {
    const W half = W{1} << (mpc::bits_of<W> - 1);
    std::vector<W> a, b;
    for (W center : {W{0}, half, static_cast<W>(half / 2), static_cast<W>(half + half / 2)}) {
      for (W other : {W{0}, half, static_cast<W>(half / 2), static_cast<W>(half + half / 2)}) {
        for (W step : {static_cast<W>(-1), W{0}, W{1}}) {
          a.push_back(center);
          b.push_back(other + step);
        }
      }
    }
    const auto words = run([&](Engine& engine) {
      return engine.open_bits(less_than_unsigned(engine, input(engine, a), input(engine, b)));
    });
    const auto less = bits_of_words(words, a.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(less[i], a[i] < b[i]) << i;
  };
  check(u64{});
  check(u128{});
}

TEST_P(Oblivious, ComparisonsOfBoundedOperandsAreExact) {
  for (int bits : {1, 2, 7, 31, 63}) {
    std::vector<u64> a, b;
    for (u128 x : integers_below(bits, 5, 1)) {
      for (u128 y : integers_below(std::min(bits, 5), 3, 2)) {
        a.push_back(static_cast<u64>(x));
        b.push_back(static_cast<u64>(y));
        a.push_back(static_cast<u64>(y));
        b.push_back(static_cast<u64>(x));
      }
    }
    const std::size_t n = a.size();
    const u64 bound = u64{1} << bits;
    const auto expect = [&](const std::function<SharedBits(Engine&)>& body,
                            const std::function<bool(std::size_t)>& truth) {
      const auto actual = bits_of_words(run([&](Engine& engine) { return engine.open_bits(body(engine)); }), n);
      for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(actual[i], truth(i)) << "bits " << bits << ", element " << i;
    };
    expect([&](Engine& e) { return less_than(e, input(e, a), input(e, b), bits); },
           [&](auto i) { return a[i] < b[i]; });
    expect([&](Engine& e) { return equal(e, input(e, a), input(e, b), bits); }, [&](auto i) { return a[i] == b[i]; });
    expect([&](Engine& e) { return equal_zero(e, input(e, a), bits); }, [&](auto i) { return a[i] == 0; });
    expect([&](Engine& e) { return less_than_public(e, input(e, a), u64{1}, bits); }, [&](auto i) { return a[i] < 1; });
    expect([&](Engine& e) { return less_than_public(e, input(e, a), bound, bits); }, [](auto) { return true; });
  }
}

TEST_P(Oblivious, SelectAndBooleanCircuits) {
  const std::vector<u64> a{1, 2, 3, 4}, b{5, 6, 7, 8}, zero(4);
  const std::vector<u64> word{0b0110};
  EXPECT_EQ(run([&](Engine& e) { return e.open(select(e, e.constant_bits(word, 4), input(e, a), input(e, b))); }),
            (std::vector<u64>{5, 2, 3, 8}));
  for (std::size_t planes = 1; planes <= 9; ++planes) {
    std::mt19937_64 random(static_cast<unsigned>(planes));
    std::vector<u64> words(planes);
    for (u64& w : words) w = random() & random();
    const auto opened = run([&](Engine& e) {
      std::vector<SharedBits> shared;
      for (u64 w : words) shared.push_back(e.constant_bits(std::vector<u64>{w}, 64));
      std::vector<u64> results;
      for (const auto& plane : or_from_top(e, shared)) results.push_back(e.open_bits(plane)[0]);
      results.push_back(e.open_bits(or_all(e, shared))[0]);
      results.push_back(e.open_bits(and_all(e, shared))[0]);
      return results;
    });
    u64 any = 0, all = ~u64{0};
    for (std::size_t j = planes; j-- > 0;) {
      any |= words[j];
      all &= words[j];
      EXPECT_EQ(opened[j], any);
    }
    EXPECT_EQ(opened[planes], any);
    EXPECT_EQ(opened[planes + 1], all);
  }
}

TEST_P(Oblivious, DivisionWithinTwoUnits) {
  for (int bits : {1, 2, 3, 10, 20, 40, 54}) {
    for (int f : {1, 10, 28, 29, 40, 57}) {
      std::mt19937_64 random(f);
      std::vector<u128> n, d;
      for (u128 denominator : integers_below(bits, 200, 3)) {
        for (u128 numerator :
             {u128{0}, u128{1}, denominator / 2, denominator, denominator == 0 ? 0 : random() % denominator}) {
          n.push_back(std::min(numerator, denominator));
          d.push_back(denominator);
        }
      }
      const auto q = run_signed([&](Engine& e) { return divide(e, input(e, n), input(e, d), bits, f); });
      for (std::size_t i = 0; i < n.size(); ++i) {
        if (d[i] == 0) {
          ASSERT_LE(q[i] < 0 ? -q[i] : q[i], 1);
          continue;
        }
        const i128 exact = static_cast<i128>(n[i] << f), denominator = static_cast<i128>(d[i]);
        const i128 error = q[i] * denominator - exact;  // times the denominator: exact integers
        ASSERT_LE(error < 0 ? -error : error, 2 * denominator) << "bits " << bits << ", f " << f << ", element " << i;
      }
    }
  }
}

// |r - root| <= 2 where factor * root^2 = square: exact integers.
void expect_root(i128 r, i128 factor, i128 square) {
  const i128 low = std::max<i128>(r - 2, 0);
  ASSERT_GE(r, -2);
  ASSERT_LE(factor * low * low, square);
  ASSERT_GE(factor * (r + 2) * (r + 2), square);
}

TEST_P(Oblivious, SquareRootsWithinTwoUnits) {
  for (int bits : {1, 2, 5, 20, 31, 40, 54}) {
    const auto d = integers_below(bits, 300, 4);
    for (int f : {1, 10, 32, 33, 40, 56}) {
      const auto inverse = run_signed([&](Engine& e) { return inverse_square_root(e, input(e, d), bits, f); });
      for (std::size_t i = 0; i < d.size(); ++i) {
        if (d[i] == 0) {
          ASSERT_LE(std::abs(static_cast<int>(inverse[i])), 1);
        } else {
          expect_root(inverse[i], static_cast<i128>(d[i]), i128{1} << (2 * f));
        }
      }
      if (bits / 2 + f > 55) continue;
      const auto root = run_signed([&](Engine& e) { return square_root(e, input(e, d), bits, f); });
      for (std::size_t i = 0; i < d.size(); ++i) expect_root(root[i], 1, static_cast<i128>(d[i] << (2 * f)));
    }
  }
}

TEST_P(Oblivious, ExponentialWithinTwoUnits) {
  for (int range = 1; range <= 5; ++range) {
    const int offset = 1 << (range - 1);
    const double low = -std::log(2.0) * offset, high = std::log(2.0) * (offset - 1);
    for (int f : {4, 20, 55 - offset}) {
      std::mt19937_64 random(range);
      std::vector<u128> x;
      const auto push = [&](double value) {
        const double scaled = std::ldexp(std::clamp(value, low, high), f);
        x.push_back(static_cast<u128>(static_cast<i128>(std::trunc(scaled))));
      };
      for (double edge : {low, high, 0.0, std::ldexp(1.0, -f), -std::ldexp(1.0, -f)}) push(edge);
      for (int i = -40; i <= 40; ++i) push(std::log(2.0) / 2 * i);
      for (int i = 0; i < 300; ++i) push(low + (high - low) * std::ldexp(static_cast<double>(random() >> 11), -53));
      const auto y = run_signed([&](Engine& e) { return exponential(e, input(e, x), range, f); });
      for (std::size_t i = 0; i < x.size(); ++i) {
        const long double exact =
            std::ldexp(std::exp(std::ldexp(static_cast<long double>(static_cast<i128>(x[i])), -f)), f);
        ASSERT_LE(std::abs(static_cast<long double>(y[i]) - exact), 2.01L) << "range " << range << ", f " << f;
      }
    }
  }
}

TEST_P(Oblivious, LogarithmWithinTwoUnits) {
  for (int bits : {1, 2, 10, 20, 40, 54}) {
    auto d = integers_below(bits, 300, 5);
    d.erase(std::remove(d.begin(), d.end(), u128{0}), d.end());
    for (int s : {0, bits / 2, bits}) {
      for (int f : {1, 10, 32, 54}) {
        const auto y = run_signed([&](Engine& e) { return natural_logarithm(e, input(e, d), bits, s, f); });
        for (std::size_t i = 0; i < d.size(); ++i) {
          const long double exact = std::ldexp(std::log(std::ldexp(static_cast<long double>(d[i]), -s)), f);
          ASSERT_LE(std::abs(static_cast<long double>(y[i]) - exact), 2.01L) << "bits " << bits << ", f " << f;
        }
      }
    }
  }
}

TEST_P(Oblivious, RunningProducts) {
  const auto check = [&]<class W>(W, int f) {
    for (std::size_t length : {1, 2, 3, 8, 13, 100}) {
      std::mt19937_64 random(6);
      std::vector<W> values;
      for (std::size_t i = 0; i < 3 * length; ++i) {
        const u64 near_one = (u64{1} << f) - random() % (u64{1} << (f - 5));
        values.push_back(i % 7 == 0 ? W{1} << f : W{near_one});
      }
      values[0] = 0;
      const auto opened = run([&](Engine& e) { return e.open(prefix_product(e, input(e, values), length, f)); });
      for (std::size_t block = 0; block < 3; ++block) {
        long double exact = 1;
        for (std::size_t i = 0; i < length; ++i) {
          exact *= std::ldexp(static_cast<long double>(values[block * length + i]), -f);
          const auto actual = static_cast<long double>(static_cast<std::int64_t>(opened[block * length + i]));
          ASSERT_LE(std::abs(actual - std::ldexp(exact, f)), static_cast<long double>(i) + 1.01L);
        }
      }
    }
  };
  check(u64{}, 30);
  check(u128{}, 50);
}

TEST_P(Oblivious, FixedPointProducts) {
  const int f = 20;
  std::vector<u64> a, b;
  for (double x : {0.0, 1.0, -1.0, 0.5, 3.25, -1000.125}) {
    for (double y : {0.0, 1.0, -1.0, 0.1, -77.7, 1000.0}) {
      a.push_back(mpc::encode_fixed<u64>(x, f));
      b.push_back(mpc::encode_fixed<u64>(y, f));
    }
  }
  const auto products = run([&](Engine& e) { return e.open(multiply_fixed(e, input(e, a), input(e, b), f)); });
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double exact = mpc::decode_fixed(a[i], f) * mpc::decode_fixed(b[i], f);
    EXPECT_LE(std::abs(mpc::decode_fixed(products[i], f) - exact), std::ldexp(1.0, -f));
    sum += exact;
  }
  const auto dot = run([&](Engine& e) { return e.open(dot_fixed(e, input(e, a), input(e, b), a.size(), f)); });
  EXPECT_LE(std::abs(mpc::decode_fixed(dot[0], f) - sum), std::ldexp(1.0, -f));
}

INSTANTIATE_TEST_SUITE_P(Protocols, Oblivious, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
