#include "oblivious/subdistribution.h"

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/robust_covariance.h"

namespace cohortium::oblivious {
namespace {

constexpr int curve_bits = Censoring::curve_bits;
constexpr int count_bits = 28;
constexpr int x_bits = covariate_fraction_bits;
constexpr int risk_bits = predictor_fraction_bits;
constexpr int flow_bits = 52;     // of hazards and their products with means
constexpr int crossed_bits = 40;  // of products of sums over people and over events
constexpr int share_bits = 48;    // of what is said per person at risk

// How a person who is censored at a tie moves the score, at the tie's last row: left_j coming_0 - left_0 coming_j per person
// at risk, where `coming` holds the hazards from there on, times staying.
Shared<u128> moved_by_censoring(Engine& engine, const RiskSets& sets, const Shared<u128>& left,
                                const Shared<u128>& coming, const Shared<u128>& each) {
  const std::size_t n = sets.sorted.rows, d = sets.sorted.columns;
  const auto rest = [&](const Shared<u128>& columns) { return mpc::slice(columns, n, d * n); };
  const auto first = [&](const Shared<u128>& columns) { return mpc::tile(mpc::slice(columns, 0, n), d); };
  const auto pairs = transposed(join({rest(left), mpc::negate(first(left))}), d * n);
  const auto others = transposed(join({first(coming), rest(coming)}), d * n);
  const auto crossed = engine.dot_truncate(pairs, others, 2, risk_bits + flow_bits - crossed_bits);
  return engine.multiply_truncate(crossed, mpc::tile(each, d), crossed_bits + share_bits - x_bits);
}

}  // namespace

Censoring subdistribution(Engine& engine, RiskSets& sets) {
  const SurvivalRows& sorted = sets.sorted;
  const std::size_t n = sorted.rows;
  COHORTIUM_CHECK(sorted.competing.size == n && sets.ties == Ties::kBreslow);
  COHORTIUM_CHECK(sorted.strata == 1 && sorted.weight_fraction_bits == 0);
  const auto events = engine.ring<u128>().from_bit(mpc::exclusive_or(sorted.event, sorted.competing));
  Censoring result{.censored = mpc::subtract(sorted.weight, events), .each = {}, .share = {}};
  const auto at_ends =
      from_ends(engine, sets, join({running_sums(sorted.weight, n), running_sums(result.censored, n)}), 1);
  const auto people = mpc::slice(at_ends, 0, n);
  const auto quotients = divide(engine, join({mpc::slice(at_ends, n, n), constant_fill(engine, n, u128{1})}),
                                join({people, people}), count_bits, curve_bits);
  result.share = mpc::slice(quotients, 0, n);
  result.each = mpc::slice(quotients, n, n);
  sets.staying = engine.truncate(left_before(engine, sets, result.share, curve_bits), curve_bits - staying_bits);
  // Of n rows at least one is still followed, so G is at least 1 / n wherever there is a row.
  const int quotient_bits = static_cast<int>(std::bit_width(n)) + 1;
  sets.returning_bits = std::min(44, 56 - quotient_bits);
  const auto inverse = reciprocal(
      engine, sets.staying, staying_bits,
      DivisionDomain{
          .denominator_bits = staying_bits + 1, .quotient_bits = quotient_bits, .fraction_bits = sets.returning_bits});
  sets.returning = engine.keep_where(sorted.competing, inverse);
  return result;
}

// Beside its residual: what a row's own censoring, and that of others while it was at risk, does to the weights of those
// who returned.
Shared<u128> score_variance(Engine& engine, const RiskSets& sets, const Censoring& censoring, const RiskTerms& terms) {
  const SurvivalRows& rows = sets.sorted;
  const std::size_t n = rows.rows, d = rows.columns;
  const auto hazard = engine.truncate(terms.hazard, hazard_fraction_bits - flow_bits);
  const auto flow = join({hazard, engine.multiply_truncate(terms.means, mpc::tile(hazard, d), x_bits)});
  const auto coming = running_sums(engine.multiply_truncate(mpc::tile(sets.staying, d + 1), flow, staying_bits), n);
  const auto shares = engine.truncate(join({censoring.each, censoring.share}), curve_bits - share_bits);
  const auto moved = moved_by_censoring(engine, sets, terms.left, coming, mpc::slice(shares, 0, n));
  const auto drift = remaining_sums(
      keep_rows(engine, sets.ends, engine.multiply_truncate(moved, mpc::tile(mpc::slice(shares, n, n), d), share_bits)),
      n);
  const auto at_censorings = engine.multiply(mpc::tile(censoring.censored, d), from_ends(engine, sets, moved, d));
  const auto u = mpc::add(score_residuals(engine, sets, terms), mpc::subtract(at_censorings, drift));
  return engine.matrix_product_truncate(u, transposed(u, n), d, n, d, 2 * x_bits - information_fraction_bits);
}

}  // namespace cohortium::oblivious
