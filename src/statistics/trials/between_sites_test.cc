// The variance between sites against the same equations solved in long double.
#include "statistics/trials/between_sites.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "mpc/ring.h"
#include "mpc/simulate.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

struct Site {
  double value, variance;
};

struct Found {
  double moments = 0, likelihood = 0, q = 0;
  bool converged = false;
};

Shared<u128> share(mpc::Engine& engine, const std::vector<u128>& x) {
  return engine.share(0, std::span(x).first(engine.self() == 0 ? x.size() : 0), x.size());
}

// The number of sites, and sums over them of w, w^2, w y and w y^2.
std::vector<u128> sums_of(const std::vector<Site>& sites) {
  std::vector<u128> sums{sites.size(), 0, 0, 0, 0};
  for (const auto& [y, v] : sites) {
    const double terms[] = {1 / v, 1 / v / v, y / v, y * y / v};
    for (std::size_t j = 0; j < 4; ++j) sums[j + 1] += mpc::encode_fixed<u128>(terms[j], sum_bits);
  }
  return sums;
}

Found estimated(const char* protocol, const std::vector<Site>& sites, int steps) {
  std::vector<u128> here(mpc::maximum_sites), value(here), variance(here.size(), u128{1} << variance_bits);
  const std::vector<u128> sums = sums_of(sites);
  for (std::size_t i = 0; i < sites.size(); ++i) {
    here[i] = 1;
    value[i] = mpc::encode_fixed<u128>(sites[i].value, estimate_bits);
    variance[i] = mpc::encode_fixed<u128>(sites[i].variance, variance_bits);
  }
  const auto found = mpc::simulate(protocol, [&](mpc::Engine& engine) {
    const auto all = share(engine, sums);
    const MomentEstimate moments = moment_estimate(
        engine, {slice(all, 0, 1), slice(all, 1, 1), slice(all, 2, 1), slice(all, 3, 1), slice(all, 4, 1)});
    const SharedEstimates estimates{
        .here = share(engine, here), .value = share(engine, value), .variance = share(engine, variance)};
    const auto likelihood = restricted_likelihood_estimate(engine, estimates, moments, steps);
    return Found{.moments = mpc::decode_fixed(engine.open(moments.variance)[0], variance_bits),
                 .likelihood = mpc::decode_fixed(engine.open(likelihood.variance)[0], variance_bits),
                 .q = mpc::decode_fixed(engine.open(moments.q)[0], sum_bits),
                 .converged = (engine.open_bits(likelihood.not_converged)[0] & 1) == 0};
  });
  return found.front();
}

struct Sums {
  long double weights = 0, squares = 0, q = 0, score = 0;
};

// Of weights 1 / (v + between): their sums, Q, and the restricted likelihood's score.
Sums sums_at(const std::vector<Site>& sites, long double between) {
  Sums sums;
  long double products = 0;
  for (const auto& [y, v] : sites) {
    const long double w = 1 / (v + between);
    sums.weights += w, sums.squares += w * w, products += w * y;
  }
  for (const auto& [y, v] : sites) {
    const long double w = 1 / (v + between), r = y - products / sums.weights;
    sums.q += w * r * r, sums.score += w * w * r * r;
  }
  sums.score -= sums.weights - sums.squares / sums.weights;
  return sums;
}

double by_moments(const std::vector<Site>& sites) {
  const Sums sums = sums_at(sites, 0);
  const auto least = static_cast<long double>(sites.size() - 1);
  return static_cast<double>(std::max(0.0L, (sums.q - least) / (sums.weights - sums.squares / sums.weights)));
}

// A root of the score next to `near`, which is no farther off than `width`; 0 where the score falls from 0 on.
void expect_root(const std::vector<Site>& sites, const Found& found, const std::string& what) {
  const long double near = found.likelihood, width = 0x1p-22L * (near + 4 / sums_at(sites, near).weights);
  EXPECT_LE(sums_at(sites, near + width).score, 0) << what;
  if (near > 0) {
    EXPECT_GE(sums_at(sites, std::max(0.0L, near - width)).score, 0) << what;
  }
  EXPECT_GE(near, 0) << what;
}

std::vector<Site> random_sites(std::mt19937& random, double spread, double heterogeneity) {
  std::normal_distribution<double> normal;
  std::vector<Site> sites(3 + random() % 8);
  for (auto& [y, v] : sites) {
    v = std::clamp(std::exp(-2 + spread * normal(random)), 0x1p-19, 255.0);
    y = 1.5 + std::sqrt(v + heterogeneity) * normal(random);
  }
  return sites;
}

