#include "oblivious/working_model.h"

#include <array>

#include "base/error.h"
#include "oblivious/division.h"
#include "oblivious/exponential.h"
#include "oblivious/fixed_point.h"
#include "oblivious/hazard.h"
#include "oblivious/link_model.h"
#include "oblivious/logarithm.h"
#include "oblivious/logistic.h"

namespace cohortium::oblivious {
namespace {

constexpr int f = model_bits;

Shared<u128> whole(Engine& engine, std::size_t n) { return constant_fill(engine, n, u128{1} << f); }

// e^x cut at 2^highest; the exponential's own domain allows highest + 44 up to 54 bits, beyond that it has fewer.
Shared<u128> cut_exponential(Engine& engine, const Shared<u128>& x, int highest) {
  const int bits = std::min(f, 54 - highest);
  const auto argument = bits < f ? engine.truncate(x, f - bits) : x;
  return mpc::scale(exponential_saturated(engine, argument, highest, bits), u128{1} << (f - bits));
}

WorkingModel logit(Engine& engine, const ModelRecords& records, const ModelPlan& plan, const Shared<u128>& eta) {
  const auto p = logistic(engine, eta, f);
  return {.residual = mpc::subtract(mpc::scale(records.y, u128{1} << (f - plan.outcome_bits)), p),
          .weight = engine.multiply_truncate(p, mpc::subtract(whole(engine, p.size), p), f),
          .mean = p};
}

// y is 0 or 1: r = y (h(-eta) + h(eta)) - h(eta).
WorkingModel probit(Engine& engine, const ModelRecords& records, const Shared<u128>& eta) {
  const std::size_t n = records.rows;
  const std::array both{eta, mpc::negate(eta)};
  const auto h = normal_hazard(engine, mpc::concatenate(std::span<const Shared<u128>>(both)), f);
  const auto up = mpc::slice(h, 0, n), down = mpc::slice(h, n, n);
  return {.residual = mpc::subtract(engine.multiply(records.y, mpc::add(up, down)), up),
          .weight = engine.multiply_truncate(up, down, f),
          .mean = {}};
}

WorkingModel negative_binomial(Engine& engine, const ModelRecords& records, const Shared<u128>& eta,
                               const Shared<u128>& theta, const Shared<u128>& log_theta) {
  const std::size_t n = records.rows;
  const auto q = logistic(engine, mpc::subtract(mpc::tile(log_theta, n), eta), f);
  const auto weight = engine.multiply_truncate(mpc::subtract(whole(engine, n), q), mpc::tile(theta, n), f);
  return {.residual = mpc::subtract(engine.multiply(records.y, q), weight), .weight = weight, .mean = q};
}

// Sum of weight * ln(1 - p), from m = max(p, 1 - p): ln(1 - p) = ln m - (p > 1/2) eta.
Shared<u128> log_complement(Engine& engine, const ModelRecords& records, const ModelPlan& plan, const Shared<u128>& eta,
                            const Shared<u128>& p) {
  const std::size_t n = records.rows;
  const auto one = whole(engine, n);
  const auto large = engine.bit(mpc::subtract(constant_fill(engine, n, u128{1} << (f - 1)), p), 127);
  const std::array bits{large, large};
  const std::array moved{mpc::subtract(mpc::scale(p, u128{2}), one), eta};
  const auto kept = engine.keep_where(mpc::concatenate(std::span<const SharedBits>(bits)),
                                      mpc::concatenate(std::span<const Shared<u128>>(moved)));
  const auto larger = mpc::add(mpc::subtract(one, p), mpc::slice(kept, 0, n));
  const auto logarithm = natural_logarithm(engine, larger, f + 1, f, f);
  return weighted_sum(engine, records, plan, mpc::subtract(logarithm, mpc::slice(kept, n, n)));
}

}  // namespace

WorkingModel working_model(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                           const Shared<u128>& predictors, const Shared<u128>& theta, const Shared<u128>& log_theta) {
  switch (plan.family) {
    case Family::kLogit:
      return logit(engine, records, plan, predictors);
    case Family::kProbit:
      return probit(engine, records, predictors);
    case Family::kPoisson: {
      const auto mean = cut_exponential(engine, predictors, plan.highest);
      return {.residual = mpc::subtract(mpc::scale(records.y, u128{1} << (f - plan.outcome_bits)), mean),
              .weight = mean,
              .mean = mean};
    }
    case Family::kGamma: {
      const auto inverse = cut_exponential(engine, mpc::negate(predictors), plan.highest);
      const auto ratio = engine.multiply_truncate(records.y, inverse, plan.outcome_bits);
      return {.residual = mpc::subtract(ratio, whole(engine, records.rows)), .weight = {}, .mean = inverse};
    }
    case Family::kNegativeBinomial:
      return negative_binomial(engine, records, predictors, theta, log_theta);
    default:
      return link_model(engine, records, plan, predictors);
  }
}

Shared<u128> probabilities(Engine& engine, Family family, const Shared<u128>& predictors) {
  if (family == Family::kLogit) return logistic(engine, predictors, f);
  if (family != Family::kProbit) return link_probabilities(engine, family, predictors);
  // Q(-x) = h(x) / (h(x) + h(-x)), as phi is even.
  const std::size_t n = predictors.size;
  const std::array both{predictors, mpc::negate(predictors)};
  const auto h = normal_hazard(engine, mpc::concatenate(std::span<const Shared<u128>>(both)), f);
  const auto up = mpc::slice(h, 0, n);
  return divide(engine, up, mpc::add(up, mpc::slice(h, n, n)), 54, f);
}

Shared<u128> with_weights(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                          const Shared<u128>& values) {
  if (plan.weight_bits > 0) return engine.multiply_truncate(values, records.weight, plan.weight_bits);
  return engine.multiply(values, records.weight);
}

Shared<u128> weighted_sum(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                          const Shared<u128>& values) {
  if (plan.weight_bits > 0) return engine.dot_truncate(values, records.weight, values.size, plan.weight_bits);
  return engine.dot(values, records.weight, values.size);
}

Shared<u128> outcome_sum(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                         const Shared<u128>& values) {
  const auto y = plan.weighted ? engine.multiply(records.y, records.weight) : records.y;
  const int drop = plan.outcome_bits + (plan.weighted ? plan.weight_bits : 0);
  return drop > 0 ? engine.dot_truncate(values, y, values.size, drop) : engine.dot(values, y, values.size);
}

Shared<u128> deviance_part(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                           const Shared<u128>& predictors, const WorkingModel& model) {
  const auto minus_twice = [](const Shared<u128>& sum) { return mpc::scale(sum, static_cast<u128>(-2)); };
  switch (plan.family) {
    case Family::kLogit:
      return minus_twice(mpc::add(outcome_sum(engine, records, plan, predictors),
                                  log_complement(engine, records, plan, predictors, model.mean)));
    case Family::kPoisson:
      return minus_twice(mpc::subtract(outcome_sum(engine, records, plan, predictors),
                                       weighted_sum(engine, records, plan, model.mean)));
    case Family::kGamma:  // eta + y / mu - 1
      return mpc::scale(weighted_sum(engine, records, plan, mpc::add(predictors, model.residual)), u128{2});
    case Family::kProbit: {  // ln Q(-eta) where y = 1, ln Q(eta) where it is 0: Q((1 - 2 y) eta)
      const auto signed_eta = mpc::subtract(predictors, mpc::scale(engine.multiply(records.y, predictors), u128{2}));
      return minus_twice(weighted_sum(engine, records, plan, log_normal_tail(engine, signed_eta, f)));
    }
    default:
      return link_deviance_part(engine, records, plan, predictors, model);
  }
}

}  // namespace cohortium::oblivious
