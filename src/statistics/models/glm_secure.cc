// The fit of a hidden model at the compute parties: from what the sites shared to coefficients, covariance and the numbers
// that are released beside them. Nothing is opened here.
#include "statistics/models/glm_secure.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/logarithm.h"
#include "oblivious/penalised_model.h"

namespace cohortium::statistics {
namespace {

using mpc::Engine;
using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using oblivious::model_bits;

Shared<u128> real(const GlmNumbers& numbers, const Shared<u128>& aggregate, GlmReal which) {
  const std::size_t d = numbers.columns();
  return mpc::slice(aggregate, d * (d + 1) + which, 1);
}

// x ln x for each of the sums, which are below 2^bits and have model_bits.
struct Logarithms {
  Shared<u128> logarithm, product;  // model_bits
};
Logarithms logarithms(Engine& engine, const std::vector<Shared<u128>>& sums, int bits) {
  const int fraction = std::min(model_bits - 1, 53 - bits);
  const auto all = engine.truncate(mpc::concatenate(std::span<const Shared<u128>>(sums)), model_bits - fraction);
  const auto logarithm = oblivious::natural_logarithm(engine, all, 54, fraction, model_bits);
  return {.logarithm = logarithm, .product = engine.multiply_truncate(logarithm, all, fraction)};
}

// The deviance of the intercept alone. With A the sum of weight * y, B that of weights: binomial 2 (B ln B - A ln A - (B - A)
// ln(B - A)) more than the saturated part; with offsets of the log link the mean is A / B times e^offset, B adding up those.
Shared<u128> null_deviance(Engine& engine, const GlmNumbers& numbers, const Shared<u128>& aggregate, int bits) {
  const auto saturated = real(numbers, aggregate, kSaturated), a = real(numbers, aggregate, kOutcome);
  const auto b = real(numbers, aggregate, kExposure), offsets = real(numbers, aggregate, kOffset);
  if (!numbers.has_null_deviance()) return oblivious::constant_fill(engine, 1, u128{0});
  const std::string& family = numbers.model().family.name;
  if (family == "binomial") {
    const auto terms = logarithms(engine, {a, mpc::subtract(b, a), b}, bits).product;
    const auto fitted =
        mpc::subtract(mpc::add(mpc::slice(terms, 0, 1), mpc::slice(terms, 1, 1)), mpc::slice(terms, 2, 1));
    return mpc::subtract(saturated, mpc::scale(fitted, u128{2}));
  }
  if (family == "gaussian") {  // sum of w y^2 less that of the mean
    constexpr int mean_bits = 40;
    const int drop = std::max(0, model_bits + bits - 54);
    const auto parts = mpc::concatenate(std::span<const Shared<u128>>(std::array{a, b}));
    const auto shorter = drop > 0 ? engine.truncate(parts, drop) : parts;
    const auto mean = oblivious::divide(engine, mpc::slice(shorter, 0, 1), mpc::slice(shorter, 1, 1),
                                        {.denominator_bits = 54, .quotient_bits = 2, .fraction_bits = mean_bits});
    return mpc::subtract(offsets, engine.multiply_truncate(a, mean, mean_bits));
  }
  const Logarithms l = logarithms(engine, {a, b}, bits);
  const auto mean = mpc::subtract(mpc::slice(l.logarithm, 0, 1), mpc::slice(l.logarithm, 1, 1));
  const int fraction = std::min(model_bits - 1, 53 - bits);
  const auto times_mean = [&](const Shared<u128>& sum) {
    return engine.multiply_truncate(engine.truncate(sum, model_bits - fraction), mean, fraction);
  };
  if (family == "poisson") {
    const auto fitted = mpc::subtract(mpc::add(offsets, times_mean(a)), a);
    return mpc::subtract(saturated, mpc::scale(fitted, u128{2}));
  }
  return mpc::add(saturated, mpc::scale(mpc::add(offsets, times_mean(b)), u128{2}));
}

Shared<u128> or_zero(Engine& engine, const Shared<u128>& value) {
  return value.size == 1 ? value : oblivious::constant_fill(engine, 1, u128{0});
}

}  // namespace

oblivious::ModelRecords model_records(const GlmNumbers& numbers, const Shared<u128>& rows, std::size_t row_count) {
  const std::size_t d = numbers.columns();
  oblivious::ModelRecords records{.x = mpc::slice(rows, 0, d * row_count),
                                  .y = mpc::slice(rows, d * row_count, row_count),
                                  .weight = mpc::slice(rows, (d + 1) * row_count, row_count),
                                  .rows = row_count,
                                  .columns = d};
  if (numbers.has_offset()) records.offset = mpc::slice(rows, (d + 2) * row_count, row_count);
  return records;
}

namespace {

// The numbers that are released beside the coefficients of a fit with this deviance: GlmNumbers::read's first four.
std::vector<Shared<u128>> numbers_beside(Engine& engine, const GlmNumbers& numbers, const Shared<u128>& aggregate,
                                         const oblivious::ModelPlan& plan, const Shared<u128>& deviance) {
  std::vector<Shared<u128>> parts{deviance, real(numbers, aggregate, kWeight)};
  const bool has_theta = numbers.model().family.has_theta;
  parts.push_back(has_theta ? or_zero(engine, {}) : real(numbers, aggregate, kConstant));
  parts.push_back(null_deviance(engine, numbers, aggregate,
                                std::min(plan.total_bits + (numbers.model().design.has_offset() ? 12 : 1), 52)));
  return parts;
}

std::vector<mpc::SharedFault> faults_of(const SharedBits& singular, const SharedBits& separated,
                                        const SharedBits& not_converged) {
  return {{singular, "the information matrix is singular: a column follows from others, or nothing varies"},
          {separated, "the fit does not converge: columns separate the outcomes, fitted values reach 0 or 1"},
          {not_converged, "the fit has not converged in the given number of steps"}};
}

GlmShared fit_with_penalties(Engine& engine, const GlmNumbers& numbers, const Shared<u128>& aggregate,
                             const Shared<u128>& rows, std::size_t row_count, const oblivious::ModelPlan& plan) {
  const std::vector<double> lasso = numbers.model().scaled_lasso(), ridge = numbers.model().scaled_ridge();
  const oblivious::PenalisedFit fit =
      oblivious::fit_penalised(engine, model_records(numbers, rows, row_count), real(numbers, aggregate, kSaturated),
                               {.lasso = lasso, .ridge = ridge}, plan);
  std::vector<Shared<u128>> parts = numbers_beside(engine, numbers, aggregate, plan, fit.deviance);
  parts.push_back(or_zero(engine, {}));
  return {.coefficients = fit.coefficients,
          .covariance = fit.active,  // which coefficients are not 0, as the coefficients say themselves
          .numbers = mpc::concatenate(std::span<const Shared<u128>>(parts)),
          .faults = faults_of(fit.singular, fit.separated, fit.not_converged)};
}

}  // namespace

GlmShared fit_hidden(Engine& engine, const GlmNumbers& numbers, const Shared<u128>& aggregate, const Shared<u128>& rows,
                     std::size_t row_count, std::size_t steps) {
  // Without any row, one of zeros: the information is singular.
  if (row_count == 0) {
    const auto none = oblivious::constant_fill(engine, numbers.row_columns(), u128{0});
    return fit_hidden(engine, numbers, aggregate, none, 1, steps);
  }
  const std::size_t d = numbers.columns();
  const oblivious::ModelPlan plan = numbers.plan(row_count, steps);
  if (numbers.model().penalised()) return fit_with_penalties(engine, numbers, aggregate, rows, row_count, plan);
  const auto first = mpc::slice(aggregate, 0, d * (d + 1));
  const int drop = model_bits - plan.sum_bits();
  const auto start = drop > 0 ? engine.truncate(first, drop) : first;
  const std::size_t at_exceeding = d * (d + 1) + kGlmReals;
  const oblivious::ModelFit fit = oblivious::fit_model(
      engine, model_records(numbers, rows, row_count),
      {.information = mpc::slice(start, 0, d * d),
       .right = mpc::slice(start, d * d, d),
       .saturated = real(numbers, aggregate, kSaturated),
       .exceeding = mpc::slice(aggregate, at_exceeding, static_cast<std::size_t>(plan.largest_outcome))},
      plan);

  GlmShared shared{
      .coefficients = fit.coefficients,
      .covariance = mpc::scale(fit.covariance, u128{1} << (released_covariance_bits - plan.covariance_bits())),
      .numbers = {},
      .faults = {}};
  std::vector<Shared<u128>> parts = numbers_beside(engine, numbers, aggregate, plan, fit.deviance);
  parts.push_back(or_zero(engine, fit.pearson));
  if (numbers.model().family.has_theta) {
    parts.insert(parts.end(),
                 {fit.theta, fit.theta_information,
                  mpc::subtract(fit.twice_log_likelihood, mpc::scale(real(numbers, aggregate, kConstant), u128{2}))});
  }
  shared.numbers = mpc::concatenate(std::span<const Shared<u128>>(parts));
  shared.faults = faults_of(fit.singular, fit.separated, fit.not_converged);
  return shared;
}

}  // namespace cohortium::statistics
