#include "statistics/survival/fine_gray_sums.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/logarithm.h"
#include "oblivious/normalise.h"
#include "oblivious/prefix_product.h"
#include "statistics/survival/survival_counts.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;

constexpr int curve_bits = 56;
constexpr int inverse_bits = 36;
constexpr int hazard_bits = 60;
constexpr int sum_bits = 62;  // length of sums at risk

Shared<u128> join(const std::vector<Shared<u128>>& parts) { return concatenate(std::span(parts)); }

Shared<u128> from_here(const Shared<u128>& columns, std::size_t grid) {
  return reverse(prefix_sum_blocks(reverse(columns), grid));
}

// 1 / d with hazard_bits, d with moment_bits.
Shared<u128> inverse_of(mpc::Engine& engine, const Shared<u128>& d) {
  constexpr int mantissa_bits = 56;
  const Shared<u128> scale = oblivious::normalise(engine, d, sum_bits).scale;
  const Shared<u128> mantissa = engine.multiply_truncate(d, scale, sum_bits - mantissa_bits);
  const Shared<u128> inverse = oblivious::reciprocal_of_mantissa(engine, mantissa, mantissa_bits, 54);
  return engine.multiply_truncate(scale, inverse, sum_bits + mantissa_bits + 3 - moment_bits - hazard_bits);
}

// x_i x_k of columns of `grid` elements, for i <= k.
Shared<u128> products(mpc::Engine& engine, const Shared<u128>& x, const Shared<u128>& y, std::size_t grid, int drop) {
  std::vector<Shared<u128>> left, right;
  const std::size_t columns = x.size / grid;
  for (std::size_t j = 0; j < columns; ++j) {
    for (std::size_t k = j; k < columns; ++k) {
      left.push_back(slice(x, j * grid, grid));
      right.push_back(slice(y, k * grid, grid));
    }
  }
  return engine.multiply_truncate(join(left), join(right), drop);
}

}  // namespace

CensoringWeights censoring_weights(mpc::Engine& engine, const FineGraySize& size, const Shared<u128>& leaving) {
  const std::size_t grid = size.grid;
  CensoringWeights weights;
  weights.events = slice(leaving, kOfCause * grid, grid);
  const Shared<u128> censored = slice(leaving, kCensored * grid, grid);
  const Shared<u128> at_risk =
      from_here(add(add(weights.events, slice(leaving, kOfOther * grid, grid)), censored), grid);
  const Shared<u128> one = oblivious::constant_fill(engine, grid, u128{1});
  const Shared<u128> quotients =
      oblivious::divide(engine, join({censored, one}), tile(at_risk, 2), mpc::count_bits, curve_bits);
  weights.censored = slice(quotients, 0, grid);
  weights.per_person = slice(quotients, grid, grid);
  const Shared<u128> whole = scale(one, u128{1} << curve_bits);
  weights.staying = just_before(oblivious::prefix_product(engine, subtract(whole, weights.censored), grid, curve_bits),
                                grid, slice(whole, 0, 1));
  constexpr int input_bits = 50;
  weights.inverse = oblivious::reciprocal(
      engine, engine.truncate(weights.staying, curve_bits - input_bits), input_bits,
      oblivious::DivisionDomain{
          .denominator_bits = input_bits + 1, .quotient_bits = 20, .fraction_bits = inverse_bits});
  return weights;
}

FineGrayTerms fine_gray_terms(mpc::Engine& engine, const FineGraySize& size, const CensoringWeights& weights,
                              const Shared<u128>& moments, std::span<const double> beta) {
  const std::size_t grid = size.grid, d = size.columns, monomials = size.monomials(), all = monomials * grid;
  const auto at = [&](std::size_t leaving) { return slice(moments, size.place(leaving, 1, 0), all); };
  const Shared<u128> others = at(kOfOther);
  const Shared<u128> weighed = engine.multiply_truncate(others, tile(weights.inverse, monomials), inverse_bits);
  const Shared<u128> left = subtract(prefix_sum_blocks(weighed, grid), weighed);
  const Shared<u128> sums = add(from_here(add(add(at(kOfCause), others), at(kCensored)), grid),
                                engine.multiply_truncate(left, tile(weights.staying, monomials), curve_bits));
  const Shared<u128> at_risk = slice(sums, 0, grid), inverse = inverse_of(engine, at_risk);
  const Shared<u128> ratios = engine.multiply_truncate(slice(sums, grid, all - grid), tile(inverse, monomials - 1),
                                                       moment_bits + hazard_bits - score_bits);
  FineGrayTerms terms;
  terms.means = slice(ratios, 0, d * grid);
  terms.left = slice(left, 0, (1 + d) * grid);
  terms.hazard = engine.truncate(engine.multiply(weights.events, inverse), hazard_bits - score_bits);
  // The covariates of those with the event; the likelihood's public coefficients with 40 fraction bits.
  const Shared<u128> with_event = sum_blocks(slice(moments, size.place(kOfCause, 0, 1), d * grid), grid);
  const Shared<u128> squares = products(engine, terms.means, terms.means, grid, score_bits);
  const std::size_t pairs = squares.size / grid;
  const Shared<u128> spread = subtract(slice(ratios, d * grid, pairs * grid), squares);
  const Shared<u128> known = engine.truncate(at_risk, sum_bits - 54);
  const Shared<u128> logarithm =
      oblivious::natural_logarithm(engine, known, 54, moment_bits - (sum_bits - 54), likelihood_bits);
  const Shared<u128> summed =
      engine.dot(join({terms.means, spread, logarithm}), tile(weights.events, d + pairs + 1), grid);
  terms.score = subtract(scale(with_event, u128{1} << (score_bits - moment_bits)), slice(summed, 0, d));
  std::vector<std::size_t> places;
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t k = 0; k < d; ++k) places.push_back(d + size.product(std::min(j, k), std::max(j, k)) - 1 - d);
  }
  terms.information = gather(summed, places);
  std::vector<u128> factors;
  for (const double b : beta) factors.push_back(mpc::encode_fixed<u128>(b, moment_bits));
  const Shared<u128> predicted = engine.truncate(
      sum_blocks(multiply_public(with_event, std::span<const u128>(factors)), d), 2 * moment_bits - likelihood_bits);
  terms.likelihood = subtract(predicted, slice(summed, d + pairs, 1));
  const Shared<u128> most = oblivious::constant_fill(engine, 1, (u128{1} << sum_bits) - 1);
  terms.outside = engine.bit(subtract(most, slice(at_risk, 0, 1)), 127);
  return terms;
}

