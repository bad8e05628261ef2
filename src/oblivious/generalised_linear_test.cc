// Generalised linear models on secret records against the same steps in double arithmetic.
#include "oblivious/generalised_linear.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

#include "oblivious/hazard.h"
#include "oblivious/model_reference.h"
#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {
namespace {

std::vector<u128> words_of(const std::vector<double>& values, int bits) {
  std::vector<u128> words;
  for (double value : values) words.push_back(mpc::encode_fixed<u128>(value, bits));
  return words;
}

std::vector<double> numbers_of(const std::vector<u128>& words, int bits) {
  std::vector<double> numbers;
  for (u128 word : words) numbers.push_back(mpc::decode_fixed(word, bits));
  return numbers;
}

// Records whose last `empty` rows are zeros; y drawn from the family with mean about e^0.4 or probability about 0.4.
PlainModelRecords made_model(Family family, std::size_t rows, std::size_t columns, std::size_t empty, unsigned seed) {
  std::mt19937_64 random(seed);
  const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  PlainModelRecords records{.x = std::vector<double>(rows * columns),
                            .y = std::vector<double>(rows),
                            .weight = std::vector<double>(rows),
                            .offset = std::vector<double>(rows),
                            .rows = rows,
                            .columns = columns};
  for (std::size_t i = 0; i + empty < rows; ++i) {
    double eta = 0.2;
    for (std::size_t j = 0; j < columns; ++j) {
      const double value = j == 0 ? 1 : std::ldexp(std::round(std::ldexp(2 * uniform() - 1, 30)), -30);
      records.x[i * columns + j] = value;
      if (j > 0) eta += value * (j % 2 == 0 ? 0.8 : -0.6);
    }
    records.weight[i] = 1;
    if (family == Family::kLogit || family == Family::kProbit) {
      records.y[i] = uniform() < 1 / (1 + std::exp(-eta)) ? 1 : 0;
      continue;
    }
    // Gamma with shape 2, and a count with such a mean: negative binomial with theta = 2.
    const double gamma = -std::log(uniform() * uniform()) / 2 * std::exp(eta);
    const double mean = family == Family::kPoisson ? std::exp(eta) : gamma;
    if (family == Family::kGamma) {
      records.y[i] = std::ldexp(std::round(std::ldexp(std::clamp(gamma / 32, 0.0001, 1.0), 40)), -40);
    } else {
      double product = uniform();
      for (; product > std::exp(-mean) && records.y[i] < 30; product *= uniform()) records.y[i] += 1;
    }
  }
  return records;
}

struct Opened {
  std::vector<double> coefficients, covariance;
  double deviance = 0, pearson = 0, theta = 0, twice_log_likelihood = 0;
  bool singular = false, not_converged = false, separated = false;
};

ModelPlan plan_of(Family family, int steps) {
  ModelPlan plan{.family = family, .steps = steps, .total_bits = 20, .highest = 10, .largest_outcome = 0};
  if (family == Family::kGamma) plan.outcome_bits = 40, plan.highest = 14;
  if (family == Family::kNegativeBinomial) plan.largest_outcome = 31;
  return plan;
}

// The deviance minus the part that the fit gives; of the negative binomial, the part that theta does not enter.
double saturated_part(const PlainModelRecords& plain, Family family) {
  double sum = 0;
  for (std::size_t i = 0; i < plain.rows; ++i) {
    const double y = plain.y[i], y_log = y > 0 ? y * std::log(y) : 0;
    if (plain.weight[i] == 0) continue;
    if (family == Family::kPoisson) sum += 2 * plain.weight[i] * (y_log - y);
    if (family == Family::kNegativeBinomial) sum += 2 * plain.weight[i] * y_log;
    if (family == Family::kGamma) sum -= 2 * plain.weight[i] * std::log(y);
  }
  return sum;
}

Opened fitted(const char* protocol, const PlainModelRecords& plain, const ModelPlan& plan) {
  const std::size_t n = plain.rows, d = plain.columns;
  std::vector<double> by_columns(n * d), exceeding(plan.largest_outcome);
  for (std::size_t i = 0; i < n * d; ++i) by_columns[i % d * n + i / d] = plain.x[i];
  for (std::size_t i = 0; i < n; ++i) {
    for (int j = 0; j < plan.largest_outcome && plain.y[i] > j; ++j) exceeding[j] += plain.weight[i];
  }
  const PlainStart start = plain_start(plain, plan.family);
  const auto fits = mpc::simulate(protocol, [&](Engine& e) {
    ModelRecords records{.x = input(e, words_of(by_columns, covariate_bits)),
                         .y = input(e, words_of(plain.y, plan.outcome_bits)),
                         .weight = input(e, words_of(plain.weight, plan.weight_bits)),
                         .rows = n,
                         .columns = d};
    if (plan.weighted) records.offset = input(e, words_of(plain.offset, model_bits));
    const ModelFit fit = fit_model(e, records,
                                   {.information = input(e, words_of(start.information, plan.sum_bits())),
                                    .right = input(e, words_of(start.right, plan.sum_bits())),
                                    .saturated = input(e, words_of({saturated_part(plain, plan.family)}, model_bits)),
                                    .exceeding = input(e, words_of(exceeding, plan.weight_bits))},
                                   plan);
    const auto one = [&](const Shared<u128>& value) {
      return value.size == 0 ? 0 : mpc::decode_fixed(e.open(value)[0], model_bits);
    };
    Opened opened{.coefficients = numbers_of(e.open(fit.coefficients), model_bits),
                  .covariance = numbers_of(e.open(fit.covariance), plan.covariance_bits()),
                  .deviance = one(fit.deviance),
                  .pearson = one(fit.pearson),
                  .theta = one(fit.theta),
                  .twice_log_likelihood = one(fit.twice_log_likelihood)};
    opened.singular = e.open_bits(fit.singular)[0] != 0;
    opened.not_converged = e.open_bits(fit.not_converged)[0] != 0;
    opened.separated = e.open_bits(fit.separated)[0] != 0;
    return opened;
  });
  return fits[0];
}

class GeneralisedLinear : public testing::TestWithParam<std::tuple<const char*, Family>> {
 protected:
  const char* protocol() const { return std::get<0>(GetParam()); }
  Family family() const { return std::get<1>(GetParam()); }
};

// The deviance of a negative binomial model, whose saturated part depends on theta.
double plain_deviance(const PlainModelRecords& plain, const PlainModelFit& fit) {
  double saturated = 0;
  for (std::size_t i = 0; i < plain.rows; ++i) {
    const double y = plain.y[i], theta = fit.theta;
    if (plain.weight[i] == 0) continue;
    saturated += 2 * plain.weight[i] *
                 (theta * std::log(theta) - (theta + y) * std::log(theta + y) + (y > 0 ? y * std::log(y) : 0) +
                  std::lgamma(theta + y) - std::lgamma(theta));
  }
  return saturated - fit.twice_log_likelihood;
}

// Scoring gains a fixed number of digits a step where the observed information is not the expected one.
int steps_of(Family family) { return family == Family::kGamma ? 24 : family == Family::kNegativeBinomial ? 14 : 9; }

void expect_equal(const Opened& fit, const PlainModelRecords& plain, const PlainModelFit& exact, Family family) {
  EXPECT_FALSE(fit.singular);
  EXPECT_FALSE(fit.not_converged);
  EXPECT_FALSE(fit.separated);
  const std::size_t d = exact.coefficients.size();
  for (std::size_t j = 0; j < d; ++j) {
    const double error = std::sqrt(exact.covariance[j * d + j]);
    EXPECT_NEAR(fit.coefficients[j], exact.coefficients[j], 2e-9 * error) << j;
    EXPECT_NEAR(std::sqrt(fit.covariance[j * d + j]), error, 1e-8 * error) << j;
  }
  const bool has_theta = family == Family::kNegativeBinomial;
  const double deviance = has_theta ? plain_deviance(plain, exact) : exact.deviance + saturated_part(plain, family);
  EXPECT_NEAR(fit.deviance, deviance, 1e-8 * deviance);
  if (has_theta) {
    EXPECT_NEAR(fit.theta, exact.theta, 1e-8 * exact.theta);
    EXPECT_NEAR(fit.twice_log_likelihood, exact.twice_log_likelihood, 1e-8 * std::abs(exact.twice_log_likelihood));
  }
  if (family == Family::kGamma) {
    EXPECT_NEAR(fit.pearson, exact.pearson, 1e-8 * exact.pearson);
  }
}

TEST_P(GeneralisedLinear, EqualsTheFitInTheClear) {
  const int steps = steps_of(family());
  const PlainModelRecords plain = made_model(family(), 300, 4, 12, 5);
  expect_equal(fitted(protocol(), plain, plan_of(family(), steps)), plain, plain_fit(plain, family(), steps + 20, 31),
               family());
}

TEST_P(GeneralisedLinear, WeighsRecordsAndAddsOffsets) {
  const int steps = steps_of(family());
  PlainModelRecords plain = made_model(family(), 300, 3, 12, 6);
  for (std::size_t i = 0; i < plain.rows; ++i) {
    plain.weight[i] *= 0.25 * static_cast<double>(1 + i % 7);
    plain.offset[i] = plain.weight[i] == 0 ? 0 : 0.125 * static_cast<double>(i % 5) - 0.25;
  }
  ModelPlan plan = plan_of(family(), steps);
  plan.weighted = true;
  plan.weight_bits = 20;
  expect_equal(fitted(protocol(), plain, plan), plain, plain_fit(plain, family(), steps + 20, 31), family());
}

TEST_P(GeneralisedLinear, DependentColumnsAreFoundSingular) {
  PlainModelRecords plain = made_model(family(), 80, 3, 5, 7);
  for (std::size_t i = 0; i < plain.rows; ++i) plain.x[3 * i + 2] = plain.x[3 * i + 1];
  EXPECT_TRUE(fitted(protocol(), plain, plan_of(family(), 2)).singular);
}

TEST_P(GeneralisedLinear, TooFewStepsAreNotTakenForConverged) {
  const PlainModelRecords plain = made_model(family(), 300, 4, 12, 5);
  const Opened fit = fitted(protocol(), plain, plan_of(family(), 1));
  EXPECT_TRUE(fit.not_converged);
  EXPECT_FALSE(fit.separated);
}

std::string name_of(const testing::TestParamInfo<std::tuple<const char*, Family>>& instance) {
  const auto family_name = [](Family family) {
    switch (family) {
      case Family::kLogit:
        return "logit";
      case Family::kProbit:
        return "probit";
      case Family::kPoisson:
        return "poisson";
      case Family::kGamma:
        return "gamma";
      default:
        return "negative_binomial";
    }
  };
  return std::string(std::get<0>(instance.param)) + "_" + family_name(std::get<1>(instance.param));
}

INSTANTIATE_TEST_SUITE_P(Protocols, GeneralisedLinear,
                         testing::Combine(testing::Values("plaintext", "replicated3"),
                                          testing::Values(Family::kLogit, Family::kProbit, Family::kPoisson,
                                                          Family::kGamma, Family::kNegativeBinomial)),
                         name_of);

class Separated : public testing::TestWithParam<const char*> {};

TEST_P(Separated, IsToldFromSlowConvergence) {
  PlainModelRecords plain = made_model(Family::kLogit, 120, 2, 5, 8);
  for (std::size_t i = 0; i + 5 < plain.rows; ++i) plain.y[i] = plain.x[2 * i + 1] > 0.1 ? 1 : 0;
  const Opened fit = fitted(GetParam(), plain, plan_of(Family::kLogit, 12));
  EXPECT_TRUE(fit.not_converged || fit.singular);
  EXPECT_TRUE(fit.separated || fit.singular);
}

TEST_P(Separated, CheapStepsLeadToTheSameFit) {
  const PlainModelRecords plain = made_model(Family::kLogit, 400, 4, 12, 9);
  ModelPlan plan = plan_of(Family::kLogit, 2);
  plan.cheap_steps = 5;
  expect_equal(fitted(GetParam(), plain, plan), plain, plain_fit(plain, Family::kLogit, 10, 0), Family::kLogit);
}

TEST_P(Separated, HazardAndLogarithmOfTheTailKeepTheirBounds) {
  std::vector<double> x;
  for (int i = -900; i <= 900; ++i) x.push_back(i / 128.0 + 0x1p-9);
  const auto words = words_of(x, 44);
  const auto hazard = opened_signed<u128>(GetParam(), [&](Engine& e) { return normal_hazard(e, input(e, words), 44); });
  const auto tail = opened_signed<u128>(GetParam(), [&](Engine& e) { return log_normal_tail(e, input(e, words), 44); });
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double at = std::clamp<long double>(x[i], -8, 8 - 0x1p-44L);
    const long double q = erfcl(at / sqrtl(2)) / 2, density = expl(-at * at / 2) / sqrtl(8 * atanl(1));
    EXPECT_NEAR(static_cast<double>(hazard[i]), static_cast<double>(ldexpl(density / q, 44)), 4.01) << x[i];
    EXPECT_NEAR(static_cast<double>(tail[i]), static_cast<double>(ldexpl(logl(q), 44)), 4.01) << x[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, Separated, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
