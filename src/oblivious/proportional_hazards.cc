#include "oblivious/proportional_hazards.h"

#include <array>

#include "base/error.h"
#include "oblivious/compare.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"

namespace cohortium::oblivious {
namespace {

constexpr int time_bits = 50;  // fraction bits of the function of time
constexpr int x_bits = covariate_fraction_bits;

// 1 for people, -1 where they enter, whatever they weigh.
Shared<u128> presence_of(Engine& engine, const SurvivalRows& rows) {
  if (rows.weight_fraction_bits == 0) return rows.weight;
  const auto negative = engine.bit(rows.weight, 127);
  const auto some = engine.not_bits(equal_zero(engine, rows.weight, 128));
  const auto both = std::array{some, negative};
  const auto numbers = engine.ring<u128>().from_bit(mpc::concatenate(std::span<const SharedBits>(both)));
  return mpc::subtract(mpc::slice(numbers, 0, rows.rows),
                       mpc::scale(mpc::slice(numbers, rows.rows, rows.rows), u128{2}));
}

// One minus the Kaplan-Meier estimate just before each row's time: the product over all earlier ties, each at its first
// row, of the rows behind. Of one stratum.
Shared<u128> one_minus_survival(Engine& engine, const RiskSets& sets) {
  const std::size_t n = sets.sorted.rows;
  const auto event = engine.ring<u128>().from_bit(sets.sorted.event);
  const auto at_ends = from_ends(engine, sets, join({running_sums(sets.sorted.weight, n), running_sums(event, n)}), 1);
  const auto known = keep_rows(engine, sets.starts, at_ends);
  const auto died = divide(engine, mpc::slice(known, n, n), mpc::slice(known, 0, n), 28, time_bits);
  return mpc::subtract(constant_fill(engine, n, u128{1} << time_bits), left_before(engine, sets, died, time_bits));
}

// With strata or weights, rows are sorted anew by their times alone, and each brings its value back.
Shared<u128> function_of_time(Engine& engine, const RiskSets& sets) {
  const SurvivalRows& rows = sets.sorted;
  if (rows.strata == 1 && rows.weight_fraction_bits == 0) return one_minus_survival(engine, sets);
  COHORTIUM_CHECK(rows.time_bits >= 1 && rows.time_bits <= rows.key_bits);
  SurvivalRows together{.rows = rows.rows, .columns = 1};
  together.key_bits = rows.time_bits;
  together.key = engine.ring<u64>().from_bits(engine.to_bits(rows.key, rows.time_bits));
  together.event = rows.event;
  together.weight = presence_of(engine, rows);
  together.covariates = constant_fill(engine, rows.rows, u128{0});
  const RiskSets all = risk_sets(engine, together, Ties::kBreslow);
  return apply(engine, inverse(all.order), one_minus_survival(engine, all));
}

}  // namespace

// With C the covariance of the coefficients and I_k the information with the k-th power of the function of time as
// weight: I_2 - I_1 C I_1.
ProportionalHazards proportional_hazards(Engine& engine, const RiskSets& sets, const CoxFit& fit) {
  const SurvivalRows& rows = sets.sorted;
  const std::size_t n = rows.rows, d = rows.columns;
  const int w = rows.weight_fraction_bits;
  const auto time = function_of_time(engine, sets);
  const auto of_events =
      engine.multiply_truncate(time, mpc::scale(sets.event_weight, u128{1} << (x_bits - w)), time_bits);
  const auto weight =
      w == 0 ? engine.multiply(time, sets.term_weight) : engine.multiply_truncate(time, sets.term_weight, w);
  const auto squares = engine.multiply_truncate(time, weight, time_bits);
  const auto hazards =
      engine.multiply_truncate(join({fit.terms.hazard, fit.terms.hazard}),
                               join({time, engine.multiply_truncate(time, time, time_bits)}), time_bits);
  const auto expected = expected_events(engine, sets, fit.terms.risk, mpc::slice(hazards, 0, n));
  const auto expected_squares = expected_events(engine, sets, fit.terms.risk, mpc::slice(hazards, n, n));
  const auto first = information_of(engine, sets, expected, weight, time_bits, fit.terms.means);
  const auto second = information_of(engine, sets, expected_squares, squares, time_bits, fit.terms.means);
  const auto part = engine.matrix_product_truncate(fit.covariance, first, d, d, d, covariance_fraction_bits);
  ProportionalHazards result;
  result.score = engine.matrix_product_truncate(rows.covariates, mpc::subtract(of_events, expected), d, n, 1,
                                                2 * x_bits - information_fraction_bits);
  result.information =
      mpc::subtract(second, engine.matrix_product_truncate(first, part, d, d, d, information_fraction_bits));
  return result;
}

}  // namespace cohortium::oblivious
