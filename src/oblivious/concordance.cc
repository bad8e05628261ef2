#include "oblivious/concordance.h"

#include <array>
#include <bit>

#include "base/error.h"
#include "oblivious/fixed_point.h"
#include "oblivious/sort.h"

namespace cohortium::oblivious {
namespace {

// Rows by predictor, with their places in the first order as bits.
struct Sequence {
  std::vector<SharedBits> place;  // plane j: bit j
  Shared<u64> weight, event;      // weight for those who are outlived or not, event: 1 for an event
};

// Stretches of rows whose places differ in the low `bits` bits alone.
std::vector<std::size_t> stretches(std::size_t rows, int bits) {
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < rows; at += std::size_t{1} << bits) starts.push_back(at);
  starts.push_back(rows);
  return starts;
}

Shared<u64> joined(const std::vector<Shared<u64>>& parts) {
  return mpc::concatenate(std::span<const Shared<u64>>(parts));
}

// Sums of the rows before each one in its stretch.
Shared<u64> before(const Shared<u64>& a, const std::vector<std::size_t>& starts) {
  std::vector<Shared<u64>> parts;
  for (std::size_t s = 0; s + 1 < starts.size(); ++s) {
    const auto part = mpc::slice(a, starts[s], starts[s + 1] - starts[s]);
    parts.push_back(mpc::subtract(mpc::prefix_sum_blocks(part, part.size), part));
  }
  return joined(parts);
}

// Where each row goes when its stretch is split by `bit`: zeros first, in their order.
Shared<u64> destinations(Engine& engine, const Shared<u64>& bit, const std::vector<std::size_t>& starts,
                         std::size_t half) {
  const std::size_t n = bit.size;
  const auto ones_before = before(bit, starts);
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

// Sum of w_p e_q over p before q in the first order and p before q in the sequence.
Shared<u64> pairs_in_both_orders(Engine& engine, Sequence sequence) {
  const std::size_t n = sequence.weight.size;
  const int bits = static_cast<int>(sequence.place.size());
  std::vector<Shared<u64>> counted;
  for (int level = bits - 1; level >= 0; --level) {
    const auto starts = stretches(n, level + 1);
    const auto bit = engine.ring<u64>().from_bit(sequence.place[level]);
    const std::array both{sequence.weight, sequence.event};
    const auto upper = engine.multiply(mpc::concatenate(std::span<const Shared<u64>>(both)), mpc::tile(bit, 2));
    const auto lower_weight = mpc::subtract(sequence.weight, mpc::slice(upper, 0, n));
    counted.push_back(engine.dot(before(lower_weight, starts), mpc::slice(upper, n, n), n));
    if (level == 0) break;
    const Rearrangement split = from_destinations(engine, destinations(engine, bit, starts, std::size_t{1} << level));
    const Columns moved = apply(engine, split,
                                {.words = {sequence.weight, sequence.event},
                                 .wide = {},
                                 .bits = {sequence.place.begin(), sequence.place.begin() + level}});
    sequence = {.place = moved.bits, .weight = moved.words[0], .event = moved.words[1]};
  }
  return mpc::sum_blocks(joined(counted), counted.size());
}

struct Observed {
  Shared<u64> key, event, weight, predictor, stratum;
  int key_bits = 0;
};

// One of the two counts: pairs that are equal in the predictor, and events of one time, all counted or all not.
Shared<u64> count(Engine& engine, const Observed& rows, bool with_ties) {
  const std::size_t n = rows.key.size;
  const int value_bits = predictor_length - predictor_drop, stratum_bits = 6;
  const int place_bits = std::max(static_cast<int>(std::bit_width(n - 1)), 1);
  // Who is at risk when an event happens stands before it.
  const std::array<SortKey, 3> by_time{SortKey{.values = rows.key, .bits = rows.key_bits},
                                       SortKey{.values = rows.event, .bits = 1},
                                       SortKey{.values = rows.predictor, .bits = value_bits, .descending = !with_ties}};
  const Columns sorted =
      apply(engine, sort_order(engine, by_time),
            {.words = {rows.weight, rows.event, rows.predictor, rows.stratum}, .wide = {}, .bits = {}});
  const auto place = row_numbers<u64>(engine, n);
  const std::array<SortKey, 3> by_predictor{SortKey{.values = sorted.words[3], .bits = stratum_bits},
                                            SortKey{.values = sorted.words[2], .bits = value_bits},
                                            SortKey{.values = place, .bits = place_bits, .descending = !with_ties}};
  const Columns sequence = apply(engine, sort_order(engine, by_predictor),
                                 {.words = {sorted.words[0], sorted.words[1], place}, .wide = {}, .bits = {}});
  return pairs_in_both_orders(engine, {.place = engine.to_bits(sequence.words[2], place_bits),
                                       .weight = sequence.words[0],
                                       .event = sequence.words[1]});
}

}  // namespace

// The stratum comes first in both orders, so that rows of earlier strata are counted with every event and can be taken
// off.
Concordance concordance(Engine& engine, const RiskSets& sets, const SurvivalRows& rows, const Shared<u128>& predictor) {
  const std::size_t n = rows.rows;
  COHORTIUM_CHECK(rows.weight_fraction_bits == 0 && predictor.size == n && n >= 1);
  const auto shifted = mpc::add(predictor, constant_fill(engine, n, u128{1} << (predictor_length - 1)));
  const std::vector<SharedBits> planes = engine.to_bits(shifted, predictor_length);
  const auto value = engine.ring<u64>().from_bits(std::span(planes).subspan(predictor_drop));
  const auto event = engine.ring<u64>().from_bit(rows.event);
  Shared<u64> stratum = constant_fill(engine, n, u64{0});
  for (std::size_t s = 1; s < rows.strata; ++s)
    stratum = mpc::add(stratum, mpc::scale(mpc::narrow(mpc::slice(rows.stratum, s * n, n)), u64{s}));
  const Observed observed{.key = rows.key,
                          .event = event,
                          .weight = mpc::narrow(rows.weight),
                          .predictor = value,
                          .stratum = stratum,
                          .key_bits = rows.key_bits};
  const auto counts = mpc::add(count(engine, observed, true), count(engine, observed, false));

  const auto sorted_event = engine.ring<u128>().from_bit(sets.sorted.event);
  const auto at_risk = sums_so_far(engine, sets, sets.sorted.weight);
  const auto all = running_sums(sets.sorted.weight, n);
  const auto at_ends = from_ends(engine, sets, join({at_risk, running_sums(sorted_event, n)}), 1);
  const auto tied = mpc::slice(at_ends, n, n);
  const auto one = constant_fill(engine, n, u128{1});
  const auto sums = engine.dot(
      mpc::tile(sorted_event, 3),
      join({mpc::subtract(mpc::slice(at_ends, 0, n), tied), mpc::subtract(tied, one), mpc::subtract(all, at_risk)}), n);
  Concordance result;
  result.pairs = mpc::slice(sums, 0, 1);
  const auto excess = mpc::add(mpc::slice(sums, 1, 1), mpc::scale(mpc::slice(sums, 2, 1), u128{4}));
  result.fourfold = mpc::subtract(mpc::scale(widen(engine, counts, 60), u128{2}), excess);
  return result;
}

}  // namespace cohortium::oblivious
