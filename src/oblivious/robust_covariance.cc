#include "oblivious/robust_covariance.h"

#include "base/error.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"

namespace cohortium::oblivious {
namespace {

constexpr int x_bits = covariate_fraction_bits;
constexpr int moment_bits = 48;  // fraction bits of hazards times means
constexpr int row_count_bits = 27;

// At events the mean at risk, by Efron that of the tie's terms, times the event's weight; 0 elsewhere.
Shared<u128> means_at_events(Engine& engine, const RiskSets& sets, const Shared<u128>& means) {
  const SurvivalRows& rows = sets.sorted;
  const std::size_t n = rows.rows, d = rows.columns;
  const int w = rows.weight_fraction_bits;
  Shared<u128> of_tie;
  if (sets.ties == Ties::kBreslow) {
    of_tie = from_ends(engine, sets, means, d);
  } else {
    const auto event = engine.ring<u128>().from_bit(rows.event);
    const auto sums = from_ends(engine, sets, running_sums(join({event, keep_rows(engine, sets.term, means)}), n), 0);
    const auto share =
        divide(engine, event, mpc::slice(sums, 0, n), row_count_bits, tie_fraction_bits);  // one over the tie's events
    of_tie = engine.multiply_truncate(mpc::slice(sums, n, d * n), mpc::tile(share, d), tie_fraction_bits);
  }
  const auto weights = mpc::tile(sets.event_weight, d);
  return w == 0 ? engine.multiply(weights, of_tie) : engine.multiply_truncate(weights, of_tie, w);
}

}  // namespace

Shared<u128> score_residuals(Engine& engine, const RiskSets& sets, const RiskTerms& terms) {
  const SurvivalRows& rows = sets.sorted;
  const std::size_t d = rows.columns;
  const auto expected = expected_events(engine, sets, terms.risk, terms.hazard);
  const auto left =
      mpc::subtract(mpc::scale(sets.event_weight, u128{1} << (x_bits - rows.weight_fraction_bits)), expected);
  const auto moments =
      engine.multiply_truncate(mpc::tile(terms.hazard, d), terms.means, hazard_fraction_bits + x_bits - moment_bits);
  const auto seen = engine.multiply_truncate(mpc::tile(terms.risk, d), sums_while_at_risk(engine, sets, moments),
                                             predictor_fraction_bits + moment_bits - x_bits);
  const auto own = engine.multiply_truncate(mpc::tile(left, d), rows.covariates, x_bits);
  return mpc::subtract(mpc::add(own, seen), means_at_events(engine, sets, terms.means));
}

Shared<u128> robust_covariance(Engine& engine, const RiskSets& sets, const CoxFit& fit, std::size_t copies) {
  const std::size_t n = sets.sorted.rows, d = sets.sorted.columns, people = n / copies;
  COHORTIUM_CHECK((copies == 1 || copies == 2) && n % copies == 0 && fit.covariance.size == d * d);
  auto scores = score_residuals(engine, sets, fit.terms);
  if (copies == 2) {
    std::vector<Shared<u128>> columns;
    for (std::size_t j = 0; j < d; ++j) columns.push_back(mpc::slice(scores, j * n, n));
    const Columns given = apply(engine, inverse(sets.order), {.words = {}, .wide = std::move(columns), .bits = {}});
    std::vector<Shared<u128>> sums;
    for (const auto& column : given.wide)
      sums.push_back(mpc::add(mpc::slice(column, 0, people), mpc::slice(column, people, people)));
    scores = mpc::concatenate(std::span<const Shared<u128>>(sums));
  }
  return sandwich(engine, fit,
                  engine.matrix_product_truncate(scores, transposed(scores, people), d, people, d,
                                                 2 * x_bits - information_fraction_bits));
}

}  // namespace cohortium::oblivious
