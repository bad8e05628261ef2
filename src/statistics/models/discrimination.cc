#include "statistics/models/discrimination.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "oblivious/fixed_point.h"
#include "statistics/distributions.h"

namespace cohortium::statistics {

using mpc::Shared;
using mpc::u128;
using mpc::u64;

namespace {

// Predictors have 80 fraction bits and lie below 2^98. Moved above 0 they lie below 2^100; a row that does not count
// comes after all others.
constexpr int exact_bits = oblivious::covariate_bits + oblivious::model_bits, most_bits = 101, key_bits = 62;
static_assert(exact_bits == 80);

}  // namespace

RankedPredictions rank_predictions(mpc::Engine& engine, const oblivious::ModelRecords& records,
                                   const Shared<u128>& coefficients) {
  const std::size_t n = records.rows;
  std::vector<std::size_t> by_row;
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t column = 0; column < records.columns; ++column) by_row.push_back(column * n + row);
  }
  Shared<u128> predictor = engine.matrix_product(gather(records.x, by_row), coefficients, n, records.columns, 1);
  if (records.offset) predictor = add(predictor, scale(*records.offset, u128{1} << oblivious::covariate_bits));
  const Shared<u128> above = oblivious::constant_fill(engine, n, (u128{1} << 99) + (u128{1} << 100));
  const Shared<u128> moved = subtract(add(predictor, above), scale(records.weight, u128{1} << 100));
  const std::vector<mpc::SharedBits> planes = engine.to_bits(moved, most_bits);
  const Shared<u64> keys = engine.ring<u64>().from_bits(std::span(planes).subspan(most_bits - key_bits));
  return {.ranks = oblivious::tied_ranks(engine, keys, key_bits),
          .predictor = engine.truncate(predictor, oblivious::covariate_bits)};
}

Shared<u128> twice_rank_sum_of_events(mpc::Engine& engine, const oblivious::ModelRecords& records,
                                      const oblivious::TiedRanks& ranks) {
  const std::size_t n = records.rows;
  const std::vector<u64> ones(n, 1);
  const Shared<u64> twice =
      add(add(scale(ranks.before, u64{2}), ranks.ties), engine.constant(std::span<const u64>(ones)));
  return oblivious::widen(engine, engine.dot(twice, narrow(records.y), n), key_bits);
}

AreaUnderCurve area_under_curve(double twice_rank_sum, double events, double others, double confidence) {
  const double a = (twice_rank_sum / 2 - events * (events + 1) / 2) / (events * others);
  const double above_two = a / (2 - a), above_by_two = 2 * a * a / (1 + a);
  const double variance =
      (a * (1 - a) + (events - 1) * (above_two - a * a) + (others - 1) * (above_by_two - a * a)) / (events * others);
  const double error = std::sqrt(std::max(variance, 0.0)), quantile = normal_quantile(0.5 + confidence / 2);
  return {.area = a,
          .error = error,
          .lower = std::max(0.0, a - quantile * error),
          .upper = std::min(1.0, a + quantile * error)};
}

}  // namespace cohortium::statistics
