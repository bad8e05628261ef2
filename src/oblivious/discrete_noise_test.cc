// Jointly drawn noise against the distributions it is named after: chi-square tests over all outcomes, which another
// scale would fail; and the probabilities behind it against 60 digits.
#include "oblivious/discrete_noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "oblivious/biased_coins.h"
#include "oblivious/probability.h"
#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {
namespace {

// Python's decimal with 60 digits, rounded to multiples of 2^-64; what rounds to 1 is 1 - 2^-64.
struct Known {
  double x;
  u64 exponential, complement, logistic;
};
constexpr Known known[] = {
    {0, 0xFFFFFFFFFFFFFFFF, 0x0, 0x8000000000000000},
    {0.0009765625, 0xFFC007FF555FFF77, 0x3FF800AAA00089, 0x7FF0000015555533},
    {0.1, 0xE7A36CCEA959D3A5, 0x185C933156A62C5B, 0x799AF6C6B28241CF},
    {0.5, 0x9B4597E37CB04FF4, 0x64BA681C834FB00C, 0x60A6815965E37A0F},
    {0.6931471805599453, 0x80000000000000D6, 0x7FFFFFFFFFFFFF2A, 0x55555555555555B4},
    {1, 0x5E2D58D8B3BCDF1B, 0xA1D2A7274C4320E5, 0x44D9585152EA1936},
    {3.25, 0x9ED1B4290C81695, 0xF612E4BD6F37E96B, 0x98E4140678E1EB8},
    {10, 0x2F9AF36AC8F93, 0xFFFD0650C953706D, 0x2F9A65C83BB2C},
    {40, 0x4E, 0xFFFFFFFFFFFFFFB2, 0x4E},
    {44.5, 0x1, 0xFFFFFFFFFFFFFFFF, 0x1},
    {46, 0x0, 0xFFFFFFFFFFFFFFFF, 0x0},
    {700, 0x0, 0xFFFFFFFFFFFFFFFF, 0x0},
};

TEST(Probability, WithinOneUnit) {
  const auto near = [](u64 actual, u64 expected) { return actual - expected + 1 <= 2; };
  for (const Known& row : known) {
    EXPECT_TRUE(near(exponential_probability(row.x), row.exponential)) << row.x;
    EXPECT_TRUE(near(complement_probability(row.x), row.complement)) << row.x;
    EXPECT_TRUE(near(logistic_probability(row.x), row.logistic)) << row.x;
  }
}

// How far the chi-square statistic of what was drawn lies above what `weight` (up to a constant factor) lets expect, in
// standard deviations of a normal number (Wilson and Hilferty 1931: exact enough in the tails with few bins, too).
// Neighbouring outcomes share a bin of at least a sixtieth of what was drawn: finer bins would hide a wrong scale.
double excess(const std::vector<mpc::i128>& drawn, const std::function<double(double)>& weight) {
  std::map<long, double> counts;
  long furthest = 0;
  for (mpc::i128 value : drawn) {
    ++counts[static_cast<long>(value)];
    furthest = std::max(furthest, std::labs(static_cast<long>(value)));
  }
  const long last = 4 * furthest + 1000;
  double all_weights = 0;
  for (long x = -last; x <= last; ++x) all_weights += weight(static_cast<double>(x));
  const double n = static_cast<double>(drawn.size());
  double statistic = 0, expected = 0, observed = 0, expected_later = n;
  int bins = 0;
  for (long x = -last; x <= last; ++x) {
    const double here = n * weight(static_cast<double>(x)) / all_weights;
    expected += here, expected_later -= here, observed += counts.contains(x) ? counts[x] : 0;
    if (x < last && (expected < n / 60 || expected_later < n / 60)) continue;
    statistic += (observed - expected) * (observed - expected) / expected;
    expected = observed = 0;
    ++bins;
  }
  const double freedom = bins - 1, variance = 2 / (9 * freedom);
  return (std::cbrt(statistic / freedom) - (1 - variance)) / std::sqrt(variance);
}

class Noise : public testing::TestWithParam<const char*> {
 protected:
  std::size_t many() const { return std::string_view(GetParam()) == "plaintext" ? 50000 : 20000; }
};

TEST_P(Noise, CoinsHaveTheirBias) {
  const std::vector<u64> biases{0, 1, u64{1} << 62, 0x4444444444444444, u64{1} << 63, ~u64{0}};
  const std::size_t n = many();
  const double times = static_cast<double>(n);
  std::vector<u64> probabilities;
  for (u64 bias : biases) probabilities.insert(probabilities.end(), n, bias);
  const auto words = mpc::simulate(GetParam(), [&](Engine& e) { return e.open_bits(biased_coins(e, probabilities)); });
  for (std::size_t b = 0; b < biases.size(); ++b) {
    double ones = 0;
    for (std::size_t i = b * n; i < (b + 1) * n; ++i) ones += static_cast<double>(words[0][i / 64] >> (i % 64) & 1);
    const double p = std::ldexp(static_cast<double>(biases[b]), -64), deviation = std::sqrt(p * (1 - p) * times);
    EXPECT_LE(std::abs(ones - p * times), 7 * deviation + 1e-6) << b;
  }
}

TEST_P(Noise, Laplace) {
  for (double scale : {0.25, 1.0, 7.5, 100.0}) {
    const auto drawn = opened_signed<u128>(GetParam(), [&](Engine& e) { return discrete_laplace(e, scale, many()); });
    const auto with = [&](double s) { return excess(drawn, [s](double x) { return std::exp(-std::abs(x) / s); }); };
    EXPECT_LT(with(scale), 5) << scale;
    EXPECT_GT(with(scale * 1.2), 5) << scale;
  }
}

TEST_P(Noise, Gaussian) {
  for (u64 variance : {u64{1}, u64{2}, u64{30}, u64{1000}}) {
    const auto drawn =
        opened_signed<u128>(GetParam(), [&](Engine& e) { return discrete_gaussian(e, variance, many()); });
    const auto with = [&](double v) { return excess(drawn, [v](double x) { return std::exp(-x * x / (2 * v)); }); };
    const double exact = static_cast<double>(variance);
    EXPECT_LT(with(exact), 5) << variance;
    EXPECT_GT(with(exact * 1.2), 5) << variance;
  }
}

TEST_P(Noise, LargestScalesStayInTheRing) {
  const auto drawn =
      opened_signed<u128>(GetParam(), [](Engine& e) { return discrete_gaussian(e, u64{1} << 40, 1000); });
  double squares = 0;
  for (mpc::i128 value : drawn) squares += static_cast<double>(value) * static_cast<double>(value);
  // A sum of 1000 squares: standard deviation sqrt(2 / 1000).
  EXPECT_NEAR(std::ldexp(squares / 1000, -40), 1, 7 * std::sqrt(2.0 / 1000));
}

TEST(NoiseDistance, IsNegligible) {
  for (double scale : {0x1p-20, 1.0, 0x1p40}) EXPECT_LT(laplace_distance(scale), 0x1p-56);
  for (u64 variance : {u64{1}, u64{1} << 40}) EXPECT_LT(gaussian_distance(variance), 0x1p-54);
}

INSTANTIATE_TEST_SUITE_P(Protocols, Noise, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
