#include "oblivious/concordance.h"

#include <array>
#include <bit>

#include "base/error.h"
#include "oblivious/division.h"
#include "oblivious/fixed_point.h"
#include "oblivious/sort.h"

namespace cohortium::oblivious {
namespace {

constexpr int four_shares_bits = concordance_bits - 2;  // fraction bits of four times the share

// Rows by predictor, with their places in the first order as bits.
struct Sequence {
  std::vector<SharedBits> place;        // plane j: bit j
  Shared<u128> weight, event, counted;  // weight for those who are outlived or not; 1 for an event; pairs so far
};

// Stretches of rows whose places differ in the low `bits` bits alone.
std::vector<std::size_t> stretches(std::size_t rows, int bits) {
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < rows; at += std::size_t{1} << bits) starts.push_back(at);
  starts.push_back(rows);
  return starts;
}

// Sums of the rows before each one in its stretch, or of those behind it.
template <RingWord W>
Shared<W> others(const Shared<W>& a, const std::vector<std::size_t>& starts, bool before) {
  std::vector<Shared<W>> parts;
  for (std::size_t s = 0; s + 1 < starts.size(); ++s) {
    const auto part = mpc::slice(a, starts[s], starts[s + 1] - starts[s]);
    const auto so_far = mpc::prefix_sum_blocks(part, part.size);
    parts.push_back(before ? mpc::subtract(so_far, part)
                           : mpc::subtract(mpc::repeat(mpc::sum_blocks(part, part.size), part.size), so_far));
  }
  return mpc::concatenate(std::span<const Shared<W>>(parts));
}

// Where each row goes when its stretch is split by `bit`: zeros first, in their order.
Shared<u64> destinations(Engine& engine, const Shared<u64>& bit, const std::vector<std::size_t>& starts,
                         std::size_t half) {
  const std::size_t n = bit.size;
  const auto ones_before = others(bit, starts, true);
  std::vector<u64> from(n), row(n), behind(n);
  for (std::size_t s = 0; s + 1 < starts.size(); ++s) {
    for (std::size_t i = starts[s]; i < starts[s + 1]; ++i) {
      row[i] = i;
      behind[i] = std::min(starts[s] + half, starts[s + 1]);
    }
  }
  const auto zero_place = mpc::subtract(engine.constant(std::span<const u64>(row)), ones_before);
  const auto one_place = mpc::add(engine.constant(std::span<const u64>(behind)), ones_before);
  return mpc::add(zero_place, engine.multiply(bit, mpc::subtract(one_place, zero_place)));
}

// For each row the sum of w_p e_q over the pairs it is in, as p or q, with p before q in the first order and in the
// sequence. Rows come out in the first order.
Shared<u128> pairs_in_both_orders(Engine& engine, Sequence sequence) {
  const std::size_t n = sequence.weight.size;
  for (int level = static_cast<int>(sequence.place.size()) - 1; level >= 0; --level) {
    const auto starts = stretches(n, level + 1);
    const SharedBits& second = sequence.place[level];
    const auto upper = keep_rows(engine, second, join({sequence.weight, sequence.event}));
    const auto weight = mpc::subtract(sequence.weight, mpc::slice(upper, 0, n)), event = mpc::slice(upper, n, n);
    const auto pairs =
        engine.multiply(join({event, weight}), join({others(weight, starts, true), others(event, starts, false)}));
    const auto counted = mpc::add(sequence.counted, mpc::add(mpc::slice(pairs, 0, n), mpc::slice(pairs, n, n)));
    const auto bit = engine.ring<u64>().from_bit(second);
    const Rearrangement split = from_destinations(engine, destinations(engine, bit, starts, std::size_t{1} << level));
    const Columns moved = apply(engine, split,
                                {.words = {},
                                 .wide = {sequence.weight, sequence.event, counted},
                                 .bits = {sequence.place.begin(), sequence.place.begin() + level}});
    sequence = {.place = moved.bits, .weight = moved.wide[0], .event = moved.wide[1], .counted = moved.wide[2]};
  }
  return sequence.counted;
}

struct Observed {
  Shared<u64> key, event, predictor, stratum;
  Shared<u128> weight, wide_event;
  int key_bits = 0;
};

// One of the two counts per row: pairs that are equal in the predictor, and events of one time, all counted or all not.
Shared<u128> count(Engine& engine, const Observed& rows, bool with_ties) {
  const std::size_t n = rows.key.size;
  const int value_bits = predictor_length - predictor_drop, stratum_bits = 6;
  const int place_bits = std::max(static_cast<int>(std::bit_width(n - 1)), 1);
  // Who is at risk when an event happens stands before it.
  const std::array<SortKey, 3> by_time{SortKey{.values = rows.key, .bits = rows.key_bits},
                                       SortKey{.values = rows.event, .bits = 1},
                                       SortKey{.values = rows.predictor, .bits = value_bits, .descending = !with_ties}};
  const Rearrangement first = sort_order(engine, by_time);
  const Columns sorted = apply(
      engine, first, {.words = {rows.predictor, rows.stratum}, .wide = {rows.weight, rows.wide_event}, .bits = {}});
  const auto place = row_numbers<u64>(engine, n);
  const std::array<SortKey, 3> by_predictor{SortKey{.values = sorted.words[1], .bits = stratum_bits},
                                            SortKey{.values = sorted.words[0], .bits = value_bits},
                                            SortKey{.values = place, .bits = place_bits, .descending = !with_ties}};
  const Columns sequence = apply(engine, sort_order(engine, by_predictor),
                                 {.words = {place}, .wide = {sorted.wide[0], sorted.wide[1]}, .bits = {}});
  const auto counted = pairs_in_both_orders(engine, {.place = engine.to_bits(sequence.words[0], place_bits),
                                                     .weight = sequence.wide[0],
                                                     .event = sequence.wide[1],
                                                     .counted = constant_fill(engine, n, u128{0})});
  return apply(engine, inverse(first), counted);
}

// Pairs that rows are in, and what `count` has too much of the concordant ones, fourfold: other events of the same time
// by half, rows of earlier strata and events of later ones. Rows as given.
Columns pairs_of_rows(Engine& engine, const RiskSets& sets) {
  const std::size_t n = sets.sorted.rows;
  const auto event = engine.ring<u128>().from_bit(sets.sorted.event);
  const auto &weight = sets.sorted.weight, at_risk = sums_so_far(engine, sets, weight);
  const auto events_from_here = sums_from_here(engine, sets, event);
  const auto at_ends = from_ends(engine, sets, join({at_risk, running_sums(event, n)}), 1);
  const auto tied = mpc::slice(at_ends, n, n);
  const auto happened = from_starts(engine, sets, events_from_here, 1);
  const auto products =
      engine.multiply(mpc::tile(join({event, weight}), 2),
                      join({mpc::subtract(mpc::slice(at_ends, 0, n), mpc::scale(tied, u128{2})), happened,
                            mpc::add(mpc::subtract(tied, constant_fill(engine, n, u128{1})),
                                     mpc::scale(mpc::subtract(running_sums(weight, n), at_risk), u128{2})),
                            mpc::scale(mpc::subtract(remaining_sums(event, n), events_from_here), u128{2})}));
  const auto part = [&](std::size_t index) { return mpc::slice(products, index * n, n); };
  return apply(
      engine, inverse(sets.order),
      {.words = {}, .wide = {mpc::add(part(0), part(1)), mpc::scale(mpc::add(part(2), part(3)), u128{2})}, .bits = {}});
}

}  // namespace

