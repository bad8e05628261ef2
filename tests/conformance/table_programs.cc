// Programs of the algorithms on tables whose course depends on public sizes alone. Those of comparison sorts also depend
// on the order of shuffled rows: comparison_sort_test.cc looks at their costs.
#include <algorithm>
#include <random>

#include "inputs.h"
#include "oblivious/compaction.h"
#include "oblivious/concordance.h"
#include "oblivious/extremes.h"
#include "oblivious/fixed_point.h"
#include "oblivious/group_by.h"
#include "oblivious/histogram.h"
#include "oblivious/join.h"
#include "oblivious/lookup.h"
#include "oblivious/one_hot.h"
#include "oblivious/ranks.h"
#include "oblivious/rearrangement.h"
#include "oblivious/segments.h"
#include "oblivious/selection.h"
#include "oblivious/sort.h"
#include "programs.h"

namespace cohortium::conformance {
namespace {

using mpc::Engine;
using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;

// Below 2^bits.
Shared<u64> numbers(Engine& engine, std::size_t n, unsigned seed, int bits) {
  std::vector<u64> values = ring_elements<u64>(n, seed);
  for (u64& value : values) value &= (u64{1} << bits) - 1;
  return engine.share(0, engine.self() == 0 ? std::span<const u64>(values) : std::span<const u64>(), n);
}

// Of two strata of rows that are given twice.
void concordance(Engine& e, std::size_t n, unsigned seed) {
  if (n == 0) return;
  oblivious::SurvivalRows rows{.rows = 2 * n, .columns = 1, .strata = 2};
  rows.key = numbers(e, 2 * n, seed, 5);
  rows.key_bits = 5;
  rows.event = e.bit(numbers(e, 2 * n, seed + 1, 1), 0);
  rows.covariates = rows.weight = e.ring<u128>().from_bit(e.bit(numbers(e, 2 * n, seed + 2, 1), 0));
  const auto predictor = oblivious::widen(e, numbers(e, 2 * n, seed + 3, 60), 60);
  rows.stratum = e.ring<u128>().from_bit(e.bit(numbers(e, 4 * n, seed + 4, 1), 0));
  const oblivious::RiskSets sets = oblivious::risk_sets(e, rows, oblivious::Ties::kBreslow);
  oblivious::concordance(e, oblivious::concordant_pairs(e, sets, rows, predictor, 2));
}

std::vector<Program> building_blocks() {
  return {
      {"rearrange",
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto values = numbers(e, n, seed, 40);
         const auto shuffled = oblivious::random_rearrangement(e, n);
         const auto back = oblivious::inverse(shuffled);
         oblivious::apply(e, back, oblivious::apply(e, shuffled, values));
         oblivious::apply(e, oblivious::compose(e, shuffled, back), values);
       }},
      {"one_hot", [](Engine& e, std::size_t n,
                     unsigned seed) { oblivious::one_hot<u64>(e, e.to_bits(numbers(e, n, seed, 5), 5)); }},
      {"radix_sort",
       [](Engine& e, std::size_t n, unsigned seed) {
         for (int bits : {2, 7}) {
           oblivious::sort(e, {.values = numbers(e, n, seed, bits), .bits = bits}, oblivious::SortMethod::kRadix);
         }
       }},
      {"compaction",
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto marks = e.bit(numbers(e, n, seed, 1), 0);
         oblivious::apply(e, oblivious::compaction(e, marks), marks);
         oblivious::count(e, marks);
       }},
      {"running",
       [](Engine& e, std::size_t n, unsigned seed) {
         using oblivious::Running;
         const auto values = numbers(e, n, seed, 20);
         const auto starts = e.bit(numbers(e, n, seed + 1, 1), 0);
         for (Running kind : {Running::kFirst, Running::kSum, Running::kMinimum, Running::kMaximum}) {
           oblivious::running(e, kind, values, starts, 20);
         }
         oblivious::running_upwards(e, Running::kFirst, values, starts);
       }},
  };
}

// 0 .. n-1 in an order that follows from the seed.
Shared<u64> places(Engine& engine, std::size_t n, unsigned seed) {
  std::vector<u64> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = i;
  std::shuffle(values.begin(), values.end(), std::mt19937_64(seed));
  return engine.share(0, engine.self() == 0 ? std::span<const u64>(values) : std::span<const u64>(), n);
}