// A person's part of the score is (a - b e) x + c e + v, where a is 1 for an event of the cause, and b, c, v belong to the
// time and the way of leaving; its square needs the moments only.
Shared<u128> fine_gray_variance(mpc::Engine& engine, const FineGraySize& size, const CensoringWeights& weights,
                                const FineGrayTerms& terms, const Shared<u128>& moments) {
  const std::size_t grid = size.grid, d = size.columns, some = (1 + d) * grid;
  const auto times = [&](const Shared<u128>& x, const Shared<u128>& y, int drop) {
    return engine.multiply_truncate(x, y, drop);
  };
  // The hazard and its products with the means, then the same times G: 1 + d columns each.
  const Shared<u128> flow = join({terms.hazard, times(terms.means, tile(terms.hazard, d), score_bits)});
  const Shared<u128> weighed = times(flow, tile(weights.staying, 1 + d), curve_bits);
  const Shared<u128> past = prefix_sum_blocks(flow, grid);
  const Shared<u128> coming = from_here(weighed, grid);
  const Shared<u128> later = times(subtract(coming, weighed), tile(weights.inverse, 1 + d), inverse_bits);
  // How censoring at a point moves the score: left_j coming_0 - left_0 coming_j, per person at risk.
  const Shared<u128> first = slice(terms.left, 0, grid), others = slice(terms.left, grid, some - grid);
  const Shared<u128> crossed =
      times(join({others, tile(first, d)}), join({tile(slice(coming, 0, grid), d), slice(coming, grid, some - grid)}),
            moment_bits);
  const Shared<u128> moved = subtract(slice(crossed, 0, d * grid), slice(crossed, d * grid, d * grid));
  const Shared<u128> each = times(moved, tile(weights.per_person, d), curve_bits);
  const Shared<u128> drift = negate(prefix_sum_blocks(times(each, tile(weights.censored, d), curve_bits), grid));

  const Shared<u128> whole = oblivious::constant_fill(engine, grid, u128{1} << score_bits);
  std::vector<Shared<u128>> functions;  // per leaving: b, c_1 .. c_d, v_1 .. v_d
  for (std::size_t leaving = 0; leaving < kLeavings; ++leaving) {
    functions.push_back(leaving == kOfOther ? add(past, later) : past);
    functions.push_back(leaving == kOfCause    ? subtract(drift, terms.means)
                        : leaving == kCensored ? add(drift, each)
                                               : drift);
  }
  const std::size_t width = 1 + 2 * d;
  std::vector<Shared<u128>> squares;
  for (std::size_t leaving = 0; leaving < kLeavings; ++leaving) {
    const Shared<u128> own = join({functions[2 * leaving], functions[2 * leaving + 1]});
    squares.push_back(products(engine, own, own, grid, score_bits));
  }
  const auto square = [&](std::size_t leaving, std::size_t i, std::size_t k) {
    if (i > k) std::swap(i, k);
    return slice(squares[leaving], (i * width - i * (i + 1) / 2 + k) * grid, grid);
  };
  std::vector<Shared<u128>> left, right;
  const auto term = [&](const Shared<u128>& factor, std::size_t leaving, std::size_t power, std::size_t monomial) {
    left.push_back(factor);
    right.push_back(slice(moments, size.place(leaving, power, monomial), grid));
  };
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t k = j; k < d; ++k) {
      for (std::size_t leaving = 0; leaving < kLeavings; ++leaving) {
        const Shared<u128> none = subtract(whole, whole);
        const bool is_event = leaving == kOfCause;
        const Shared<u128> own = join({functions[2 * leaving], functions[2 * leaving + 1]});
        const auto function = [&](std::size_t i) { return slice(own, i * grid, grid); };
        const std::size_t both = size.product(j, k);
        term(is_event ? whole : none, leaving, 0, both);
        term(is_event ? scale(function(0), u128{0} - 2) : none, leaving, 1, both);
        term(square(leaving, 0, 0), leaving, 2, both);
        for (const auto& [x, y] : {std::pair(j, k), std::pair(k, j)}) {
          const Shared<u128> c = is_event ? function(1 + y) : none, v = is_event ? function(1 + d + y) : none;
          term(v, leaving, 0, 1 + x);
          term(subtract(c, square(leaving, 0, 1 + d + y)), leaving, 1, 1 + x);
          term(negate(square(leaving, 0, 1 + y)), leaving, 2, 1 + x);
        }
        term(square(leaving, 1 + d + j, 1 + d + k), leaving, 0, 0);
        term(add(square(leaving, 1 + j, 1 + d + k), square(leaving, 1 + k, 1 + d + j)), leaving, 1, 0);
        term(square(leaving, 1 + j, 1 + k), leaving, 2, 0);
      }
    }
  }
  const std::size_t pairs = d * (d + 1) / 2;
  return engine.dot_truncate(join(left), join(right), left.size() / pairs * grid, score_bits);
}

}  // namespace cohortium::statistics
