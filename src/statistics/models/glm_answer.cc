// A site's answer to a step of a generalised linear model: sums over its rows, in the clear, at public coefficients.
#include <cmath>

#include "base/error.h"
#include "statistics/models/glm_walk.h"

namespace cohortium::statistics {

std::vector<long double> GlmWalk::answer(const data::Table& table, std::span<const double> state) const {
  const double asked = state.size() == state_size() ? state[0] : -1;
  const bool known = asked == 0 || asked == 1 || asked == 2;
  const Phase phase = static_cast<Phase>(known ? static_cast<int>(asked) : 0);
  if (!known || (model_.family.has_theta && phase == kFamily && !(state[1] > 0)))
    throw Failure({.code = "study.bad_step", .message = "the question is not one of this model's"});
  std::vector<long double> sums(answer_size());
  GlmReader reader(model_, table);
  GlmRow row;
  for (std::size_t i = 0; i < table.rows; ++i) {
    if (!reader.read(i, row) || add_row(row, phase, state, sums)) continue;
    sums.assign(sums.size(), NAN);
    return sums;
  }
  return sums;
}

bool GlmWalk::add_row(const GlmRow& row, Phase phase, std::span<const double> state,
                      std::vector<long double>& sums) const {
  // A negative binomial model begins as a Poisson one.
  const Family& family = phase == kStart && model_.family.has_theta ? poisson_ : family_in(phase);
  const std::vector<double>& x = row.values.x;
  const double y = row.values.response, theta = state[1];
  double eta = row.values.offset, mean = 0;
  if (phase == kStart) {
    mean = family.start(y, row.weight);
    eta = family.link.of_mean(mean);
  } else {
    for (std::size_t i = 0; i < columns_; ++i) eta += x[i] * state[2 + i];
    if (!family.link.valid(eta)) return false;
    mean = family.link.mean(eta);
  }
  const double slope = family.link.derivative(eta), variance = family.variance(mean, theta);
  if (!std::isfinite(eta) || !std::isfinite(mean) || !family.valid_mean(mean) || !std::isfinite(slope)) return false;
  const double over = row.weight * slope / variance, weight = over * slope;
  const double right = phase == kStart ? weight * (eta - row.values.offset) + over * (y - mean) : over * (y - mean);
  if (!std::isfinite(weight) || !std::isfinite(right)) return false;
  std::size_t at = 0;
  for (std::size_t i = 0; i < columns_; ++i) {
    const double weighted = weight * x[i];
    for (std::size_t j = 0; j <= i; ++j) sums[at++] += static_cast<long double>(weighted) * x[j];
  }
  for (std::size_t i = 0; i < columns_; ++i) sums[at++] += static_cast<long double>(right) * x[i];
  add_extras(row, family, mean, theta, &sums[at]);
  return true;
}

void GlmWalk::add_extras(const GlmRow& row, const Family& family, double mean, double theta,
                         long double* extras) const {
  const double y = row.values.response;
  extras[kDeviance] += row.weight * family.deviance(y, mean, theta);
  extras[kPearson] += row.weight * (y - mean) * (y - mean) / family.variance(mean, theta);
  if (!model_.family.has_theta) return;
  extras[kMoment] += row.weight * (y / mean - 1) * (y / mean - 1);
  if (!family.has_theta) return;
  const ThetaTerms terms = theta_terms(y, mean, theta);
  extras[kLikelihood] += row.weight * terms.log_likelihood;
  extras[kThetaScore] += row.weight * terms.score;
  extras[kThetaInformation] += row.weight * terms.information;
}

}  // namespace cohortium::statistics