std::vector<Program> ranks() {
  return {
      {"tied_ranks",
       [](Engine& e, std::size_t n, unsigned seed) { oblivious::tied_ranks(e, numbers(e, n, seed, 3), 3); }},
      {"inversions", [](Engine& e, std::size_t n, unsigned seed) { oblivious::inversions(e, places(e, n, seed)); }},
      {"select_places",
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto planes = e.to_bits(numbers(e, n, seed, 9), 9);
         const auto members = e.to_bits(numbers(e, n, seed + 1, 2), 2);
         oblivious::count_ones(e, planes);
         oblivious::select_places(e, planes, members, numbers(e, 2, seed, 6), 10);
       }},
  };
}

std::vector<Program> queries() {
  return {
      {"group_by",
       [](Engine& e, std::size_t n, unsigned seed) {
         using oblivious::AggregateKind;
         const auto key = numbers(e, n, seed, 2), values = numbers(e, n, seed + 1, 30);
         const auto among = e.bit(values, 0);
         const oblivious::SortKey by{.values = key, .bits = 2};
         const std::vector<oblivious::Aggregate> aggregates{
             {.kind = AggregateKind::kCount},
             {.kind = AggregateKind::kSum, .values = &values},
             {.kind = AggregateKind::kFirst, .values = &values},
             {.kind = AggregateKind::kMinimum, .values = &values, .bits = 30}};
         oblivious::group_by(e, std::span(&by, 1), aggregates, &among);
         oblivious::first_of_each(e, std::span(&by, 1));
       }},
      {"join",
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto left = numbers(e, n, seed, 3), right = numbers(e, n / 2, seed + 1, 3);
         oblivious::join(e, {.values = left, .bits = 3}, {.values = right, .bits = 3}, std::span(&right, 1));
       }},
      {"extremes",
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto values = numbers(e, n, seed, 30);
         if (n > 0) oblivious::extreme(e, oblivious::Extreme::kMaximum, values, n, true, 30);
         oblivious::absolute(e, values);
         oblivious::clamp(e, values, u64{5}, u64{1000});
       }},
      {"histogram",
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto values = numbers(e, n, seed, 3);
         oblivious::histogram(e, values, 3, 7, oblivious::HistogramMethod::kOneHot);
         oblivious::weighted_histogram(e, values, values, 3, 8, oblivious::HistogramMethod::kSort);
       }},
      {"lookup",
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto index = numbers(e, n, seed, 3), table = numbers(e, 7, seed + 1, 40);
         const std::vector<u64> constants{3, 1, 4, 1, 5};
         oblivious::lookup_public(e, constants, index, 3, 3);
         oblivious::lookup_secret(e, table, index, 3);
       }},
  };
}

}  // namespace

const std::vector<Program>& table_programs() {
  static const std::vector<Program> programs = [] {
    std::vector<Program> all = building_blocks();
    for (auto& more : {ranks(), queries()}) all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return programs;
}

const std::vector<Program>& shuffled_programs() {
  static const std::vector<Program> programs = {
      {"comparison_sort",
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto key = e.ring<u64>().random(n);
         for (int bits : {20, 60}) {
           oblivious::sort(e, {.values = numbers(e, n, seed, bits), .bits = bits}, oblivious::SortMethod::kComparison);
         }
         oblivious::sort(e, {.values = key}, oblivious::SortMethod::kComparison);
         const oblivious::SortKey by{.values = key, .descending = true};
         oblivious::top(e, std::span(&by, 1), {.words = {key}, .wide = {}, .bits = {}}, 3);
       }},
      {"discordant",
       [](Engine& e, std::size_t n, unsigned seed) {
         const auto first = oblivious::tied_ranks(e, numbers(e, n, seed, 60), 60);
         const auto second = oblivious::tied_ranks(e, numbers(e, n, seed + 1, 60), 60);
         oblivious::discordant(e, first.before, second.before);
       }},
      {"concordance", concordance},
      {"discrimination", discrimination},
  };
  return programs;
}

}  // namespace cohortium::conformance
