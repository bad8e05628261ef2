// Fine and Gray's model on secret rows against its definition in double arithmetic, person by person.
#include "oblivious/subdistribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "oblivious/fixed_point.h"
#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {
namespace {

constexpr int key_bits = 12;

struct Person {
  int time = 0, kind = 0;  // 0: censored, 1: the event, 2: a competing one
  std::vector<double> x;
};

std::vector<Person> made(std::size_t rows, std::size_t columns, int times, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform;
  std::vector<Person> people;
  for (std::size_t i = 0; i < rows; ++i) {
    Person person;
    double eta = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      person.x.push_back(j == 1 ? std::floor(2 * uniform(random))
                                : std::ldexp(std::round(1024 * uniform(random)), -10));
      eta += person.x.back() * (j % 2 == 0 ? 0.9 : -0.7);
    }
    const double died = -std::log(1 - uniform(random)) * std::exp(-eta) * times / 2,
                 other = -std::log(1 - uniform(random)) * times / 2, left = uniform(random) * times * 1.5;
    const double first = std::min({died, other, left, times - 1.0});
    person.time = static_cast<int>(first);
    person.kind = first == died ? 1 : first == other ? 2 : 0;
    people.push_back(person);
  }
  return people;
}

// The model at beta, with weights of each pair of a person and a time.
struct Model {
  const std::vector<Person>& people;
  std::vector<double> beta;
  std::size_t d = beta.size();

  // Kaplan-Meier's estimate for being censored, just before t.
  double staying(int t) const {
    double result = 1;
    for (int s = 0; s < t; ++s) {
      double at_risk = 0, censored = 0;
      for (const Person& p : people) {
        at_risk += p.time >= s;
        censored += p.time == s && p.kind == 0;
      }
      if (at_risk > 0) result *= 1 - censored / at_risk;
    }
    return result;
  }
  double risk(const Person& p) const {
    double eta = 0;
    for (std::size_t j = 0; j < d; ++j) eta += beta[j] * p.x[j];
    return std::exp(eta);
  }
  double weight(const Person& p, int t) const {
    if (p.time >= t) return 1;
    return p.kind == 2 ? staying(t) / staying(p.time) : 0;
  }
  double sum(int t, int j = -1, int k = -1) const {
    double result = 0;
    for (const Person& p : people)
      result += weight(p, t) * risk(p) * (j < 0 ? 1 : p.x[static_cast<std::size_t>(j)]) *
                (k < 0 ? 1 : p.x[static_cast<std::size_t>(k)]);
    return result;
  }
};

struct Expected {
  double likelihood = 0;
  std::vector<double> gradient, information, variance;
};

