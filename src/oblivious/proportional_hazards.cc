#include "oblivious/proportional_hazards.h"

#include "base/error.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/prefix_product.h"

namespace cohortium::oblivious {
namespace {

constexpr int time_bits = 50;  // fraction bits of the function of time
constexpr int x_bits = covariate_fraction_bits;

// One minus the Kaplan-Meier estimate just before each row's time: the product over all earlier ties, each at its first
// row, of the rows behind.
Shared<u128> function_of_time(Engine& engine, const RiskSets& sets) {
  const std::size_t n = sets.sorted.rows;
  const auto event = engine.ring<u128>().from_bit(sets.sorted.event);
  const auto at_ends = from_ends(engine, sets, join({running_sums(sets.sorted.weight, n), running_sums(event, n)}), 1);
  const auto known = keep_rows(engine, sets.starts, at_ends);
  const auto died = divide(engine, mpc::slice(known, n, n), mpc::slice(known, 0, n), 28, time_bits);
  const auto one = constant_fill(engine, n, u128{1} << time_bits);
  const auto factors = mpc::subtract(one, engine.keep_where(sets.starts, died));
  const auto products = prefix_product(engine, mpc::reverse(factors), n, time_bits);
  const auto before = n == 1 ? mpc::slice(one, 0, 1) : join({mpc::slice(one, 0, 1), mpc::slice(products, 0, n - 1)});
  return mpc::subtract(one, mpc::reverse(before));
}

}  // namespace

// With C the covariance of the coefficients and I_k the information with the k-th power of the function of time as
// weight: I_2 - I_1 C I_1.
ProportionalHazards proportional_hazards(Engine& engine, const RiskSets& sets, const CoxFit& fit) {
  const SurvivalRows& rows = sets.sorted;
  const std::size_t n = rows.rows, d = rows.columns;
  COHORTIUM_CHECK(rows.strata == 1 && rows.weight_fraction_bits == 0);
  const auto time = function_of_time(engine, sets);
  const auto of_events = engine.multiply_truncate(time, mpc::scale(sets.event_weight, u128{1} << x_bits), time_bits);
  const auto weight = engine.multiply(time, sets.term_weight);
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
