#include "oblivious/partial_likelihood.h"

#include <array>

#include "base/error.h"
#include "oblivious/boolean.h"
#include "oblivious/compare.h"
#include "oblivious/division.h"
#include "oblivious/exponential.h"
#include "oblivious/fixed_point.h"
#include "oblivious/logarithm.h"
#include "oblivious/normalise.h"

namespace cohortium::oblivious {
namespace {

constexpr int x_bits = covariate_fraction_bits;
constexpr int risk_bits = predictor_fraction_bits;
constexpr int sum_bits = 62;       // length of sums at risk
constexpr int mantissa_bits = 56;  // fraction bits of a normalised sum
constexpr int logarithm_drop = 8;  // natural_logarithm takes numbers of 54 bits
constexpr int smallest_sum = 20;   // sums at risk are at least 2^-20

// a times weights, which have `bits` fraction bits and may have none.
Shared<u128> weighed(Engine& engine, const Shared<u128>& weight, const Shared<u128>& a, int bits) {
  return bits == 0 ? engine.multiply(weight, a) : engine.multiply_truncate(weight, a, bits);
}

// 1 / d with hazard_fraction_bits, d with risk_bits: 1/d = scale w 2^(risk_bits - sum_bits - (mantissa_bits + 3)).
Shared<u128> inverse_of(Engine& engine, const Shared<u128>& d) {
  const auto scale = normalise(engine, d, sum_bits).scale;
  const auto mantissa = engine.multiply_truncate(d, scale, sum_bits - mantissa_bits);
  const auto w = reciprocal_of_mantissa(engine, mantissa, mantissa_bits, 54);
  return engine.multiply_truncate(scale, w, sum_bits + mantissa_bits + 3 - risk_bits - hazard_fraction_bits);
}

Shared<u128> predictors(Engine& engine, const RiskSets& sets, const Shared<u128>& beta) {
  const SurvivalRows& rows = sets.sorted;
  const auto product = engine.matrix_product_truncate(beta, rows.covariates, 1, rows.columns, rows.rows,
                                                      x_bits + coefficient_fraction_bits - predictor_fraction_bits);
  return rows.offset.size > 0 ? mpc::add(product, rows.offset) : product;
}

// e^predictor, the predictor held between both ends of what exponential takes.
Shared<u128> exponentials(Engine& engine, RiskTerms& terms) {
  constexpr ExponentialDomain domain{.lowest = risk_bits + 2, .highest = highest_exponent, .fraction_bits = risk_bits};
  const std::size_t n = terms.predictor.size;
  const auto lowest = constant_fill(engine, n, u128{0} - multiple_of_ln2(domain.lowest, risk_bits));
  const auto highest = constant_fill(engine, n, multiple_of_ln2(domain.highest, risk_bits));
  const auto above = mpc::subtract(highest, terms.predictor), below = mpc::subtract(lowest, terms.predictor);
  const auto beyond = engine.bit(join({above, mpc::negate(below)}), 127);
  const auto moves = engine.keep_where(beyond, join({above, below}));
  terms.too_high = mpc::slice(beyond, 0, n);
  const auto inside = mpc::add(terms.predictor, mpc::add(mpc::slice(moves, 0, n), mpc::slice(moves, n, n)));
  return exponential(engine, inside, domain);
}

}  // namespace

Shared<u128> hazards_after_return(Engine& engine, const RiskSets& sets, const Shared<u128>& hazards) {
  const std::size_t n = sets.sorted.rows, count = hazards.size / n;
  const auto weighed = engine.multiply_truncate(mpc::tile(sets.staying, count), hazards, staying_bits);
  const auto later = mpc::subtract(running_sums(weighed, n), weighed);
  return engine.multiply_truncate(mpc::tile(sets.returning, count), later, sets.returning_bits);
}

RiskTerms risk_terms(Engine& engine, const RiskSets& sets, const Shared<u128>& beta) {
  const SurvivalRows& rows = sets.sorted;
  const std::size_t n = rows.rows, d = rows.columns;
  COHORTIUM_CHECK(beta.size == d);
  RiskTerms terms;
  terms.predictor = predictors(engine, sets, beta);
  terms.risk = weighed(engine, rows.weight, exponentials(engine, terms), rows.weight_fraction_bits);
  const auto parts = join({terms.risk, engine.multiply_truncate(mpc::tile(terms.risk, d), rows.covariates, x_bits)});
  auto sums = sums_so_far(engine, sets, parts);
  if (sets.returning.size > 0) {
    const auto weighed = engine.multiply_truncate(mpc::tile(sets.returning, d + 1), parts, sets.returning_bits);
    terms.left = mpc::subtract(remaining_sums(weighed, n), weighed);
    sums = mpc::add(sums, engine.multiply_truncate(mpc::tile(sets.staying, d + 1), terms.left, staying_bits));
  }
  if (sets.ties == Ties::kEfron) {
    const auto tied = running_sums(keep_rows(engine, rows.event, parts), n);
    const auto both = from_ends(engine, sets, join({sums, tied}), d + 1);
    const auto leaving = engine.multiply_truncate(mpc::tile(sets.events_before, d + 1),
                                                  mpc::slice(both, sums.size, sums.size), tie_fraction_bits);
    sums = mpc::subtract(mpc::slice(both, 0, sums.size), leaving);
  }
  terms.at_risk = mpc::slice(sums, 0, n);
  const auto inverse = engine.keep_where(sets.term, inverse_of(engine, terms.at_risk));
  terms.hazard = weighed(engine, sets.term_weight, inverse, rows.weight_fraction_bits);
  terms.means = engine.multiply_truncate(mpc::slice(sums, n, d * n), mpc::tile(inverse, d),
                                         risk_bits + hazard_fraction_bits - x_bits);
  return terms;
}

Shared<u128> sums_while_at_risk(Engine& engine, const RiskSets& sets, const Shared<u128>& columns) {
  auto sums = sums_from_here(engine, sets, columns);
  if (sets.returning.size > 0) sums = mpc::add(sums, hazards_after_return(engine, sets, columns));
  if (sets.ties == Ties::kBreslow) return sums;
  const std::size_t n = sets.sorted.rows, count = columns.size / n;
  const auto absent = engine.multiply_truncate(mpc::tile(sets.events_before, count), columns, tie_fraction_bits);
  const auto known = from_starts(engine, sets, join({sums, remaining_sums(absent, n)}), count);
  const auto tied = keep_rows(engine, sets.sorted.event, mpc::slice(known, columns.size, columns.size));
  return mpc::subtract(mpc::slice(known, 0, columns.size), tied);
}

Shared<u128> expected_events(Engine& engine, const RiskSets& sets, const Shared<u128>& risk,
                             const Shared<u128>& hazard) {
  return engine.multiply_truncate(risk, sums_while_at_risk(engine, sets, hazard),
                                  risk_bits + hazard_fraction_bits - x_bits);
}

// X' diag(expected) X less M' diag(term_weight) M, as one matrix product.
Shared<u128> information_of(Engine& engine, const RiskSets& sets, const Shared<u128>& expected,
                            const Shared<u128>& term_weight, int weight_bits, const Shared<u128>& means) {
  const SurvivalRows& rows = sets.sorted;
  const std::size_t n = rows.rows, d = rows.columns;
  const auto first = engine.multiply_truncate(sets.covariate_rows, mpc::repeat(expected, d), x_bits);
  const auto second = weighed(engine, mpc::repeat(term_weight, d), transposed(means, n), weight_bits);
  std::vector<std::size_t> order;
  order.reserve(2 * n * d);
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t i = 0; i < n; ++i) order.push_back(j * n + i);
    for (std::size_t i = 0; i < n; ++i) order.push_back((d + j) * n + i);
  }
  return engine.matrix_product_truncate(mpc::gather(join({rows.covariates, means}), order),
                                        join({first, mpc::negate(second)}), d, 2 * n, d,
                                        2 * x_bits - information_fraction_bits);
}

