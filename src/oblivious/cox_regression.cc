#include "oblivious/cox_regression.h"

#include <array>
#include <bit>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/linear_algebra.h"
#include "oblivious/normalise.h"

namespace cohortium::oblivious {
namespace {

constexpr int mean_bits = 20;          // fraction bits of means: any centre will do
constexpr int diagonal_bits = 62;      // length of the information's diagonal
constexpr int score_bits = 12;         // a gradient is below 2^12 standard deviations of its own
constexpr int least_information = 12;  // at the start: 2^-12

constexpr PositiveDefiniteDomain information_domain{.diagonal_bits = diagonal_bits,
                                                    .fraction_bits = information_fraction_bits};
constexpr RightSide gradient_side{
    .fraction_bits = gradient_fraction_bits,
    .right_bits = (diagonal_bits - information_fraction_bits) / 2 + gradient_fraction_bits + score_bits,
    .solution_bits = coefficient_fraction_bits};

// Diagonals of at least least_information, where the equations are scaled by 2^((62 - 40 + 12) / 2) at most.
constexpr RightSide identity_side{.fraction_bits = 0,
                                  .right_bits = (diagonal_bits - information_fraction_bits + least_information) / 2 + 1,
                                  .solution_bits = covariance_fraction_bits};

SharedMatrix identity(Engine& engine, std::size_t d) {
  std::vector<u128> elements(d * d);
  for (std::size_t i = 0; i < d; ++i) elements[i * d + i] = 1;
  return {.elements = engine.constant(std::span<const u128>(elements)), .rows = d, .columns = d};
}

SharedMatrix square(const Shared<u128>& elements, std::size_t d) {
  return {.elements = elements, .rows = d, .columns = d};
}

SharedBits negative(Engine& engine, const Shared<u128>& a) { return engine.bit(a, 127); }

SharedBits any(Engine& engine, const SharedBits& bits) {
  std::vector<SharedBits> planes;
  for (std::size_t i = 0; i < bits.size; ++i) planes.push_back(mpc::slice(bits, i, 1));
  return or_all(engine, std::move(planes));
}

SharedBits either(Engine& engine, const SharedBits& a, const SharedBits& b) { return or_all(engine, {a, b}); }

Shared<u128> choose(Engine& engine, const SharedBits& bit, const Shared<u128>& a, const Shared<u128>& b) {
  const std::vector<SharedBits> each(a.size, bit);
  return select(engine, mpc::concatenate(std::span<const SharedBits>(each)), a, b);
}

Shared<u128> diagonal_of(const Shared<u128>& matrix, std::size_t d) {
  std::vector<std::size_t> places;
  for (std::size_t j = 0; j < d; ++j) places.push_back(j * d + j);
  return mpc::gather(matrix, places);
}

// 1 where `now` lies below `before` by more than 2^-30 of it. Logarithms of likelihoods are below 0.
SharedBits falls(Engine& engine, const Shared<u128>& now, const Shared<u128>& before) {
  return negative(engine, mpc::subtract(mpc::scale(mpc::subtract(now, before), u128{1} << 30), before));
}

// 1 where it rises by more than that.
SharedBits rises(Engine& engine, const Shared<u128>& now, const Shared<u128>& before) {
  return negative(engine, mpc::negate(mpc::add(mpc::scale(mpc::subtract(now, before), u128{1} << 30), now)));
}

// Where a step s is large beside its coefficient b: s^2 > 2^-30 b^2 + 2^-40, with 2 coefficient_fraction_bits.
SharedBits still_moving(Engine& engine, const Shared<u128>& step, const Shared<u128>& beta) {
  const auto squares = engine.multiply(join({step, beta}), join({step, beta}));
  const std::size_t d = step.size;
  const auto small = constant_fill(engine, d, u128{1} << (2 * coefficient_fraction_bits - 40));
  const auto bound = mpc::add(engine.truncate(mpc::slice(squares, d, d), 30), small);
  return any(engine, negative(engine, mpc::subtract(bound, mpc::slice(squares, 0, d))));
}

// Where Newton's method stands: at `beta` the last evaluation, at `best` the best one so far.
struct State {
  Shared<u128> beta, best, best_likelihood;
};

void advance(Engine& engine, State& state, const PartialLikelihood& now, const SharedBits& refused,
             const Shared<u128>& step) {
  const std::size_t d = state.beta.size;
  const auto halved = engine.truncate(mpc::add(state.beta, state.best), 1);
  const auto chosen = choose(engine, refused, join({halved, state.best, state.best_likelihood}),
                             join({mpc::add(state.beta, step), state.beta, now.log_likelihood}));
  state = {.beta = mpc::slice(chosen, 0, d),
           .best = mpc::slice(chosen, d, d),
           .best_likelihood = mpc::slice(chosen, 2 * d, 1)};
}

void finish(Engine& engine, CoxFit& fit, const PartialLikelihood& last, const State& state, const SharedBits& refused) {
  const std::size_t d = state.beta.size;
  const Solution inverted =
      solve(engine, square(last.information, d), identity(engine, d), information_domain, identity_side);
  const auto step =
      engine.matrix_product_truncate(inverted.x.elements, last.gradient, d, d, 1,
                                     covariance_fraction_bits + gradient_fraction_bits - coefficient_fraction_bits);
  fit.covariance = inverted.x.elements;
  fit.coefficients = mpc::add(state.beta, step);
  fit.likelihood = last.log_likelihood;
  fit.singular = either(engine, fit.singular, inverted.singular);
  fit.not_converged = either(engine, refused, rises(engine, last.log_likelihood, state.best_likelihood));
  fit.separated = still_moving(engine, step, fit.coefficients);
}

}  // namespace

Standardised standardised(Engine& engine, const Shared<u128>& covariates, const Shared<u128>& counts) {
  const std::size_t n = counts.size, d = covariates.size / n;
  const int row_bits = static_cast<int>(std::bit_width(n));
  const auto sums = engine.truncate(mpc::sum_blocks(covariates, n), input_fraction_bits - mean_bits);
  const auto people = mpc::repeat(mpc::sum_blocks(counts, n), d);
  const auto means = mpc::scale(
      divide(engine, sums, people,
             DivisionDomain{.denominator_bits = row_bits, .quotient_bits = mean_bits + 1, .fraction_bits = 1}),
      u128{1} << (input_fraction_bits - mean_bits - 1));
  const auto centred = mpc::subtract(covariates, engine.multiply(mpc::repeat(means, n), mpc::tile(counts, d)));
  // The standard deviation is at most half the range, 1; t = 2^s brings their sum into [2^(row_bits - 2), 2^row_bits).
  const int bits = 58, fraction = bits - row_bits;
  const auto squares = engine.dot_truncate(centred, centred, n, 2 * input_fraction_bits - fraction);
  const auto top = normalise(engine, squares, bits).top_bit;
  std::vector<SharedBits> planes;
  for (int place = bits - 1; place >= 0; place -= 2) {
    planes.push_back(place > 0 ? mpc::exclusive_or(top[place], top[place - 1]) : top[place]);
  }
  Standardised result;
  result.means = means;
  result.scaling = engine.ring<u128>().from_bits(planes);
  result.covariates =
      engine.multiply_truncate(centred, mpc::repeat(result.scaling, n), input_fraction_bits - covariate_fraction_bits);
  return result;
}

CoxFit cox_regression(Engine& engine, const RiskSets& sets, int steps) {
  COHORTIUM_CHECK(steps >= 2);
  const std::size_t d = sets.sorted.columns;
  State state{
      .beta = constant_fill(engine, d, u128{0}), .best = constant_fill(engine, d, u128{0}), .best_likelihood = {}};
  CoxFit fit;
  for (int step = 0; step < steps; ++step) {
    fit.terms = risk_terms(engine, sets, state.beta);
    const PartialLikelihood now = partial_likelihood(engine, sets, fit.terms);
    SharedBits refused = any_too_high(engine, fit.terms);
    if (step > 0) refused = either(engine, refused, falls(engine, now.log_likelihood, state.best_likelihood));
    if (step + 1 == steps) {
      finish(engine, fit, now, state, refused);
      break;
    }
    const Solution change =
        solve(engine, square(now.information, d), {.elements = now.gradient, .rows = d, .columns = 1},
              information_domain, gradient_side);
    if (step == 0) {
      const auto least = constant_fill(engine, d, u128{1} << (information_fraction_bits - least_information));
      const auto small = any(engine, negative(engine, mpc::subtract(diagonal_of(now.information, d), least)));
      fit.singular = either(engine, change.singular, small);
      fit.null_likelihood = now.log_likelihood;
      fit.score_test =
          engine.dot_truncate(change.x.elements, now.gradient, d,
                              coefficient_fraction_bits + gradient_fraction_bits - likelihood_fraction_bits);
      state.best_likelihood = now.log_likelihood;
    }
    advance(engine, state, now, refused, change.x.elements);
  }
  fit.outside = either(engine, any_too_high(engine, fit.terms), sums_outside(engine, sets, fit.terms));
  return fit;
}

Shared<u128> sandwich(Engine& engine, const CoxFit& fit, const Shared<u128>& variance) {
  const std::size_t d = fit.coefficients.size;
  const auto half = engine.matrix_product_truncate(fit.covariance, variance, d, d, d, information_fraction_bits);
  return engine.matrix_product_truncate(half, fit.covariance, d, d, d, covariance_fraction_bits);
}

void scale_back(Engine& engine, CoxFit& fit, const Shared<u128>& scaling) {
  const std::size_t d = scaling.size;
  const auto factors = engine.multiply(mpc::repeat(scaling, d), mpc::tile(scaling, d));
  std::vector<Shared<u128>> values{fit.coefficients, fit.covariance}, scales{scaling, factors};
  if (fit.robust.size > 0) {
    values.push_back(fit.robust);
    scales.push_back(factors);
  }
  const auto scaled = engine.multiply(mpc::concatenate(std::span<const Shared<u128>>(values)),
                                      mpc::concatenate(std::span<const Shared<u128>>(scales)));
  fit.coefficients = mpc::slice(scaled, 0, d);
  fit.covariance = mpc::slice(scaled, d, d * d);
  if (fit.robust.size > 0) fit.robust = mpc::slice(scaled, d + d * d, d * d);
}

}  // namespace cohortium::oblivious
