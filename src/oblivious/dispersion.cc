#include "oblivious/dispersion.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "oblivious/division.h"
#include "oblivious/exponential.h"
#include "oblivious/fixed_point.h"
#include "oblivious/logarithm.h"

namespace cohortium::oblivious {
namespace {

constexpr int f = model_bits;
constexpr int theta_bits = 40;  // inside: e^12.. with 40 fraction bits fits the exponential
constexpr int short_bits = 34;
constexpr int highest = 12;

// value < 0 ? -value : value
Shared<u128> size_of(Engine& engine, const Shared<u128>& value) {
  return mpc::add(value, engine.keep_where(engine.bit(value, 127), mpc::scale(mpc::negate(value), u128{2})));
}

// min(max(value, -1), 1)
Shared<u128> within_one(Engine& engine, const Shared<u128>& value) {
  const auto one = constant_fill(engine, value.size, u128{1} << f);
  const std::array distances{mpc::add(value, one), mpc::subtract(one, value)};  // negative outside
  const auto outside = engine.bit(mpc::concatenate(std::span<const Shared<u128>>(distances)), 127);
  const std::array moves{mpc::negate(distances[0]), distances[1]};
  const auto kept = engine.keep_where(outside, mpc::concatenate(std::span<const Shared<u128>>(moves)));
  return mpc::add(value, mpc::add(mpc::slice(kept, 0, value.size), mpc::slice(kept, value.size, value.size)));
}

// theta + j for j = 0 .. count - 1, theta_bits.
Shared<u128> steps_above(Engine& engine, const Shared<u128>& theta, int count) {
  std::vector<u128> numbers;
  for (int j = 0; j < count; ++j) numbers.push_back(static_cast<u128>(j) << theta_bits);
  return mpc::add(mpc::tile(theta, count), engine.constant(std::span<const u128>(numbers)));
}

// Sum of weights times values, one of them for each outcome exceeded; values with f fraction bits.
Shared<u128> exceeding_sum(Engine& engine, const Shared<u128>& exceeding, const Shared<u128>& values, int weight_bits) {
  return weight_bits > 0 ? engine.dot_truncate(exceeding, values, values.size, weight_bits)
                         : engine.dot(exceeding, values, values.size);
}

}  // namespace

Theta theta_at(Engine& engine, const Shared<u128>& logarithm) {
  const auto value = exponential_saturated(engine, engine.truncate(logarithm, f - theta_bits), highest, theta_bits);
  return {.value = mpc::scale(value, u128{1} << (f - theta_bits)), .logarithm = logarithm};
}

ThetaStep theta_step(Engine& engine, const ModelRecords& records, const ModelStart& start, const ModelPlan& plan,
                     const Shared<u128>& predictors, const WorkingModel& model, const Theta& theta, bool last) {
  const std::size_t n = records.rows;
  const int largest = plan.largest_outcome;
  COHORTIUM_CHECK(largest >= 1 && largest <= 4000 && plan.outcome_bits == 0);
  COHORTIUM_CHECK(start.exceeding.size == static_cast<std::size_t>(largest));
  const auto& q = model.mean;
  const auto one = constant_fill(engine, n, u128{1} << f);
  const auto rest = mpc::subtract(one, q);  // 1 - q
  const auto log_q = natural_logarithm(engine, q, f + 1, f, f);

  // s = sum N_j theta / (theta + j) + sum w (theta (ln q + 1 - q) - q y)
  const auto theta_short = engine.truncate(theta.value, f - theta_bits);
  const auto sums = steps_above(engine, theta_short, largest + 1);
  const auto ratios = mpc::scale(divide(engine, mpc::tile(theta_short, largest), mpc::slice(sums, 0, largest), 54, 40),
                                 u128{1} << (f - 40));
  const auto log_sum = weighted_sum(engine, records, plan, log_q);
  const auto rest_sum = weighted_sum(engine, records, plan, rest);
  const auto q_outcome = outcome_sum(engine, records, plan, q);
  // A sum over records is below 2^32, theta 2^12: their product needs the sum with fewer fraction bits.
  const auto times_theta = [&](const Shared<u128>& sum) {
    return engine.multiply_truncate(theta.value, engine.truncate(sum, f - short_bits), short_bits);
  };
  ThetaStep step;
  step.score = mpc::subtract(mpc::add(exceeding_sum(engine, start.exceeding, ratios, plan.weight_bits),
                                      times_theta(mpc::add(log_sum, rest_sum))),
                             q_outcome);
  // i = sum N_j (theta / (theta + j))^2 - sum w (theta (1 - q)^2 + q^2 y)
  const std::array pairs{rest, q};
  const auto both = mpc::concatenate(std::span<const Shared<u128>>(pairs));
  const auto squares = engine.multiply_truncate(both, both, f);
  const auto rest_squares = weighted_sum(engine, records, plan, mpc::slice(squares, 0, n));
  const auto q_squares = outcome_sum(engine, records, plan, mpc::slice(squares, n, n));
  const auto squared_ratios = engine.multiply_truncate(ratios, ratios, f);
  step.information = mpc::subtract(exceeding_sum(engine, start.exceeding, squared_ratios, plan.weight_bits),
                                   mpc::add(times_theta(rest_squares), q_squares));

  // Both below the total of the outcomes. A quotient that is too large for the division is cut at 1 all the same.
  const int drop = std::max(1, f + plan.total_bits + 2 - 54);
  const auto divisor = size_of(engine, mpc::subtract(step.information, step.score));
  const std::array quotient{step.score, divisor};
  const auto shorter = engine.truncate(mpc::concatenate(std::span<const Shared<u128>>(quotient)), drop);
  step.change = within_one(
      engine, mpc::scale(divide(engine, mpc::slice(shorter, 0, 1), mpc::slice(shorter, 1, 1),
                                DivisionDomain{.denominator_bits = 54, .quotient_bits = 20, .fraction_bits = 36}),
                         u128{1} << (f - 36)));
  if (!last) return step;

  // 2 ln L without ln y! = 2 (sum w ((theta + y) ln q - y ln theta + y eta) + sum N_j ln(theta + j))
  const auto logs = natural_logarithm(engine, sums, 54, theta_bits, f);
  const auto fitted =
      mpc::subtract(mpc::add(times_theta(log_sum), outcome_sum(engine, records, plan, log_q)),
                    outcome_sum(engine, records, plan, mpc::subtract(mpc::tile(theta.logarithm, n), predictors)));
  step.twice_log_likelihood = mpc::scale(
      mpc::add(fitted, exceeding_sum(engine, start.exceeding, mpc::slice(logs, 0, largest), plan.weight_bits)),
      u128{2});
  // Deviance = 2 sum w y ln y - 2 sum w (y + theta) ln(y + theta) + 2 theta n ln theta - 2 fitted; the numbers of each
  // outcome are differences of those exceeding it.
  const auto all = mpc::sum_blocks(records.weight, n);
  const std::array counts{all, start.exceeding}, next{start.exceeding, constant_fill(engine, 1, u128{0})};
  const auto numbers = mpc::subtract(mpc::concatenate(std::span<const Shared<u128>>(counts)),
                                     mpc::concatenate(std::span<const Shared<u128>>(next)));
  const auto terms = engine.multiply_truncate(sums, logs, theta_bits);  // (theta + y) ln(theta + y)
  const auto power = engine.multiply_truncate(theta.value, theta.logarithm, f);
  const auto own = exceeding_sum(engine, all, power, plan.weight_bits);
  const auto saturated = exceeding_sum(engine, numbers, terms, plan.weight_bits);
  step.deviance = mpc::add(start.saturated, mpc::scale(mpc::subtract(mpc::subtract(own, saturated), fitted), u128{2}));
  return step;
}

}  // namespace cohortium::oblivious
