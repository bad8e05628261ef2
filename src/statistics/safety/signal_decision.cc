#include "statistics/safety/signal_decision.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "oblivious/compare.h"
#include "oblivious/fixed_point.h"
#include "oblivious/one_hot.h"
#include "oblivious/polynomial.h"
#include "oblivious/public_table.h"
#include "oblivious/square_root.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

constexpr std::size_t batch_size = 1 << 16;
constexpr int product_bits = 2 * report_bits + 21;  // of a threshold's two sides, and one more
constexpr u64 evans_reports = 3;
constexpr u128 evans_chi_square = 4;
constexpr int large_bits = 48;

// Elements times(0), times(1), … of some pairs, in one batch of products.
struct Batch {
  std::vector<std::size_t> drug, event;  // of each pair
  Shared<u128> together, of_drug, of_event, all;

  Batch(const SharedReports& reports, std::size_t from, std::size_t count)
      : drug(count), event(count), together(slice(reports.pairs, from, count)) {
    for (std::size_t i = 0; i < count; ++i) {
      drug[i] = (from + i) / reports.events;
      event[i] = (from + i) % reports.events;
    }
    of_drug = gather(reports.drug_totals, drug);
    of_event = gather(reports.event_totals, event);
    all = tile(reports.all, count);
  }
  std::size_t size() const { return drug.size(); }
  Shared<u128> without_event() const { return subtract(of_drug, together); }  // b
  Shared<u128> without_drug() const { return subtract(of_event, together); }  // c
  Shared<u128> neither() const { return subtract(subtract(all, of_drug), without_drug()); }
};

std::vector<Shared<u128>> multiply(mpc::Engine& engine, const std::vector<Shared<u128>>& x,
                                   const std::vector<Shared<u128>>& y) {
  const Shared<u128> products = engine.multiply(concatenate(std::span(x)), concatenate(std::span(y)));
  std::vector<Shared<u128>> out;
  for (std::size_t i = 0; i < x.size(); ++i) out.push_back(slice(products, i * x[0].size, x[0].size));
  return out;
}

SharedBits both(mpc::Engine& engine, const SharedBits& x, const SharedBits& y) { return engine.and_bits(x, y); }

SharedBits either(mpc::Engine& engine, const SharedBits& x, const SharedBits& y) {
  return engine.not_bits(engine.and_bits(engine.not_bits(x), engine.not_bits(y)));
}

// P(a) of a shrunken measure's boundary.
Shared<u128> boundary_factor(mpc::Engine& engine, const Shared<u128>& count, const ShrinkageBoundary& boundary) {
  constexpr int root_bits = 44, scale_bits = 30, bits = ShrinkageBoundary::fraction_bits;
  const std::size_t n = count.size;
  const auto ones = [&](u128 value) { return oblivious::constant_fill(engine, n, value); };
  // t = 2 sqrt(129 / (2 a + 1)) - 1; for small counts out of the polynomial's domain, whatever that gives is not taken.
  const Shared<u128> root =
      oblivious::inverse_square_root(engine, add(scale(count, u128{2}), ones(1)), report_bits + 1, root_bits);
  const double factor = 2 * std::sqrt(2 * (1 << ShrinkageBoundary::table_bits) + 1);
  const Shared<u128> t =
      subtract(engine.truncate(scale(root, static_cast<u128>(std::llround(std::ldexp(factor, scale_bits)))),
                               scale_bits + root_bits - bits),
               ones(u128{1} << bits));
  const Shared<u128> large = oblivious::polynomial(engine, t, boundary.coefficients, bits);
  const std::vector<SharedBits> planes = engine.to_bits(narrow(count), ShrinkageBoundary::table_bits);
  const std::vector<SharedBits> one_hot = oblivious::demultiplex(engine, planes);
  const std::vector<u128> table(boundary.table.begin(), boundary.table.end());
  const Shared<u128> looked_up =
      oblivious::read_table(engine, std::span<const SharedBits>(one_hot), std::span<const u128>(table), bits + 1);
  const SharedBits is_small =
      oblivious::less_than_public(engine, narrow(count), u64{1} << ShrinkageBoundary::table_bits, report_bits + 1);
  return oblivious::select(engine, is_small, looked_up, large);
}