// The stratum comes first in both orders, so that rows of earlier strata are counted with every event and can be taken
// off.
ConcordantPairs concordant_pairs(Engine& engine, const RiskSets& sets, const SurvivalRows& rows,
                                 const Shared<u128>& predictor, std::size_t copies) {
  const std::size_t n = rows.rows, people = n / copies;
  COHORTIUM_CHECK(rows.weight_fraction_bits == 0 && predictor.size == n && n >= 1);
  COHORTIUM_CHECK((copies == 1 || copies == 2) && n % copies == 0);
  const auto shifted = mpc::add(predictor, constant_fill(engine, n, u128{1} << (predictor_length - 1)));
  const std::vector<SharedBits> planes = engine.to_bits(shifted, predictor_length);
  Shared<u64> stratum = constant_fill(engine, n, u64{0});
  for (std::size_t s = 1; s < rows.strata; ++s)
    stratum = mpc::add(stratum, mpc::scale(mpc::narrow(mpc::slice(rows.stratum, s * n, n)), u64{s}));
  const auto event = engine.ring<u128>().from_bit(rows.event);
  const Observed observed{.key = rows.key,
                          .event = mpc::narrow(event),
                          .predictor = engine.ring<u64>().from_bits(std::span(planes).subspan(predictor_drop)),
                          .stratum = stratum,
                          .weight = rows.weight,
                          .wide_event = event,
                          .key_bits = rows.key_bits};
  const auto counts = mpc::add(count(engine, observed, true), count(engine, observed, false));
  const Columns known = pairs_of_rows(engine, sets);
  const auto of_people = [&](const Shared<u128>& of_rows) {
    return copies == 1 ? of_rows : mpc::add(mpc::slice(of_rows, 0, people), mpc::slice(of_rows, people, people));
  };
  return {.fourfold = of_people(mpc::subtract(mpc::scale(counts, u128{2}), known.wide[1])),
          .pairs = of_people(known.wide[0])};
}