TEST(BetweenSites, AreWhatTheScoreSaysOverManySets) {
  std::mt19937 random(7);
  int converged = 0, zeros = 0, sets = 0;
  for (const double spread : {0.3, 1.0, 1.5}) {
    for (const double heterogeneity : {0.0, 0.1, 1.0}) {
      for (int i = 0; i < 20; ++i, ++sets) {
        const auto sites = random_sites(random, spread, heterogeneity);
        const Found got = estimated("plaintext", sites, 10);
        const std::string what = "set " + std::to_string(sets);
        EXPECT_NEAR(got.moments, by_moments(sites), 1e-7 * (1 + by_moments(sites))) << what;
        converged += got.converged;
        zeros += got.likelihood == 0;
        if (got.converged) expect_root(sites, got, what);
      }
    }
  }
  EXPECT_GE(converged, sets - 2);  // ten steps are enough but for one set in a thousand
  EXPECT_GT(zeros, 20);
  EXPECT_LT(zeros, sets - 60);
}

TEST(BetweenSites, AreTheSameOnShares) {
  std::mt19937 random(11);
  for (int i = 0; i < 6; ++i) {
    const auto sites = random_sites(random, 1, i % 2);
    const Found got = estimated("replicated3", sites, 10);
    EXPECT_TRUE(got.converged);
    EXPECT_NEAR(got.moments, by_moments(sites), 1e-7 * (1 + by_moments(sites)));
    expect_root(sites, got, "set " + std::to_string(i));
  }
}

// Whatever the last digits of truncated shares are: no estimate next to 0 where it is 0. A truncated 0 is seldom no 0.
TEST(BetweenSites, AreExactlyZeroWhereSitesAgree) {
  constexpr std::size_t sets = 20'000;
  const std::vector<Site> sites{{0.1, 0.5}, {0.2, 0.25}, {0.15, 0.3}, {0.3, 2}}, equal(3, {2, 0.5});
  const std::vector<u128> one = sums_of(sites);
  const auto found = mpc::simulate("replicated3", [&](mpc::Engine& engine) {
    const auto many = [&](std::size_t i) { return share(engine, std::vector<u128>(sets, one[i])); };
    return engine.open(moment_estimate(engine, {many(0), many(1), many(2), many(3), many(4)}).variance);
  });
  EXPECT_EQ(std::count(found[0].begin(), found[0].end(), u128{0}), sets);
  for (const auto& agreeing : {sites, equal}) {
    const Found got = estimated("replicated3", agreeing, 10);
    EXPECT_EQ(got.likelihood, 0);
    EXPECT_TRUE(got.converged);
    EXPECT_LT(got.q, 3);
  }
}

TEST(BetweenSites, HoldAtTheDomainsEdges) {
  const std::vector<std::vector<Site>> edges = {
      {{15.9, 0x1.1p-20}, {-15.9, 0x1.1p-20}, {15.9, 0x1.1p-20}},                    // tau^2 is over 300
      {{15.9, 255}, {-15.9, 255}, {15.9, 255}},                                      // hardly any weight
      {{1, 0x1.1p-20}, {1.001, 0x1.1p-20}, {0.999, 0x1.1p-20}, {1.002, 0x1.1p-20}},  // hardly any variance
      std::vector<Site>(mpc::maximum_sites, {0.5, 0x1.1p-20}),                       // all weight there can be
      {{1, 0.001}, {2, 0.4}, {3, 0.4}, {0, 0.4}},                                    // one site is large
  };
  for (const auto& sites : edges) {
    const Found got = estimated("plaintext", sites, 12);
    const std::string what = "first variance " + std::to_string(sites[0].variance);
    EXPECT_TRUE(got.converged) << what;
    expect_root(sites, got, what);
  }
}

TEST(BetweenSites, WhereStepsAreTooFewIsAFault) {
  EXPECT_FALSE(estimated("replicated3", {{1, 0.1}, {2, 0.4}, {5, 1}, {0, 3}}, 1).converged);
  // All other sites together weigh less than 2^-12 of the first.
  EXPECT_FALSE(estimated("plaintext", {{1, 0x1.1p-20}, {1.1, 200}, {1.2, 200}}, 10).converged);
}

}  // namespace
}  // namespace cohortium::statistics