// E <= H(a), as 2^(41 + shift) n_d n_e <= N (2 a + 1) P(a); where the shift is negative, the other side has it.
SharedBits reaches_shrunken(mpc::Engine& engine, const Batch& pairs, const ShrinkageBoundary& boundary) {
  const Shared<u128> factor = boundary_factor(engine, pairs.together, boundary);
  const auto one = oblivious::constant_fill(engine, pairs.size(), u128{1});
  const auto products =
      multiply(engine, {pairs.of_drug, add(scale(pairs.together, u128{2}), one)}, {pairs.of_event, pairs.all});
  const Shared<u128> limit = engine.multiply(products[1], factor);
  const int shift = ShrinkageBoundary::fraction_bits + 1 + boundary.shift;
  return engine.not_bits(engine.bit(subtract(limit, scale(products[0], u128{1} << shift)), 127));
}

// Whether each pair's measure reaches the threshold.
SharedBits reaches(mpc::Engine& engine, const Batch& pairs, const SignalCriterion& criterion) {
  const u128 p = criterion.numerator, q = criterion.denominator;
  if (criterion.rule == SignalRule::kShrunken) return reaches_shrunken(engine, pairs, criterion.boundary);
  if (criterion.rule == SignalRule::kRor) {
    const auto products =
        multiply(engine, {pairs.together, pairs.without_event()}, {pairs.neither(), pairs.without_drug()});
    return engine.not_bits(engine.bit(subtract(scale(products[0], q), scale(products[1], p)), product_bits));
  }
  // q a (N - n_d) - p n_d (n_e - a) = a (q (N - n_d) + p n_d) - p n_d n_e.
  const Shared<u128> others = subtract(pairs.all, pairs.of_drug);
  const Shared<u128> factor = add(scale(others, q), scale(pairs.of_drug, p));
  const bool evans = criterion.rule == SignalRule::kEvans;
  std::vector<Shared<u128>> x{pairs.together, pairs.of_drug}, y{factor, pairs.of_event};
  if (evans) {
    const Shared<u128> without = subtract(pairs.all, pairs.of_event);
    x.insert(x.end(), {pairs.together, pairs.of_drug, pairs.of_event});
    y.insert(y.end(), {pairs.all, others, without});
  }
  const auto products = multiply(engine, x, y);
  const SharedBits prr = engine.not_bits(engine.bit(subtract(products[0], scale(products[1], p)), product_bits));
  if (!evans) return prr;
  const Shared<u128> excess = subtract(scale(subtract(products[2], products[1]), u128{2}), pairs.all);  // X
  const auto squares = multiply(engine, {excess, products[3]}, {excess, products[4]});
  const Shared<u128> left = engine.multiply(squares[0], pairs.all);
  const SharedBits below = engine.bit(subtract(left, scale(squares[1], 4 * evans_chi_square)), 127);
  const std::vector<u64> large(pairs.size(), u64{1} << large_bits);
  const Shared<u64> narrow_excess = narrow(excess);
  const std::array<Shared<u64>, 2> signs{narrow_excess,
                                         subtract(narrow_excess, engine.constant(std::span<const u64>(large)))};
  const SharedBits negative = engine.bit(concatenate(std::span<const Shared<u64>>(signs)), 63);
  const std::size_t n = pairs.size();
  const SharedBits chi_square =
      both(engine, engine.not_bits(slice(negative, 0, n)), engine.not_bits(both(engine, below, slice(negative, n, n))));
  return both(engine, prr, chi_square);
}

// Whether the four counts of each pair may be shown, and suffice for the measure to be defined.
SharedBits may_show(mpc::Engine& engine, const Batch& pairs, const SignalCriterion& criterion, u64 minimum) {
  const std::size_t n = pairs.size();
  const bool evans = criterion.rule == SignalRule::kEvans, ror = criterion.rule == SignalRule::kRor;
  const bool shrunken = criterion.rule == SignalRule::kShrunken;
  std::vector<Shared<u64>> counts;
  std::vector<u64> least;
  auto at_least = [&](const Shared<u128>& count, u64 bound) {
    counts.push_back(narrow(count));
    least.insert(least.end(), n, bound);
  };
  at_least(pairs.together, evans ? std::max(minimum, evans_reports) : minimum);
  at_least(pairs.without_drug(), minimum);  // which is at least 1: without it neither PRR nor ROR is defined
  at_least(pairs.without_drug(), 1);
  at_least(pairs.without_event(), minimum);
  at_least(pairs.without_event(), 1);
  at_least(pairs.neither(), minimum);
  at_least(pairs.neither(), 1);
  const SharedBits below = oblivious::less_than(engine, concatenate(std::span<const Shared<u64>>(counts)),
                                                engine.constant(std::span<const u64>(least)), report_bits + 1);
  auto part = [&](std::size_t i) { return slice(below, i * n, n); };
  auto enough = [&](std::size_t i) { return engine.not_bits(part(i)); };
  auto none_or_enough = [&](std::size_t i) { return either(engine, enough(i), part(i + 1)); };
  SharedBits ok = both(engine, enough(0), shrunken ? none_or_enough(1) : enough(1));
  ok = both(engine, ok, ror ? enough(3) : none_or_enough(3));
  return both(engine, ok, none_or_enough(5));
}

