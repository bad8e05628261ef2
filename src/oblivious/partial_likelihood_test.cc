// Cox's partial likelihood and regression on secret rows against the definition in double arithmetic.
#include "oblivious/partial_likelihood.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <tuple>

#include "oblivious/cox_reference.h"
#include "oblivious/cox_regression.h"
#include "oblivious/testing/survival_rows.h"

namespace cohortium::oblivious {
namespace {

using Parameters = std::tuple<const char*, Ties>;

class PartialLikelihoodTest : public testing::TestWithParam<Parameters> {
 protected:
  const char* protocol() const { return std::get<0>(GetParam()); }
  Ties ties() const { return std::get<1>(GetParam()); }

  void check(const Shape& shape, unsigned seed) {
    const PlainSurvival plain = made(shape, seed);
    const std::size_t d = shape.columns, spare = seed % 5;
    std::vector<double> beta;
    for (std::size_t j = 0; j < d; ++j)
      beta.push_back(std::ldexp(std::round(std::ldexp(0.3 * static_cast<double>(j) - 0.4, 20)), -20));
    const auto opened = mpc::simulate(protocol(), [&](Engine& e) {
      std::vector<u128> at;
      for (double b : beta) at.push_back(mpc::encode_fixed<u128>(b, coefficient_fraction_bits));
      const auto rows = shared(e, plain, shape, input(e, columns_of(plain, spare, covariate_fraction_bits)), spare);
      const RiskSets sets = risk_sets(e, rows, ties());
      const RiskTerms terms = risk_terms(e, sets, input(e, at));
      const PartialLikelihood all = partial_likelihood(e, sets, terms);
      EXPECT_EQ(e.open_bits(any_too_high(e, terms))[0], 0U);
      EXPECT_EQ(e.open_bits(sums_outside(e, sets, terms))[0], 0U);
      return e.open(join({all.log_likelihood, all.gradient, all.information}));
    });
    const PlainLikelihood expected = plain_likelihood(plain, beta, ties() == Ties::kEfron);
    EXPECT_NEAR(mpc::decode_fixed(opened[0][0], likelihood_fraction_bits), expected.value, 1e-7);
    for (std::size_t j = 0; j < d; ++j)
      EXPECT_NEAR(mpc::decode_fixed(opened[0][1 + j], gradient_fraction_bits), expected.gradient[j], 1e-9) << j;
    for (std::size_t j = 0; j < d * d; ++j)
      EXPECT_NEAR(mpc::decode_fixed(opened[0][1 + d + j], information_fraction_bits), expected.information[j], 1e-9)
          << j;
  }
};

TEST_P(PartialLikelihoodTest, FollowsTheDefinition) {
  check({}, 1);
  check({.times = 3}, 2);
  check({.rows = 30, .columns = 1, .times = 200}, 3);
}
TEST_P(PartialLikelihoodTest, WithStrata) { check({.strata = 3}, 4); }
TEST_P(PartialLikelihoodTest, WithEntries) { check({.times = 30, .entries = true}, 5); }
TEST_P(PartialLikelihoodTest, WithWeightsAndOffsets) { check({.times = 8, .weights = true, .offsets = true}, 6); }
TEST_P(PartialLikelihoodTest, WithEverything) {
  check({.rows = 90, .times = 20, .strata = 2, .entries = true, .weights = true, .offsets = true}, 7);
}

std::vector<double> solved(std::vector<double> a, std::vector<double> b) {
  const std::size_t d = b.size();
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t i = 0; i < d; ++i) {
      if (i == j) continue;
      const double factor = a[i * d + j] / a[j * d + j];
      for (std::size_t k = 0; k < d; ++k) a[i * d + k] -= factor * a[j * d + k];
      b[i] -= factor * b[j];
    }
  }
  for (std::size_t j = 0; j < d; ++j) b[j] /= a[j * d + j];
  return b;
}

struct Fitted {
  std::vector<double> coefficients, covariance;
  double null_likelihood = 0, likelihood = 0, score = 0;
  std::vector<u64> faults;  // singular, not_converged, separated, outside
};

