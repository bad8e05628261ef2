#include "statistics/survival/cox_opened.h"

#include <cmath>
#include <optional>

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;
using namespace oblivious;

constexpr int least_steps = 4, usual_steps = 7;
constexpr double converged = 1e-12;      // expected change of the log-likelihood, relative
constexpr double still_moving = 3.1e-5;  // a last step, relative to its coefficient, where one grows without end
constexpr double least_information = 2.5e-4;

struct Evaluation {
  double likelihood = 0;
  std::vector<double> gradient, information;
  bool too_high = false;
};

Shared<u128> constants(mpc::Engine& engine, const std::vector<double>& values, int bits) {
  std::vector<u128> words;
  for (double value : values) words.push_back(mpc::encode_fixed<u128>(std::isfinite(value) ? value : 0, bits));
  return engine.constant(std::span<const u128>(words));
}

SharedBits constant_bit(mpc::Engine& engine, bool value) {
  const std::vector<u64> word{value};
  return engine.constant_bits(word, 1);
}

Evaluation evaluate(mpc::Engine& engine, const RiskSets& sets, const std::vector<double>& beta, RiskTerms& terms) {
  const std::size_t d = beta.size();
  terms = risk_terms(engine, sets, constants(engine, beta, coefficient_fraction_bits));
  const PartialLikelihood all = partial_likelihood(engine, sets, terms);
  const auto sound = engine.not_bits(any_too_high(engine, terms));
  const auto words = engine.open(join({all.log_likelihood, all.gradient, all.information}));
  Evaluation result{
      .likelihood = mpc::decode_fixed(words[0], likelihood_fraction_bits), .gradient = {}, .information = {}};
  for (std::size_t j = 0; j < d; ++j)
    result.gradient.push_back(mpc::decode_fixed(words[1 + j], gradient_fraction_bits));
  for (std::size_t j = 0; j < d * d; ++j)
    result.information.push_back(mpc::decode_fixed(words[1 + d + j], information_fraction_bits));
  result.too_high = (engine.open_bits(sound)[0] & 1) == 0;
  return result;
}

// Gauss-Jordan on a symmetric positive definite matrix; nothing where a pivot is too small beside its diagonal.
std::optional<std::vector<double>> inverted(std::vector<double> a, std::size_t d) {
  std::vector<double> diagonal, inverse(d * d);
  for (std::size_t j = 0; j < d; ++j) {
    diagonal.push_back(a[j * d + j]);
    inverse[j * d + j] = 1;
  }
  for (std::size_t j = 0; j < d; ++j) {
    const double pivot = a[j * d + j];
    if (!(pivot > 6e-8 * diagonal[j])) return {};
    for (std::size_t i = 0; i < d; ++i) {
      if (i == j) continue;
      const double factor = a[i * d + j] / pivot;
      for (std::size_t k = 0; k < d; ++k) {
        a[i * d + k] -= factor * a[j * d + k];
        inverse[i * d + k] -= factor * inverse[j * d + k];
      }
    }
  }
  for (std::size_t i = 0; i < d * d; ++i) inverse[i] /= a[i / d * d + i / d];
  return inverse;
}

std::vector<double> product(const std::vector<double>& matrix, const std::vector<double>& x) {
  std::vector<double> result(x.size());
  for (std::size_t i = 0; i < matrix.size(); ++i) result[i / x.size()] += matrix[i] * x[i % x.size()];
  return result;
}

// What Newton's method found, in the units of the standardised covariates.
struct Walk {
  std::vector<double> beta, step, covariance;
  double null_likelihood = 0, likelihood = 0, score = 0;
  bool singular = false, converged = false;
  std::size_t steps = 0;
};

Walk walk(mpc::Engine& engine, const RiskSets& sets, std::size_t most_steps, RiskTerms& terms) {
  const std::size_t d = sets.sorted.columns;
  Walk at{.beta = std::vector<double>(d), .step = std::vector<double>(d), .covariance = std::vector<double>(d * d)};
  std::vector<double> best = at.beta;
  double best_likelihood = 0, expected_gain = 0;
  // A forecast, whose vectors have no components, opens nothing to go by.
  const int forecast = sets.sorted.weight.components == 0 ? usual_steps : 0;
  for (int step = 0; step < forecast; ++step) evaluate(engine, sets, at.beta, terms);
  if (forecast > 0) return at;
  for (at.steps = 1; at.steps <= most_steps; ++at.steps) {
    const Evaluation now = evaluate(engine, sets, at.beta, terms);
    const bool first = at.steps == 1;
    if (now.too_high || (!first && now.likelihood < best_likelihood - 1e-9 * std::abs(best_likelihood))) {
      for (std::size_t j = 0; j < d; ++j) at.beta[j] = (at.beta[j] + best[j]) / 2;
      continue;
    }
    const auto inverse = inverted(now.information, d);
    for (std::size_t j = 0; first && j < d; ++j) at.singular |= !(now.information[j * d + j] > least_information);
    if (!inverse || at.singular) {
      at.singular = true;
      return at;
    }
    at.covariance = *inverse;
    at.step = product(*inverse, now.gradient);
    at.likelihood = now.likelihood;
    if (first) {
      at.null_likelihood = now.likelihood;
      for (std::size_t j = 0; j < d; ++j) at.score += at.step[j] * now.gradient[j];
    }
    // What the step that led here was expected to gain: its gradient has more digits than a difference of likelihoods.
    at.converged = !first && expected_gain <= converged * std::abs(now.likelihood);
    expected_gain = 0;
    for (std::size_t j = 0; j < d; ++j) expected_gain += at.step[j] * now.gradient[j] / 2;
    best_likelihood = now.likelihood;
    best = at.beta;
    if (at.converged && at.steps >= least_steps) return at;
    for (std::size_t j = 0; j < d; ++j) at.beta[j] += at.step[j];
  }
  at.converged = false;
  return at;
}

}  // namespace

OpenedCox opened_cox(mpc::Engine& engine, const RiskSets& sets, int most_steps) {
  const std::size_t d = sets.sorted.columns;
  OpenedCox result;
  CoxFit& fit = result.fit;
  Walk at = walk(engine, sets, static_cast<std::size_t>(most_steps), fit.terms);
  bool separated = false;
  for (std::size_t j = 0; j < d; ++j) {
    at.beta[j] += at.step[j];
    separated |= std::abs(at.step[j]) > still_moving * std::abs(at.beta[j]) + 1e-6;
  }
  fit.coefficients = constants(engine, at.beta, coefficient_fraction_bits);
  fit.covariance = constants(engine, at.covariance, covariance_fraction_bits);
  fit.null_likelihood = constants(engine, {at.null_likelihood}, likelihood_fraction_bits);
  fit.likelihood = constants(engine, {at.likelihood}, likelihood_fraction_bits);
  fit.score_test = constants(engine, {at.score}, likelihood_fraction_bits);
  fit.singular = constant_bit(engine, at.singular);
  fit.not_converged = constant_bit(engine, !at.singular && !at.converged);
  fit.separated = constant_bit(engine, !at.singular && separated);
  fit.outside = sums_outside(engine, sets, fit.terms);
  result.steps = at.steps;
  return result;
}

}  // namespace cohortium::statistics