Expected expected_of(const std::vector<Person>& people, const std::vector<double>& beta) {
  const Model model{people, beta};
  const std::size_t d = beta.size();
  int last = 0;
  for (const Person& p : people) last = std::max(last, p.time);
  const auto grid = static_cast<std::size_t>(last) + 1;
  std::vector<double> events(grid), censored(grid), at_risk(grid), s0(grid), staying(grid);
  std::vector<std::vector<double>> mean(grid, std::vector<double>(d));
  Expected result{.gradient = std::vector<double>(d),
                  .information = std::vector<double>(d * d),
                  .variance = std::vector<double>(d * d)};
  for (int t = 0; t <= last; ++t) {
    const auto at = static_cast<std::size_t>(t);
    staying[at] = model.staying(t);
    s0[at] = model.sum(t);
    for (std::size_t j = 0; j < d; ++j) mean[at][j] = model.sum(t, static_cast<int>(j)) / s0[at];
    for (const Person& p : people) {
      at_risk[at] += p.time >= t;
      events[at] += p.time == t && p.kind == 1;
      censored[at] += p.time == t && p.kind == 0;
    }
    result.likelihood -= events[at] > 0 ? events[at] * std::log(s0[at]) : 0;
    for (std::size_t j = 0; j < d && events[at] > 0; ++j) {
      for (std::size_t k = 0; k < d; ++k)
        result.information[j * d + k] +=
            events[at] * (model.sum(t, static_cast<int>(j), static_cast<int>(k)) / s0[at] - mean[at][j] * mean[at][k]);
    }
  }
  const auto weight = [&](const Person& p, int t) {
    if (p.time >= t) return 1.0;
    return p.kind == 2 ? staying[static_cast<std::size_t>(t)] / staying[static_cast<std::size_t>(p.time)] : 0.0;
  };
  // q(u): the sum over people whose competing event lies before u, and times from u on, of (x - m(t)) w dM.
  std::vector<std::vector<double>> q(grid, std::vector<double>(d));
  for (int u = 0; u <= last; ++u) {
    for (const Person& p : people) {
      if (p.time >= u || p.kind != 2) continue;
      for (int t = u; t <= last; ++t) {
        const auto at = static_cast<std::size_t>(t);
        for (std::size_t j = 0; j < d; ++j)
          q[static_cast<std::size_t>(u)][j] +=
              (p.x[j] - mean[at][j]) * weight(p, t) * model.risk(p) * (events[at] / s0[at]);
      }
    }
  }
  for (const Person& p : people) {
    std::vector<double> part(d);
    for (std::size_t j = 0; j < d; ++j) {
      const auto own = static_cast<std::size_t>(p.time);
      if (p.kind == 1) {
        part[j] += p.x[j] - mean[own][j];
        result.gradient[j] += p.x[j] - mean[own][j];
        result.likelihood += beta[j] * p.x[j];
      }
      for (int t = 0; t <= last; ++t) {
        const auto at = static_cast<std::size_t>(t);
        if (events[at] > 0) part[j] -= (p.x[j] - mean[at][j]) * weight(p, t) * model.risk(p) * events[at] / s0[at];
      }
      if (p.kind == 0) part[j] += q[own][j] / at_risk[own];
      for (std::size_t u = 0; u <= own; ++u) part[j] -= q[u][j] / at_risk[u] * censored[u] / at_risk[u];
    }
    for (std::size_t j = 0; j < d; ++j) {
      for (std::size_t k = 0; k < d; ++k) result.variance[j * d + k] += part[j] * part[k];
    }
  }
  return result;
}

SurvivalRows shared(Engine& engine, const std::vector<Person>& people, std::size_t d, std::size_t spare, int x_bits) {
  const std::size_t n = people.size() + spare;
  std::vector<u64> key(n, (u64{1} << key_bits) - 1), kinds(n);
  std::vector<u128> x(n * d), weight(n);
  for (std::size_t i = 0; i < people.size(); ++i) {
    key[i] = (u64{1} << key_bits) - 2 - static_cast<u64>(people[i].time);
    kinds[i] = static_cast<u64>(people[i].kind);
    weight[i] = 1;
    for (std::size_t j = 0; j < d; ++j) x[j * n + i] = mpc::encode_fixed<u128>(people[i].x[j], x_bits);
  }
  SurvivalRows rows{.rows = n, .columns = d};
  rows.key = input(engine, key);
  rows.key_bits = key_bits;
  rows.event = engine.bit(input(engine, kinds), 0);
  rows.competing = engine.bit(input(engine, kinds), 1);
  rows.covariates = input(engine, x);
  rows.weight = input(engine, weight);
  return rows;
}

class SubdistributionTest : public testing::TestWithParam<const char*> {};

