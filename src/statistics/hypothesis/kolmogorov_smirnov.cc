// The two-sample Kolmogorov-Smirnov test: the largest distance between two distribution functions.
//
// Local      per row: the value as a key, and two columns that say to which group it belongs
// Under MPC  sorting, running counts of both groups, the largest distance where a value ends; the minimum-cell rule on both
//            groups
// Released   n of both groups, the largest distance and the correction for ties, or nothing; p follows
// Error      none: the distance is a whole number of 1 / (m n)
// Source     as R's ks.test: the limit distribution where m n is at least 10,000, else exact; with ties R's exact p needs
//            the pattern of ties, which is not released, and the limit is given with a note
#include <cmath>

#include "base/error.h"
#include "oblivious/compare.h"
#include "oblivious/extremes.h"
#include "oblivious/fixed_point.h"
#include "oblivious/segments.h"
#include "statistics/hypothesis/kinds.h"
#include "statistics/hypothesis/rank_distributions.h"
#include "statistics/hypothesis/ranked_groups.h"
#include "statistics/test_result.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::u128;
using mpc::u64;

// Distances are below the product of two numbers of people, which must fit 62 bits.
constexpr int distance_bits = 62;

class KolmogorovSmirnov final : public Analysis {
 public:
  explicit KolmogorovSmirnov(const EntryContext& context) : ranked_(context), rule_(context.rule) {
    if (ranked_.grouping().size() != 2) {
      throw Failure({.code = "study.not_two_groups",
                     .message = "this test compares two groups",
                     .where = context.at("by"),
                     .remedy = "name a column with two levels"});
    }
  }

  Declaration declare() const override {
    Declaration declaration = ranked_.declare(rule_);
    declaration.computes = "the Kolmogorov-Smirnov test of " + ranked_.column().name + ranked_.grouping().describe();
    declaration.analyst_learns = {
        "the number of people" + ranked_.grouping().describe() +
        " over all sites together, the largest distance between the distributions of " + ranked_.column().name +
        ", and whether values are shared; nothing when one of the groups is of " + below_minimum(rule_)};
    return declaration;
  }
  std::vector<u128> local(const data::Table&) const override { return {}; }
  std::vector<u128> rows(const data::Table& table) const override { return ranked_.rows(table); }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const std::size_t n = inputs.row_count;
    const Shared<u128> counts = sum_blocks(slice(inputs.rows, n, 2 * n), n);
    if (n == 0) {
      const Shared<u128> none = oblivious::constant_fill(engine, 2, u128{0});
      return {.cells = mpc::SharedCells{.people = none, .values = {none}, .together = true}, .curve = {}};
    }
    const Shared<u64> keys = narrow(inputs.column(0));
    const oblivious::SortKey key{.values = keys, .bits = rank_key_bits};
    const oblivious::Rearrangement order = oblivious::sort_order(engine, std::span(&key, 1));
    const oblivious::Columns sorted = oblivious::apply(
        engine, order,
        oblivious::Columns{
            .words = {keys, narrow(inputs.column(1)), narrow(inputs.column(2))}, .wide = {}, .bits = {}});
    const oblivious::SortKey by{.values = sorted.words[0], .bits = rank_key_bits};
    const mpc::SharedBits starts = oblivious::group_starts(engine, std::span(&by, 1));
    // First so far times all of the second, less second so far times all of the first.
    const std::array so_far{prefix_sum_blocks(sorted.words[1], n), prefix_sum_blocks(sorted.words[2], n)};
    const std::array all{sum_blocks(sorted.words[2], n), sum_blocks(sorted.words[1], n)};
    const Shared<u64> products = engine.multiply(concatenate(std::span<const Shared<u64>>(so_far)),
                                                 repeat(concatenate(std::span<const Shared<u64>>(all)), n));
    const Shared<u64> distance = oblivious::absolute(engine, subtract(slice(products, 0, n), slice(products, n, n)));
    const Shared<u64> where_it_ends = engine.keep_where(oblivious::ends_of(engine, starts), distance);
    const Shared<u64> largest =
        oblivious::extreme(engine, oblivious::Extreme::kMaximum, where_it_ends, n, false, distance_bits).value;
    return {.cells = mpc::SharedCells{.people = counts,
                                      .values = {oblivious::widen(engine, largest, distance_bits),
                                                 shared_values(engine, starts, sorted)},
                                      .together = true},
            .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    TestResult result{.method = "Two-sample Kolmogorov-Smirnov test", .statistic_name = "D"};
    std::optional<RankedSample> sample;
    if (outcome.cells->passed.front()) {
      sample.emplace();
      for (const auto& people : outcome.cells->people) sample->groups.push_back({to_double(*people), 0});
      const double m = sample->groups[0].n, n = sample->groups[1].n, distance = to_double(outcome.cells->values[0][0]);
      if (m == 0 || n == 0) {
        result.note = "a group has no values";
      } else {
        result.statistic = distance / (m * n);
        test(distance, m, n, outcome.cells->values[1][0] != 0, result);
      }
    }
    result.groups = ranked_.groups_json(sample);
    return test_json(result, names_of(ranked_.grouping().columns()), 0.95);
  }

 private:
  // 1 where two people share a value, else 0.
  static Shared<u128> shared_values(mpc::Engine& engine, const mpc::SharedBits& starts,
                                    const oblivious::Columns& sorted) {
    const std::size_t n = starts.size;
    const Shared<u64> people = add(sorted.words[1], sorted.words[2]);
    const Shared<u64> again = engine.keep_where(engine.not_bits(starts), people);
    return engine.ring<u128>().from_bit(
        engine.not_bits(oblivious::equal_zero(engine, sum_blocks(again, n), mpc::count_bits)));
  }

  static void test(double distance, double m, double n, bool ties, TestResult& result) {
    if (m * n < 10'000 && !ties) {
      result.method = "Exact two-sample Kolmogorov-Smirnov test";
      result.p = kolmogorov_smirnov_exact_p(distance, static_cast<std::size_t>(m), static_cast<std::size_t>(n));
      return;
    }
    result.method = "Asymptotic two-sample Kolmogorov-Smirnov test";
    result.p = kolmogorov_limit_p(*result.statistic, m, n);
    if (m * n < 10'000) result.note = "people share values, so p is that of many people instead of the exact one";
  }

  RankedColumn ranked_;
  mpc::ReleaseRule rule_;
};

}  // namespace

std::unique_ptr<Analysis> make_ks_test(const EntryContext& context) {
  return std::make_unique<KolmogorovSmirnov>(context);
}

}  // namespace cohortium::statistics
