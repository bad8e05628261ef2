// Plans that fit, plans that do not, and the failures this is there to prevent.
#include "oblivious/range_analysis.h"

#include <gtest/gtest.h>

#include <cmath>

#include "oblivious/fixed_point.h"
#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {
namespace {

TEST(Ranges, IntervalsHoldEveryValue) {
  Ranges ranges({.least = 10, .most = 20});
  const auto x = ranges.input("x", -3, 2), y = ranges.input("y", 5, 7);
  EXPECT_NEAR(ranges.low(ranges.add(x, y)), 2, 0.01);
  EXPECT_NEAR(ranges.high(ranges.subtract(x, y)), -3, 0.01);
  EXPECT_NEAR(ranges.low(ranges.multiply(x, y)), -21, 0.1);
  EXPECT_NEAR(ranges.high(ranges.multiply(x, y)), 14, 0.1);
  EXPECT_EQ(ranges.low(ranges.square(x)), 0);
  EXPECT_GE(ranges.high(ranges.square(x)), 9);
  EXPECT_NEAR(ranges.low(ranges.sum(y, 4)), 0, 0.01);
  EXPECT_NEAR(ranges.high(ranges.divide(x, y)), 0.4, 0.01);
}

TEST(Ranges, TheNarrowRingIsTakenWhereItCostsNoDigits) {
  Ranges small({.least = 8, .most = 16});
  const auto x = small.input("x", -100, 100);
  small.truncated(small.multiply(x, x));
  EXPECT_EQ(small.choose("").ring_bits, 64);
  EXPECT_EQ(small.choose("").fraction_bits, 16);
  small.truncated(small.dot(x, x, 1e6));
  EXPECT_EQ(small.choose("").ring_bits, 128);
}

// The chosen number of fraction bits works at the edge of the range, and one more would not.
TEST(Ranges, ProductAtTheEdgeOfTheRange) {
  const double bound = 1e6;
  Ranges ranges({.least = 1, .most = 60});
  const auto x = ranges.input("x", -bound, bound);
  ranges.truncated(ranges.multiply(x, x));
  const int f = ranges.choose("").fraction_bits;
  EXPECT_EQ(f, 43);  // (bound 2^43)^2 = 2^125.9 < 2^126
  const std::vector<u128> values{mpc::encode_fixed<u128>(bound, f), mpc::encode_fixed<u128>(-bound, f)};
  for (const char* protocol : {"plaintext", "replicated3"}) {
    const auto products = opened_signed<u128>(protocol, [&](Engine& e) {
      const auto a = input(e, values);
      return multiply_fixed(e, a, mpc::tile(mpc::slice(a, 0, 1), 2), f);
    });
    const auto exact = static_cast<mpc::i128>(std::ldexp(bound * bound, f));
    EXPECT_LE(std::abs(static_cast<double>(products[0] - exact)), 1);
    EXPECT_LE(std::abs(static_cast<double>(products[1] + exact)), 1);
  }
}

TEST(Ranges, AnOverflowIsRefusedWithItsExpressionAndWhoIsToBlame) {
  Ranges ranges({.least = 8, .most = 40});
  const auto age = ranges.input("age", 0, 120), cost = ranges.input("cost", 0, 1e14);
  ranges.sum(ranges.square(age), 1e8);
  ranges.sum(ranges.square(cost), 1e8);
  const auto made = attempt([&] { return ranges.choose("/analyses/3"); });
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, "plan.overflow");
  EXPECT_EQ(made.error().where, "/analyses/3");
  EXPECT_NE(made.error().message.find("the sum of (cost^2) over 1e+08 lies in 0 to 1e+36"), std::string::npos)
      << made.error().message;
  EXPECT_NE(made.error().rule.find("cost"), std::string::npos);
  EXPECT_NE(made.error().remedy.find("cost"), std::string::npos);
}

TEST(Ranges, ADivisorThatMayBeZeroIsRefused) {
  Ranges ranges({.least = 8, .most = 40});
  const auto n = ranges.integer("people", 0, 1e6), d = ranges.integer("events", 0, 1e6);
  ranges.divide(d, n);
  const auto made = attempt([&] { return ranges.choose("/analyses/0"); });
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().message.find("people lies in 0 to 1e+06 and must not be 0"), std::string::npos)
      << made.error().message;
}

TEST(Ranges, QuotientsFitTheirFunction) {
  Ranges ranges({.least = 8, .most = 60});
  ranges.divide(ranges.integer("events", 0, 4294967295.0), ranges.integer("people", 1, 4294967295.0));
  EXPECT_EQ(ranges.choose("").fraction_bits, 24);  // the quotient of any two may be 2^32
  Ranges wide({.least = 0, .most = 10});
  wide.divide(wide.integer("n", 0, 1), wide.integer("d", 1, std::ldexp(1.0, 60)));
  EXPECT_FALSE(attempt([&] { return wide.choose(""); }).ok());
}

}  // namespace
}  // namespace cohortium::oblivious