TEST_P(SubdistributionTest, FollowsTheDefinition) {
  for (const int times : {6, 40, 300}) {
    const std::vector<Person> people = made(70, 3, times, static_cast<unsigned>(times));
    const std::vector<double> beta{0.5, -0.25, 0.125};
    const std::size_t d = beta.size();
    const auto opened = mpc::simulate(GetParam(), [&](Engine& e) {
      std::vector<u128> at;
      for (double b : beta) at.push_back(mpc::encode_fixed<u128>(b, coefficient_fraction_bits));
      RiskSets sets = risk_sets(e, shared(e, people, d, 5, covariate_fraction_bits), Ties::kBreslow);
      const Censoring censoring = subdistribution(e, sets);
      const RiskTerms terms = risk_terms(e, sets, input(e, at));
      const PartialLikelihood all = partial_likelihood(e, sets, terms);
      EXPECT_EQ(e.open_bits(sums_outside(e, sets, terms))[0], 0U);
      return e.open(
          join({all.log_likelihood, all.gradient, all.information, score_variance(e, sets, censoring, terms)}));
    });
    const Expected expected = expected_of(people, beta);
    EXPECT_NEAR(mpc::decode_fixed(opened[0][0], likelihood_fraction_bits), expected.likelihood, 1e-7);
    for (std::size_t j = 0; j < d; ++j)
      EXPECT_NEAR(mpc::decode_fixed(opened[0][1 + j], gradient_fraction_bits), expected.gradient[j], 1e-9) << j;
    for (std::size_t j = 0; j < d * d; ++j) {
      const auto at = [&](std::size_t from) {
        return mpc::decode_fixed(opened[0][from + j], information_fraction_bits);
      };
      EXPECT_NEAR(at(1 + d), expected.information[j], 1e-9) << j;
      EXPECT_NEAR(at(1 + d + d * d), expected.variance[j], 1e-9) << j;
    }
  }
}

// At the coefficients that are found, the score is 0, and the covariance is the definition's.
TEST_P(SubdistributionTest, RegressionFindsTheMaximum) {
  const std::vector<Person> people = made(120, 2, 50, 3);
  const std::size_t d = 2, spare = 4, n = people.size() + spare;
  const auto opened = mpc::simulate(GetParam(), [&](Engine& e) {
    SurvivalRows rows = shared(e, people, d, spare, input_fraction_bits);
    const Standardised standard = standardised(e, rows.covariates, rows.weight);
    rows.covariates = standard.covariates;
    RiskSets sets = risk_sets(e, rows, Ties::kBreslow);
    const Censoring censoring = subdistribution(e, sets);
    CoxFit fit = cox_regression(e, sets);
    fit.covariance = sandwich(e, fit, score_variance(e, sets, censoring, fit.terms));
    scale_back(e, fit, standard.scaling);
    for (const SharedBits* bit : {&fit.singular, &fit.not_converged, &fit.separated, &fit.outside})
      EXPECT_EQ(e.open_bits(*bit)[0], 0U);
    EXPECT_EQ(rows.rows, n);
    return e.open(join({fit.coefficients, fit.covariance, fit.likelihood}));
  });
  std::vector<double> beta;
  for (std::size_t j = 0; j < d; ++j) beta.push_back(mpc::decode_fixed(opened[0][j], coefficient_fraction_bits));
  const Expected at = expected_of(people, beta);
  for (std::size_t j = 0; j < d; ++j) EXPECT_NEAR(at.gradient[j], 0, 1e-8);
  EXPECT_NEAR(mpc::decode_fixed(opened[0][d + d * d], likelihood_fraction_bits), at.likelihood, 1e-7);
  const std::vector<double>& a = at.information;
  const double determinant = a[0] * a[3] - a[1] * a[2];
  const std::vector<double> inverse{a[3] / determinant, -a[1] / determinant, -a[2] / determinant, a[0] / determinant};
  for (std::size_t i = 0; i < d * d; ++i) {
    double want = 0;
    for (std::size_t j = 0; j < d * d; ++j)
      want += inverse[i / d * d + j / d] * at.variance[j] * inverse[j % d * d + i % d];
    EXPECT_NEAR(mpc::decode_fixed(opened[0][d + i], covariance_fraction_bits), want, 1e-8 * std::abs(want)) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, SubdistributionTest, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