// With f_i and p_i of a person, 4C = sum f_i / sum p_i and 4 variance = sum (f_i - 4C p_i)^2 / (sum p_i)^2.
Concordance concordance(Engine& engine, const ConcordantPairs& counts) {
  const std::size_t n = counts.pairs.size;
  const int bits = static_cast<int>(std::bit_width(n));
  constexpr int divisor_bits = 54;
  COHORTIUM_CHECK(2 * bits <= divisor_bits);
  const auto pairs = mpc::sum_blocks(counts.pairs, n);
  Concordance result;
  result.share =
      divide(engine, mpc::sum_blocks(counts.fourfold, n), pairs,
             DivisionDomain{.denominator_bits = divisor_bits, .quotient_bits = 3, .fraction_bits = four_shares_bits});
  // A person's difference is below 2^(2 + bits), the sum of their squares below 2^(4 + 3 bits).
  const int fraction = std::min(four_shares_bits - 4, (121 - 3 * bits) / 2);
  const auto differences = engine.truncate(mpc::subtract(mpc::scale(counts.fourfold, u128{1} << four_shares_bits),
                                                         engine.multiply(mpc::repeat(result.share, n), counts.pairs)),
                                           four_shares_bits - fraction);
  // Divided twice by the number of pairs, which is brought to divisor_bits; that is below 2^(4 + bits) times 2^spare,
  // then below 2^(bits + 2) times 2^(52 - bits).
  const int spare = divisor_bits - 2 * bits;
  const auto divisor = mpc::scale(pairs, u128{1} << spare);
  const auto squares = engine.dot_truncate(differences, differences, n, 2 * fraction - spare);
  const auto once =
      divide(engine, squares, divisor,
             DivisionDomain{.denominator_bits = divisor_bits, .quotient_bits = bits + 4, .fraction_bits = 52 - bits});
  result.variance =
      divide(engine, once, divisor,
             DivisionDomain{.denominator_bits = divisor_bits, .quotient_bits = bits + 2, .fraction_bits = 54 - bits});
  return result;
}

}  // namespace cohortium::oblivious