PartialLikelihood partial_likelihood(Engine& engine, const RiskSets& sets, const RiskTerms& terms) {
  const SurvivalRows& rows = sets.sorted;
  const std::size_t n = rows.rows, d = rows.columns;
  const int w = rows.weight_fraction_bits;
  const auto expected = expected_events(engine, sets, terms.risk, terms.hazard);
  const auto residual = mpc::subtract(mpc::scale(sets.event_weight, u128{1} << (x_bits - w)), expected);
  PartialLikelihood result;
  result.gradient =
      engine.matrix_product_truncate(rows.covariates, residual, d, n, 1, 2 * x_bits - gradient_fraction_bits);
  result.information = information_of(engine, sets, expected, sets.term_weight, w, terms.means);

  constexpr int spare = predictor_fraction_bits - likelihood_fraction_bits;
  const auto known = engine.truncate(terms.at_risk, logarithm_drop);
  const auto logarithm = natural_logarithm(engine, known, 54, risk_bits - logarithm_drop, likelihood_fraction_bits);
  const auto terms_of_sum = join({terms.predictor, mpc::negate(mpc::scale(logarithm, u128{1} << spare))});
  result.log_likelihood =
      engine.dot_truncate(join({sets.event_weight, sets.term_weight}), terms_of_sum, 2 * n, spare + w);
  return result;
}

SharedBits any_too_high(Engine& engine, const RiskTerms& terms) {
  const auto count = mpc::sum_blocks(engine.ring<u64>().from_bit(terms.too_high), terms.too_high.size);
  return engine.not_bits(equal_zero(engine, count, 30));
}

// Rows that are no term are let pass.
SharedBits sums_outside(Engine& engine, const RiskSets& sets, const RiskTerms& terms) {
  const std::size_t n = sets.sorted.rows, k = sets.sorted.strata;
  const auto largest = constant_fill(engine, k, u128{1} << (sum_bits - 1));
  const auto least = constant_fill(engine, n, u128{1} << (risk_bits - smallest_sum));
  const auto small = engine.keep_where(sets.term, mpc::subtract(terms.at_risk, least));
  const auto signs = engine.bit(join({mpc::subtract(largest, stratum_sums(engine, sets, terms.risk)), small}), 127);
  const auto count = mpc::sum_blocks(engine.ring<u64>().from_bit(signs), n + k);
  return engine.not_bits(equal_zero(engine, count, 30));
}

}  // namespace cohortium::oblivious