Fitted fitted(const char* protocol, const PlainSurvival& plain, const Shape& shape, Ties ties, std::size_t spare = 3) {
  const std::size_t d = plain.columns;
  const auto opened = mpc::simulate(protocol, [&](Engine& e) {
    std::vector<u128> counts(plain.rows(), 1);
    counts.resize(plain.rows() + spare);
    const Standardised x = standardised(e, input(e, columns_of(plain, spare, input_fraction_bits)), input(e, counts));
    const RiskSets sets = risk_sets(e, shared(e, plain, shape, x.covariates, spare), ties);
    CoxFit fit = cox_regression(e, sets);
    scale_back(e, fit, x.scaling);
    auto words = e.open(join({fit.coefficients, fit.covariance, fit.null_likelihood, fit.likelihood, fit.score_test}));
    for (const SharedBits* bit : {&fit.singular, &fit.not_converged, &fit.separated, &fit.outside})
      words.push_back(e.open_bits(*bit)[0]);
    return words;
  });
  const auto& words = opened[0];
  Fitted result;
  for (std::size_t j = 0; j < d; ++j)
    result.coefficients.push_back(mpc::decode_fixed(words[j], coefficient_fraction_bits));
  for (std::size_t j = 0; j < d * d; ++j)
    result.covariance.push_back(mpc::decode_fixed(words[d + j], covariance_fraction_bits));
  const std::size_t at = d + d * d;
  result.null_likelihood = mpc::decode_fixed(words[at], likelihood_fraction_bits);
  result.likelihood = mpc::decode_fixed(words[at + 1], likelihood_fraction_bits);
  result.score = mpc::decode_fixed(words[at + 2], likelihood_fraction_bits);
  for (std::size_t i = at + 3; i < words.size(); ++i) result.faults.push_back(static_cast<u64>(words[i]));
  return result;
}

TEST_P(PartialLikelihoodTest, RegressionFindsTheMaximum) {
  for (const Shape& shape : {Shape{}, Shape{.rows = 120, .times = 40, .strata = 2, .entries = true, .weights = true}}) {
    const PlainSurvival plain = made(shape, 11);
    const Fitted fit = fitted(protocol(), plain, shape, ties());
    EXPECT_EQ(fit.faults, std::vector<u64>(4));
    std::vector<double> beta(plain.columns);
    for (int step = 0; step < 12; ++step) {
      const PlainLikelihood at = plain_likelihood(plain, beta, ties() == Ties::kEfron);
      const auto change = solved(at.information, at.gradient);
      if (step == 0) {
        EXPECT_NEAR(fit.null_likelihood, at.value, 1e-7);
        EXPECT_NEAR(fit.score, std::inner_product(change.begin(), change.end(), at.gradient.begin(), 0.0), 1e-7);
      }
      for (std::size_t j = 0; j < beta.size(); ++j) beta[j] += change[j];
    }
    const PlainLikelihood at = plain_likelihood(plain, beta, ties() == Ties::kEfron);
    EXPECT_NEAR(fit.likelihood, at.value, 1e-7);
    for (std::size_t j = 0; j < beta.size(); ++j) {
      EXPECT_NEAR(fit.coefficients[j], beta[j], 1e-9 * std::abs(beta[j])) << j;
      std::vector<double> unit(beta.size());
      unit[j] = 1;
      const auto column = solved(at.information, unit);
      for (std::size_t k = 0; k < beta.size(); ++k)
        EXPECT_NEAR(fit.covariance[k * beta.size() + j], column[k], 1e-8 * column[j]) << j << ", " << k;
    }
  }
}

TEST_P(PartialLikelihoodTest, ConstantAndDependentCovariatesAreSingular) {
  PlainSurvival constant = made({}, 12), dependent = made({}, 12), nobody = made({}, 12);
  for (std::size_t i = 0; i < constant.rows(); ++i) {
    constant.x[3 * i + 1] = 0.375;
    dependent.x[3 * i + 1] = 0.5 * dependent.x[3 * i] - 0.25 * dependent.x[3 * i + 2];
    nobody.event[i] = 0;
  }
  EXPECT_EQ(fitted(protocol(), constant, {}, ties()).faults[0], 1U);
  EXPECT_EQ(fitted(protocol(), dependent, {}, ties()).faults[0], 1U);
  EXPECT_EQ(fitted(protocol(), nobody, {}, ties()).faults[0], 1U);
}

TEST_P(PartialLikelihoodTest, SeparatedDataAreFound) {
  PlainSurvival plain = made({}, 13);
  for (std::size_t i = 0; i < plain.rows(); ++i) {
    plain.x[3 * i + 1] = i % 4 == 0;
    if (i % 4 == 0) plain.event[i] = 0;
  }
  const auto faults = fitted(protocol(), plain, {}, ties()).faults;
  EXPECT_EQ(faults[1] | faults[2] | faults[0], 1U);
  EXPECT_EQ(faults[2], 1U);
}

INSTANTIATE_TEST_SUITE_P(Protocols, PartialLikelihoodTest, protocols_and_ties(), protocol_and_ties_name);

}  // namespace
}  // namespace cohortium::oblivious
