// The sandwich covariance of Cox regression on secret rows against its definition in double arithmetic.
#include "oblivious/robust_covariance.h"

#include <gtest/gtest.h>

#include <tuple>

#include "oblivious/testing/survival_rows.h"

namespace cohortium::oblivious {
namespace {

class RobustCovarianceTest : public testing::TestWithParam<std::tuple<const char*, Ties>> {
 protected:
  // At given coefficients and covariance: neither need be those of a fit.
  void check(const Shape& shape, unsigned seed) {
    const auto [protocol, ties] = GetParam();
    const PlainSurvival plain = made(shape, seed);
    const std::size_t d = shape.columns, spare = seed % 5;
    std::vector<double> beta, covariance(d * d);
    for (std::size_t j = 0; j < d; ++j) {
      beta.push_back(std::ldexp(std::round(std::ldexp(0.3 * static_cast<double>(j) - 0.4, 20)), -20));
      for (std::size_t k = 0; k < d; ++k)
        covariance[j * d + k] = std::ldexp(j == k ? 5.0 + static_cast<double>(j) : 1, -6);
    }
    const auto opened = mpc::simulate(protocol, [&, the_ties = ties](Engine& e) {
      const auto fixed = [&](const std::vector<double>& values, int bits) {
        std::vector<u128> words;
        for (double value : values) words.push_back(mpc::encode_fixed<u128>(value, bits));
        return input(e, words);
      };
      const auto rows = shared(e, plain, shape, input(e, columns_of(plain, spare, covariate_fraction_bits)), spare);
      const RiskSets sets = risk_sets(e, rows, the_ties);
      CoxFit fit;
      fit.covariance = fixed(covariance, covariance_fraction_bits);
      fit.coefficients = fixed(beta, coefficient_fraction_bits);
      fit.terms = risk_terms(e, sets, fit.coefficients);
      return e.open(robust_covariance(e, sets, fit, shape.entries ? 2 : 1));
    });
    const auto scores = plain_score_residuals(plain, beta, ties == Ties::kEfron);
    // Row by row (C u)(C u)'.
    std::vector<double> expected(d * d);
    for (std::size_t i = 0; i < plain.rows(); ++i) {
      std::vector<double> moved(d);
      for (std::size_t j = 0; j < d * d; ++j) moved[j / d] += covariance[j] * scores[i * d + j % d];
      for (std::size_t j = 0; j < d * d; ++j) expected[j] += moved[j / d] * moved[j % d];
    }
    for (std::size_t j = 0; j < d * d; ++j)
      EXPECT_NEAR(mpc::decode_fixed(opened[0][j], covariance_fraction_bits), expected[j], 1e-11) << j;
  }
};

TEST_P(RobustCovarianceTest, FollowsTheDefinition) {
  check({}, 1);
  check({.times = 3}, 2);
  check({.rows = 30, .columns = 1, .times = 200}, 3);
}
TEST_P(RobustCovarianceTest, WithStrata) { check({.strata = 3}, 4); }
TEST_P(RobustCovarianceTest, WithEntries) { check({.times = 30, .entries = true}, 5); }
TEST_P(RobustCovarianceTest, WithEverything) {
  check({.rows = 90, .times = 8, .strata = 2, .entries = true, .weights = true, .offsets = true}, 6);
}

INSTANTIATE_TEST_SUITE_P(Protocols, RobustCovarianceTest, protocols_and_ties(), protocol_and_ties_name);

}  // namespace
}  // namespace cohortium::oblivious
