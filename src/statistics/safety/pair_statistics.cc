#include "statistics/safety/pair_statistics.h"

#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "statistics/distributions.h"

namespace cohortium::statistics {
namespace {

// ln of the negative binomial probability of `a`, up to a! which both components share.
double log_marginal(double a, double expected, double shape, double rate) {
  return std::lgamma(shape + a) - std::lgamma(shape) - shape * std::log1p(expected / rate) +
         a * (std::log(expected) - std::log(rate + expected));
}

// The probability that the first component of the prior made `a`.
double posterior_of_first(double a, double expected, const ShrinkagePrior& prior) {
  const double first = std::log(prior.first) + log_marginal(a, expected, prior.shape1, prior.rate1);
  const double second = std::log1p(-prior.first) + log_marginal(a, expected, prior.shape2, prior.rate2);
  return 1 / (1 + std::exp(second - first));
}

double geometric_mean(double a, double expected, const ShrinkagePrior& prior) {
  const double weight = posterior_of_first(a, expected, prior);
  const double first = boost::math::digamma(prior.shape1 + a) - std::log(prior.rate1 + expected);
  const double second = boost::math::digamma(prior.shape2 + a) - std::log(prior.rate2 + expected);
  return std::exp(weight * first + (1 - weight) * second);
}

std::optional<Interval> ratio(double value, double variance, double quantile) {
  if (!std::isfinite(value) || !std::isfinite(variance) || value == 0) return std::nullopt;
  const double reach = std::exp(quantile * std::sqrt(variance));
  return Interval{value, value / reach, value * reach};
}

}  // namespace

double posterior_below(double together, double expected, const ShrinkagePrior& prior, double lambda) {
  const double weight = posterior_of_first(together, expected, prior);
  return weight * boost::math::gamma_p(prior.shape1 + together, (prior.rate1 + expected) * lambda) +
         (1 - weight) * boost::math::gamma_p(prior.shape2 + together, (prior.rate2 + expected) * lambda);
}

double posterior_quantile(double together, double expected, const ShrinkagePrior& prior, double probability) {
  const double shape1 = prior.shape1 + together, shape2 = prior.shape2 + together;
  const double rate1 = prior.rate1 + expected, rate2 = prior.rate2 + expected;
  // The quantile lies between those of the components.
  const double one = boost::math::gamma_p_inv(shape1, probability) / rate1;
  const double other = boost::math::gamma_p_inv(shape2, probability) / rate2;
  double low = std::min(one, other), high = std::max(one, other);
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    const double below = posterior_below(together, expected, prior, middle);
    (below < probability ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

PairStatistics pair_statistics(const PairCounts& counts, const ShrinkagePrior& prior, double confidence) {
  const double a = counts.together, b = counts.drug - a, c = counts.event - a, n = counts.all, d = n - counts.drug - c;
  const double z = normal_quantile(0.5 + confidence / 2), tail = (1 - confidence) / 2;
  PairStatistics out{.expected = counts.expected()};
  out.prr = ratio((a / (a + b)) / (c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d), z);
  out.ror = ratio((a * d) / (b * c), 1 / a + 1 / b + 1 / c + 1 / d, z);
  const double margins = (a + b) * (c + d) * (a + c) * (b + d);
  if (margins > 0) {
    const double apart = std::max(0.0, std::abs(a * d - b * c) - n / 2);
    out.chi_square = n * apart * apart / margins;
  }
  const double shape = a + 0.5, rate = out.expected + 0.5;
  out.ic = {std::log2(shape / rate), std::log2(boost::math::gamma_p_inv(shape, tail) / rate),
            std::log2(boost::math::gamma_q_inv(shape, tail) / rate)};
  out.ebgm = {geometric_mean(a, out.expected, prior), posterior_quantile(a, out.expected, prior, 0.05),
              posterior_quantile(a, out.expected, prior, 0.95)};
  return out;
}

}  // namespace cohortium::statistics
