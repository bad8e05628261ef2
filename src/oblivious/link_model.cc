#include "oblivious/link_model.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/error.h"
#include "oblivious/division.h"
#include "oblivious/exponential.h"
#include "oblivious/fixed_point.h"
#include "oblivious/logarithm.h"
#include "oblivious/polynomial.h"

namespace cohortium::oblivious {
namespace {

constexpr int f = model_bits;
constexpr u128 one = u128{1} << f;
constexpr int cloglog_highest = 8;  // of e^eta
constexpr int odds_highest = 10;    // of 1 / (1 - mu)

using Sides = std::array<Shared<u128>, 2>;

Shared<u128> whole(Engine& engine, std::size_t n) { return constant_fill(engine, n, one); }

Shared<u128> both(const Sides& sides) { return mpc::concatenate(std::span<const Shared<u128>>(sides)); }

// x within its range.
Shared<u128> clipped(Engine& engine, const Shared<u128>& x, const PredictorRange& range) {
  const std::size_t n = x.size;
  Shared<u128> value = x;
  const auto cut_at = [&](const Shared<u128>& distance) {
    return engine.keep_where(engine.bit(distance, 127), distance);  // of what lies outside, how far
  };
  if (range.low) value = mpc::subtract(value, cut_at(mpc::subtract(value, constant_fill(engine, n, *range.low))));
  if (range.high) value = mpc::add(value, cut_at(mpc::subtract(constant_fill(engine, n, *range.high), value)));
  return value;
}

// For x from 2^-lowest to 2^highest; and back, with the two exchanged.
Shared<u128> reciprocal_within(Engine& engine, const Shared<u128>& x, int lowest, int highest) {
  const int bits = std::min(f, 53 - highest), result_bits = std::min(f, 55 - lowest);
  const auto argument = bits < f ? engine.truncate(x, f - bits) : x;
  const auto inverse = reciprocal(engine, argument, bits,
                                  {.denominator_bits = 54, .quotient_bits = lowest + 1, .fraction_bits = result_bits});
  return mpc::scale(inverse, u128{1} << (f - result_bits));
}

Shared<u128> logarithm_within(Engine& engine, const Shared<u128>& x, int highest) {
  const int bits = std::min(f, 53 - highest);
  return natural_logarithm(engine, bits < f ? engine.truncate(x, f - bits) : x, 54, bits, f);
}

// y with model_bits; y times values.
Shared<u128> outcome(const ModelRecords& records, const ModelPlan& plan) {
  return mpc::scale(records.y, u128{1} << (f - plan.outcome_bits));
}
Shared<u128> times_outcome(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                           const Shared<u128>& values) {
  if (plan.outcome_bits == 0) return engine.multiply(records.y, values);
  return engine.multiply_truncate(records.y, values, plan.outcome_bits);
}

Shared<u128> product(Engine& engine, const Shared<u128>& a, const Shared<u128>& b) {
  return engine.multiply_truncate(a, b, f);
}

// e^eta up to 2^highest.
Shared<u128> mean_of_log(Engine& engine, const Shared<u128>& eta, int highest) {
  return exponential_saturated(engine, eta, highest, f);
}

// m = e^eta, model_bits, and p = 1 - e^-m, complement_bits.
struct Complement {
  Shared<u128> rate, probability;
};
constexpr int complement_bits = 52;
Complement complement_of(Engine& engine, const Shared<u128>& eta) {
  const auto rate = mean_of_log(engine, eta, cloglog_highest);
  const auto longer = mpc::scale(mpc::negate(rate), u128{1} << (complement_bits - f));
  const auto survival = exponential_saturated(engine, longer, 0, complement_bits);
  const auto all = constant_fill(engine, eta.size, u128{1} << complement_bits);
  return {.rate = rate, .probability = mpc::subtract(all, survival)};
}

// G(m) - 1 - m / 2 = m^2/12 - m^4/720 + ... below 1/4, by powers of t = 4 m, 62 fraction bits.
Shared<u128> near_zero(Engine& engine, const Shared<u128>& m) {
  constexpr std::array<double, 11> series = {0,           0, 1.0 / 12,       0, -1.0 / 720,    0,
                                             1.0 / 30240, 0, -1.0 / 1209600, 0, 1.0 / 47900160};
  std::vector<std::int64_t> coefficients;
  double scale = 0x1p62;
  for (const double term : series) {
    coefficients.push_back(static_cast<std::int64_t>(term * scale));
    scale /= 4;
  }
  const auto curve = polynomial(engine, mpc::scale(m, u128{4}), coefficients, f);
  return mpc::add(curve, mpc::add(engine.truncate(m, 1), whole(engine, m.size)));
}

// G = m / (1 - e^-m): by its series below 1/4, where the quotient would lose digits.
WorkingModel cloglog(Engine& engine, const ModelRecords& records, const ModelPlan& plan, const Shared<u128>& eta) {
  const std::size_t n = records.rows;
  const Complement parts = complement_of(engine, eta);
  const auto& m = parts.rate;
  const auto quarter = constant_fill(engine, n, one / 4);
  const auto beyond = mpc::subtract(quarter, m);  // negative where m > 1/4
  const auto large = engine.bit(beyond, 127);
  const auto near = near_zero(engine, mpc::add(m, engine.keep_where(large, beyond)));
  const auto far = divide(engine, mpc::scale(m, u128{1} << (complement_bits - f)), parts.probability,
                          DivisionDomain{.denominator_bits = 53, .quotient_bits = 9, .fraction_bits = f});
  const auto g = mpc::add(near, engine.keep_where(large, mpc::subtract(far, near)));
  return {.residual = mpc::subtract(times_outcome(engine, records, plan, g), m),
          .weight = product(engine, m, mpc::subtract(g, m)),
          .mean = m};
}

WorkingModel log_binomial(Engine& engine, const ModelRecords& records, const ModelPlan& plan, const Shared<u128>& eta) {
  const auto mean = mean_of_log(engine, clipped(engine, eta, predictor_range(plan)), 0);
  const auto rest = mpc::subtract(whole(engine, records.rows), mean);
  const auto odds = reciprocal_within(engine, rest, odds_highest, 0);
  const auto weight = mpc::subtract(odds, whole(engine, records.rows));
  return {
      .residual = mpc::subtract(times_outcome(engine, records, plan, odds), weight), .weight = weight, .mean = mean};
}

WorkingModel gaussian_log(Engine& engine, const ModelRecords& records, const ModelPlan& plan, const Shared<u128>& eta) {
  const auto mean = mean_of_log(engine, eta, plan.highest);
  const auto off = mpc::subtract(outcome(records, plan), mean);
  const auto products = product(engine, both({off, mean}), mpc::tile(mean, 2));
  return {.residual = mpc::slice(products, 0, records.rows),
          .weight = mpc::slice(products, records.rows, records.rows),
          .mean = mean};
}

}  // namespace

PredictorRange predictor_range(const ModelPlan& plan) {
  const auto logarithm = [](int bits) { return static_cast<u128>(bits * 69) * one / 100; };  // just below ln 2 * bits
  switch (plan.family) {
    case Family::kPoisson:
    case Family::kGaussianLog:
      return {.high = logarithm(plan.highest)};
    case Family::kGamma:
      return {.low = -logarithm(plan.highest)};
    case Family::kCloglog:
      return {.high = logarithm(cloglog_highest), .high_without_event = true};
    case Family::kLogBinomial:
      return {.high = -(one >> odds_highest)};
    case Family::kPoissonIdentity:
    case Family::kPoissonSqrt:
    case Family::kGammaInverse:
    case Family::kGammaIdentity:
    case Family::kGaussianInverse:
      return {.low = one >> plan.lowest, .high = one << plan.highest};
    default:
      return {};
  }
}

WorkingModel link_model(Engine& engine, const ModelRecords& records, const ModelPlan& plan, const Shared<u128>& eta) {
  if (plan.family == Family::kCloglog) return cloglog(engine, records, plan, eta);
  if (plan.family == Family::kLogBinomial) return log_binomial(engine, records, plan, eta);
  if (plan.family == Family::kGaussianLog) return gaussian_log(engine, records, plan, eta);
  const auto y = outcome(records, plan);
  if (plan.family == Family::kGaussian) return {.residual = mpc::subtract(y, eta), .weight = {}, .mean = eta};

  COHORTIUM_CHECK(plan.lowest <= 11 && plan.highest <= 14);
  const auto x = clipped(engine, eta, predictor_range(plan));
  const auto v = reciprocal_within(engine, x, plan.lowest, plan.highest);
  switch (plan.family) {
    case Family::kPoissonIdentity:
      return {.residual = mpc::subtract(times_outcome(engine, records, plan, v), whole(engine, records.rows)),
              .weight = v,
              .mean = x};
    case Family::kPoissonSqrt:
      return {.residual = mpc::scale(mpc::subtract(times_outcome(engine, records, plan, v), x), u128{2}),
              .weight = {},
              .mean = product(engine, x, x)};
    case Family::kGammaInverse:
      return {.residual = mpc::subtract(v, y), .weight = product(engine, v, v), .mean = v};
    case Family::kGammaIdentity: {
      const auto square = product(engine, v, v);
      return {.residual = mpc::subtract(product(engine, y, square), v), .weight = square, .mean = x};
    }
    case Family::kGaussianInverse: {
      const auto square = product(engine, v, v);
      const auto products = product(engine, both({mpc::subtract(v, y), square}), mpc::tile(square, 2));
      return {.residual = mpc::slice(products, 0, records.rows),
              .weight = mpc::slice(products, records.rows, records.rows),
              .mean = v};
    }
    default:
      COHORTIUM_CHECK(false);
  }
}

Shared<u128> pearson_sum(Engine& engine, const ModelRecords& records, const ModelPlan& plan, const Shared<u128>& eta,
                         const WorkingModel& model) {
  Shared<u128> off = model.residual;  // y / mu - 1
  if (plan.family == Family::kGammaIdentity) off = product(engine, off, model.mean);
  if (plan.family == Family::kGammaInverse) off = product(engine, mpc::negate(off), eta);
  return weighted_sum(engine, records, plan, product(engine, off, off));
}

Shared<u128> link_deviance_part(Engine& engine, const ModelRecords& records, const ModelPlan& plan,
                                const Shared<u128>& eta, const WorkingModel& model) {
  const auto minus_twice = [](const Shared<u128>& sum) { return mpc::scale(sum, static_cast<u128>(-2)); };
  const auto of_outcome = [&](const Shared<u128>& values) { return outcome_sum(engine, records, plan, values); };
  const auto of_all = [&](const Shared<u128>& values) { return weighted_sum(engine, records, plan, values); };
  switch (plan.family) {
    case Family::kCloglog: {  // y ln p - (1 - y) m
      const auto probability = complement_of(engine, eta).probability;
      const auto logarithm = natural_logarithm(engine, probability, 53, complement_bits, f);
      return minus_twice(mpc::subtract(of_outcome(mpc::add(logarithm, model.mean)), of_all(model.mean)));
    }
    case Family::kLogBinomial: {  // y eta + (1 - y) ln(1 - mu)
      const auto rest = natural_logarithm(engine, mpc::subtract(whole(engine, records.rows), model.mean), f + 1, f, f);
      return minus_twice(mpc::add(of_outcome(mpc::subtract(eta, rest)), of_all(rest)));
    }
    case Family::kPoissonIdentity:
    case Family::kPoissonSqrt: {
      const auto logarithm =
          plan.family == Family::kPoissonIdentity
              ? logarithm_within(engine, model.mean, plan.highest)
              : mpc::scale(logarithm_within(engine, clipped(engine, eta, predictor_range(plan)), plan.highest),
                           u128{2});
      return minus_twice(mpc::subtract(of_outcome(logarithm), of_all(model.mean)));
    }
    case Family::kGammaInverse:  // ln mu + y / mu - 1
    case Family::kGammaIdentity: {
      const bool inverse = plan.family == Family::kGammaInverse;
      const auto off =
          inverse ? product(engine, mpc::negate(model.residual), eta) : product(engine, model.residual, model.mean);
      const auto logarithm = logarithm_within(engine, model.mean, inverse ? plan.lowest : plan.highest);
      return mpc::scale(of_all(mpc::add(logarithm, off)), u128{2});
    }
    case Family::kGaussian:
    case Family::kGaussianLog:
    case Family::kGaussianInverse: {
      const auto off = mpc::subtract(outcome(records, plan), model.mean);
      return of_all(product(engine, off, off));
    }
    default:
      COHORTIUM_CHECK(false);
  }
}

Shared<u128> link_probabilities(Engine& engine, Family family, const Shared<u128>& predictors) {
  if (family == Family::kCloglog)
    return engine.truncate(complement_of(engine, predictors).probability, complement_bits - f);
  COHORTIUM_CHECK(family == Family::kLogBinomial);
  return mean_of_log(engine, predictors, 0);
}

}  // namespace cohortium::oblivious
