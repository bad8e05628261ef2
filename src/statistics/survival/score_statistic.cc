#include "statistics/survival/score_statistic.h"

#include <array>
#include <cmath>

#include "mpc/outcome.h"
#include "oblivious/compare.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

constexpr int share_bits = 56;
constexpr u128 one = u128{1} << share_bits;
constexpr int smallest_variance_bits = 8;

Shared<u128> ones(mpc::Engine& engine, std::size_t count, u128 value = 1) {
  return oblivious::constant_fill(engine, count, value);
}

// x (1 - x), of shares.
Shared<u128> times_rest(mpc::Engine& engine, const Shared<u128>& x) {
  return engine.multiply_truncate(x, subtract(ones(engine, x.size, one), x), share_bits);
}

Shared<u128> first(const Shared<u128>& two) { return slice(two, 0, 1); }

}  // namespace

SharedScore log_rank_score(mpc::Engine& engine, const Shared<u128>& first_events, const Shared<u128>& events,
                           const Shared<u128>& first_at_risk, const Shared<u128>& at_risk) {
  const std::size_t n = events.size;
  // n1 / N and (N - D) / (N - 1). Where nobody has the event the latter may mean nothing; it is multiplied by 0 there.
  const std::array<Shared<u128>, 2> numerators{first_at_risk, subtract(at_risk, events)},
      denominators{at_risk, subtract(at_risk, ones(engine, n))};
  const Shared<u128> quotients =
      oblivious::divide(engine, concatenate(std::span<const Shared<u128>>(numerators)),
                        concatenate(std::span<const Shared<u128>>(denominators)), mpc::count_bits, share_bits);
  const Shared<u128> share = slice(quotients, 0, n);
  const Shared<u128> term = engine.multiply_truncate(times_rest(engine, share), slice(quotients, n, n), share_bits);
  const std::array<Shared<u128>, 2> factors{share, term};
  const Shared<u128> sums = engine.dot(tile(events, 2), concatenate(std::span<const Shared<u128>>(factors)), n);
  const Shared<u128> excess = subtract(scale(sum_blocks(first_events, n), one), slice(sums, 0, 1));
  return {engine.truncate(excess, share_bits - score_bits),
          engine.truncate(slice(sums, 1, 1), share_bits - score_variance_bits)};
}

SharedScore proportion_score(mpc::Engine& engine, const Shared<u128>& people, const Shared<u128>& with) {
  const Shared<u128> all = sum_blocks(people, 2), outcomes = sum_blocks(with, 2);
  const std::array<Shared<u128>, 2> numerators{first(people), outcomes};
  const Shared<u128> shares = oblivious::divide(engine, concatenate(std::span<const Shared<u128>>(numerators)),
                                                tile(all, 2), mpc::count_bits, share_bits);
  const Shared<u128> products = times_rest(engine, shares);
  const Shared<u128> both = engine.multiply_truncate(slice(products, 0, 1), slice(products, 1, 1), share_bits);
  const Shared<u128> excess = subtract(scale(first(with), one), engine.multiply(outcomes, slice(shares, 0, 1)));
  return {engine.truncate(excess, share_bits - score_bits),
          engine.truncate(engine.multiply(all, both), share_bits - score_variance_bits)};
}

SharedScore mean_score(mpc::Engine& engine, const Shared<u128>& people, const Shared<u128>& sums,
                       const Shared<u128>& squares) {
  constexpr int mean_bits = 31, weight_bits = 50;
  const Shared<u128> all = sum_blocks(people, 2), sum = sum_blocks(sums, 2);
  // n1 / N and 1 / (N - 1); with one person the latter means nothing, and the variance is 0.
  const std::array<Shared<u128>, 2> numerators{first(people), ones(engine, 1)},
      denominators{all, subtract(all, ones(engine, 1))};
  const Shared<u128> shares =
      oblivious::divide(engine, concatenate(std::span<const Shared<u128>>(numerators)),
                        concatenate(std::span<const Shared<u128>>(denominators)), mpc::count_bits, share_bits);
  const Shared<u128> mean = oblivious::divide(engine, sum, all, {mpc::count_bits, value_bits + 1, mean_bits});
  const Shared<u128> around = subtract(squares, engine.multiply_truncate(sum, mean, mean_bits));  // of 2 value_bits
  const Shared<u128> share = slice(shares, 0, 1);
  const Shared<u128> weight = engine.truncate(times_rest(engine, share), share_bits - weight_bits);
  const Shared<u128> spread =
      engine.multiply_truncate(weight, engine.truncate(around, 2 * value_bits - score_variance_bits), weight_bits);
  const Shared<u128> variance = add(spread, engine.multiply_truncate(spread, slice(shares, 1, 1), share_bits));
  const Shared<u128> excess = subtract(scale(first(sums), one), engine.multiply(sum, share));
  return {engine.truncate(excess, share_bits + value_bits - score_bits), variance};
}

mpc::SharedBits beyond(mpc::Engine& engine, const SharedScore& score, double bound) {
  constexpr int square_bits = 20;
  const auto squared = static_cast<u128>(std::llround(std::ldexp(bound * bound, square_bits)));
  const Shared<u128> left = scale(engine.multiply(score.score, score.score), u128{1} << square_bits);
  const u128 least = u128{1} << (score_variance_bits - smallest_variance_bits);
  const std::array<Shared<u128>, 2> differences{subtract(left, scale(score.variance, squared)),
                                                subtract(score.variance, ones(engine, 1, least))};
  const mpc::SharedBits negative = engine.bit(concatenate(std::span<const Shared<u128>>(differences)), 127);
  return engine.and_bits(engine.not_bits(slice(negative, 0, 1)), engine.not_bits(slice(negative, 1, 1)));
}

mpc::SharedBits is_negative(mpc::Engine& engine, const SharedScore& score) { return engine.bit(score.score, 127); }

}  // namespace cohortium::statistics