// Whether 1 <= value < minimum, for signed values.
SharedBits is_few(mpc::Engine& engine, const Shared<u128>& value, u64 minimum) {
  const Shared<u64> narrowed = narrow(value);
  const std::array<Shared<u64>, 2> twice{narrowed, narrowed};
  std::vector<u64> bounds(2 * value.size, minimum);
  std::fill_n(bounds.begin(), value.size, 1);
  const SharedBits below = oblivious::less_than(engine, concatenate(std::span<const Shared<u64>>(twice)),
                                                engine.constant(std::span<const u64>(bounds)));
  return both(engine, engine.not_bits(slice(below, 0, value.size)), slice(below, value.size, value.size));
}

Shared<u128> sum_over_drugs(const Shared<u128>& pairs, std::size_t drugs, std::size_t events) {
  Shared<u128> sum = slice(pairs, 0, events);
  for (std::size_t d = 1; d < drugs; ++d) sum = add(sum, slice(pairs, d * events, events));
  return sum;
}

// What is not in any pair shown: N less the totals of those drugs (or events) that have a pair shown.
Shared<u128> outside(mpc::Engine& engine, const Shared<u128>& shown, const Shared<u128>& totals,
                     const Shared<u128>& all) {
  const std::vector<u64> ones(shown.size, 1);
  const SharedBits none = oblivious::less_than(engine, narrow(shown), engine.constant(std::span<const u64>(ones)));
  return subtract(all, sum_blocks(engine.keep_where(engine.not_bits(none), totals), totals.size));
}

}  // namespace

Shared<u128> shown_signals(mpc::Engine& engine, const SharedReports& reports, const SignalCriterion& criterion,
                           u64 minimum_cell) {
  const std::size_t n = reports.drugs * reports.events;
  COHORTIUM_CHECK(reports.pairs.size == n && n > 0);
  std::vector<Shared<u128>> parts;
  for (std::size_t from = 0; from < n; from += batch_size) {
    const Batch pairs(reports, from, std::min(batch_size, n - from));
    const SharedBits shown =
        both(engine, reaches(engine, pairs, criterion), may_show(engine, pairs, criterion, minimum_cell));
    parts.push_back(engine.keep_where(shown, pairs.together));
  }
  Shared<u128> shown = concatenate(std::span<const Shared<u128>>(parts));
  parts.clear();
  if (minimum_cell == 1) return shown;
  const SharedBits few_of_drug =
      is_few(engine, subtract(reports.drug_totals, sum_blocks(shown, reports.events)), minimum_cell);
  const SharedBits few_of_event = is_few(
      engine, subtract(reports.event_totals, sum_over_drugs(shown, reports.drugs, reports.events)), minimum_cell);
  for (std::size_t from = 0; from < n; from += batch_size) {
    const Batch pairs(reports, from, std::min(batch_size, n - from));
    const SharedBits ok = both(engine, engine.not_bits(gather(few_of_drug, pairs.drug)),
                               engine.not_bits(gather(few_of_event, pairs.event)));
    parts.push_back(engine.keep_where(ok, slice(shown, from, pairs.size())));
  }
  shown = concatenate(std::span<const Shared<u128>>(parts));
  const std::array<Shared<u128>, 2> remainders{
      outside(engine, sum_blocks(shown, reports.events), reports.drug_totals, reports.all),
      outside(engine, sum_over_drugs(shown, reports.drugs, reports.events), reports.event_totals, reports.all)};
  const SharedBits few = is_few(engine, concatenate(std::span<const Shared<u128>>(remainders)), minimum_cell);
  const SharedBits none_few = both(engine, engine.not_bits(slice(few, 0, 1)), engine.not_bits(slice(few, 1, 1)));
  return engine.keep_where(gather(none_few, std::vector<std::size_t>(n, 0)), shown);
}

}  // namespace cohortium::statistics
