#include "statistics/trials/between_sites.h"

#include <array>
#include <vector>

#include "oblivious/compare.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"

namespace cohortium::statistics {
namespace {

using mpc::Engine;
using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;

constexpr std::size_t sites = mpc::maximum_sites;
constexpr int part_bits = 50;  // of p and of all sums of a step
constexpr int factor_bits = 44;
constexpr int farthest_bits = 5;            // a step is at most 2^5 times Fisher's
constexpr double largest_between = 512;     // tau^2
constexpr int least_information_bits = 24;  // D is at least 2^-24
constexpr oblivious::DivisionDomain of_weights{54, 21, weight_bits};

using Parts = std::vector<Shared<u128>>;

Shared<u128> joined(const Parts& parts) { return mpc::concatenate(std::span<const Shared<u128>>(parts)); }

// Products of a[i] and b[i], each with part_bits.
Parts products(Engine& engine, const Parts& a, const Parts& b) {
  const Shared<u128> all = engine.multiply_truncate(joined(a), joined(b), part_bits);
  Parts out;
  std::size_t from = 0;
  for (const Shared<u128>& part : a) {
    out.push_back(slice(all, from, part.size));
    from += part.size;
  }
  return out;
}

// What the score and its slope are made of, one element each.
struct Sums {
  Shared<u128> variance;                        // M
  Shared<u128> spread, remainder, information;  // S, E, D
  Shared<u128> curvature;                       // U
};

// `y` with part_bits around some centre.
Sums sums_at(Engine& engine, const SharedEstimates& estimates, const Shared<u128>& y, const Shared<u128>& between) {
  const Shared<u128> weights = random_effects_weights(engine, estimates, between);
  const Shared<u128> total = engine.truncate(sum_blocks(weights, sites), weight_bits - short_bits);
  const oblivious::DivisionDomain of_parts{54, weight_bits - short_bits + 1, part_bits - (weight_bits - short_bits)};
  Shared<u128> p = oblivious::divide(engine, weights, repeat(total, sites), of_parts);
  // The sum of weights is short: what p's sum is off by is taken off each.
  const Shared<u128> twice = oblivious::constant_fill(engine, 1, u128{2} << part_bits);
  p = engine.multiply_truncate(p, repeat(subtract(twice, sum_blocks(p, sites)), sites), part_bits);
  const Shared<u128> r = subtract(y, repeat(engine.dot_truncate(p, y, sites, part_bits), sites));
  const Parts squares = products(engine, {p, r}, {p, r});
  const Shared<u128>&p2 = squares[0], &r2 = squares[1];
  const Shared<u128> t = scale(add(estimates.variance, repeat(between, sites)), u128{1} << (part_bits - variance_bits));
  const Shared<u128> dots =
      engine.dot_truncate(tile(p2, 4), joined({r2, t, p, r}), sites, part_bits);  // S, M, sum p^3, sum p^2 r
  const Shared<u128> p3 = engine.multiply_truncate(p2, p, part_bits);
  const Shared<u128> one = oblivious::constant_fill(engine, 1, u128{1} << part_bits), q2 = sum_blocks(p2, sites),
                     slope = slice(dots, 3, 1);
  const Parts of_squares = products(engine, {q2, slope}, {q2, slope});
  return {.variance = slice(dots, 1, 1),
          .spread = slice(dots, 0, 1),
          .remainder = subtract(one, q2),
          .information = add(subtract(q2, scale(slice(dots, 2, 1), u128{2})), of_squares[0]),
          .curvature = subtract(engine.dot_truncate(p3, r2, sites, part_bits), of_squares[1])};
}

// S - M E over D, times how much farther than Fisher's step Newton's for M E / S is. With variance_bits.
//
// Where sites agree, S is 0 but for truncation's units, and what M E / S says is noise: one quarter of M E is far from both.
Shared<u128> step_from(Engine& engine, const Sums& at) {
  const Parts of = products(engine, {at.variance, at.remainder, at.spread},
                            {at.remainder, at.curvature, at.information});  // M E, E U, S D
  const Shared<u128> score = subtract(at.spread, of[0]), slope = subtract(scale(of[1], u128{2}), of[2]);
  const SharedBits signs = engine.bit(
      joined({subtract(scale(slope, u128{1} << farthest_bits), of[2]), subtract(scale(at.spread, u128{4}), of[0])}),
      127);
  const SharedBits near = engine.not_bits(signs);
  const SharedBits too_far = engine.not_bits(engine.and_bits(slice(near, 0, 1), slice(near, 1, 1)));
  // Both below 2^9, so that with six bits fewer they are denominators.
  const Shared<u128> shorter = engine.truncate(joined({of[2], slope}), 6);
  const Shared<u128> ones = oblivious::constant_fill(engine, 2, u128{1} << factor_bits);
  const SharedBits twice[] = {too_far, too_far};
  const Shared<u128> factor =
      oblivious::select(engine, mpc::concatenate(std::span<const SharedBits>(twice)), ones, shorter);
  const Shared<u128> quotients =
      oblivious::divide(engine, joined({score, slice(factor, 0, 1)}), joined({at.information, slice(factor, 1, 1)}),
                        {54, 11, factor_bits});
  static_assert(factor_bits == variance_bits);
  return engine.multiply_truncate(slice(quotients, 0, 1), slice(quotients, 1, 1), factor_bits);
}

// x, but at least 0 and at most largest_between.
Shared<u128> within_range(Engine& engine, const Shared<u128>& x) {
  const Shared<u128> largest = oblivious::constant_fill(engine, 1, static_cast<u128>(largest_between) << variance_bits);
  const SharedBits signs = engine.bit(joined({x, subtract(x, largest)}), 127);
  const SharedBits positive = engine.not_bits(slice(signs, 0, 1)), low = slice(signs, 1, 1);
  return engine.keep_where(positive, oblivious::select(engine, low, x, largest));
}

}  // namespace

Shared<u128> random_effects_weights(Engine& engine, const SharedEstimates& estimates, const Shared<u128>& between) {
  return engine.multiply(estimates.here, oblivious::reciprocal(engine, add(estimates.variance, repeat(between, sites)),
                                                               variance_bits, of_weights));
}

MomentEstimate moment_estimate(Engine& engine, const SharedWeightSums& sums) {
  const auto shorter = [&](const Shared<u128>& x) { return engine.truncate(x, sum_bits - short_bits); };
  const Shared<u128> weights = shorter(sums.weights);
  const oblivious::DivisionDomain of_mean{54, 5, mean_bits}, of_tau{54, 10, variance_bits};
  const Shared<u128> mean = oblivious::divide(engine, shorter(sums.products), weights, of_mean);
  const Shared<u128> ratio = oblivious::divide(engine, shorter(sums.squares), weights, of_weights);
  const Shared<u128> inner =
      subtract(scale(sums.products, u128{2}), engine.multiply_truncate(mean, sums.weights, mean_bits));
  const Shared<u128> q = subtract(sums.square_products, engine.multiply_truncate(mean, inner, mean_bits));
  const Shared<u128> one = oblivious::constant_fill(engine, sums.sites.size, u128{1});
  const Shared<u128> excess = subtract(q, scale(subtract(sums.sites, one), u128{1} << sum_bits));
  const Shared<u128> denominator = shorter(subtract(sums.weights, scale(ratio, u128{1} << (sum_bits - weight_bits))));
  // Masked behind the division: the quotient of a 0 may be off by units, where tau^2 is to be 0 exactly. It is never below
  // -256, as (k - 1) is at most the largest variance times the denominator.
  const Shared<u128> quotient = oblivious::divide(engine, shorter(excess), denominator, of_tau);
  return {mean, q, engine.keep_where(engine.not_bits(engine.bit(excess, 127)), quotient)};
}

LikelihoodEstimate restricted_likelihood_estimate(Engine& engine, const SharedEstimates& estimates,
                                                  const MomentEstimate& start, int steps) {
  const Shared<u128> y =
      engine.multiply(estimates.here, subtract(scale(estimates.value, u128{1} << (part_bits - estimate_bits)),
                                               repeat(scale(start.mean, u128{1} << (part_bits - mean_bits)), sites)));
  Shared<u128> between = within_range(engine, start.variance), change, variance, information;
  for (int step = 0; step < steps; ++step) {
    const Sums at = sums_at(engine, estimates, y, between);
    const Shared<u128> next = within_range(engine, add(between, step_from(engine, at)));
    change = subtract(next, between);
    between = next, variance = at.variance, information = at.information;
  }
  // All times 2^26: the last step is to be below 4 tau^2 + M.
  const Shared<u128> longest = add(scale(between, u128{4} << (part_bits - variance_bits)), variance);
  const Shared<u128> length = scale(change, u128{1} << (26 + part_bits - variance_bits));
  const Shared<u128> least = oblivious::constant_fill(engine, 1, u128{1} << (part_bits - least_information_bits));
  const SharedBits fine = engine.bit(
      joined({subtract(length, longest), subtract(negate(length), longest), subtract(least, information)}), 127);
  const SharedBits short_step = engine.and_bits(slice(fine, 0, 1), slice(fine, 1, 1));
  return {between, engine.not_bits(engine.and_bits(short_step, slice(fine, 2, 1)))};
}

}  // namespace cohortium::statistics
