// How many people are left after each step: of a cohort definition, or of any column whose levels are steps in order.
//
// Local      the site's people by the last step they reach
// Under MPC  sums over sites; people left after each step; which of these may stand beside each other (`beside`)
// Released   from the last step back, the people left at a step where they are enough, and where they are as many as at the
//            step shown last or enough more: no number shown and no difference of two of them counts few people
// Rounds     of one comparison with the minimum, one conjunction, two per step, one choice; then those of the rule on cells
// Error      none
#include <nlohmann/json.hpp>

#include "oblivious/compare.h"
#include "statistics/describe/kinds.h"
#include "statistics/entries.h"

namespace cohortium::statistics {
namespace {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

// For every group and every one behind it, and for the group by itself (behind the last stands one of nobody): whether the
// first has none or enough more people. Group by group.
SharedBits none_or_enough_more(mpc::Engine& engine, const Shared<u128>& left, u64 minimum) {
  std::vector<std::size_t> more, less;
  for (std::size_t i = 0; i < left.size; ++i) {
    for (std::size_t j = i + 1; j <= left.size; ++j) more.push_back(i), less.push_back(j);
  }
  const Shared<u128> first = slice(left, 0, 1);
  const std::vector<Shared<u128>> groups = {left, subtract(first, first)};
  const Shared<u128> all = concatenate(std::span<const Shared<u128>>(groups));
  const Shared<u64> differences = narrow(subtract(gather(all, more), gather(all, less)));
  const SharedBits below = oblivious::less_than_public(engine, differences, minimum, mpc::count_bits);
  const SharedBits none = oblivious::less_than_public(engine, differences, u64{1}, mpc::count_bits);
  return engine.not_bits(engine.and_bits(below, engine.not_bits(none)));
}

// Which of these counts, the largest first, may stand beside each other: decided from the last back. Nothing is opened.
SharedBits beside(mpc::Engine& engine, const Shared<u128>& left, u64 minimum) {
  const SharedBits fine = none_or_enough_more(engine, left, minimum);
  std::vector<SharedBits> shown(left.size), last(left.size + 1);  // last[j]: whether j is the group shown last so far
  const u64 one = 1;
  last[left.size] = engine.constant_bits({&one, 1}, 1);
  std::size_t from = fine.size;
  for (std::size_t i = left.size; i-- > 0;) {
    const std::size_t behind = left.size - i;
    from -= behind;
    const SharedBits candidates = concatenate(std::span<const SharedBits>(last).subspan(i + 1));
    const SharedBits holds = engine.and_bits(candidates, slice(fine, from, behind));
    shown[i] = slice(holds, 0, 1);
    for (std::size_t j = 1; j < behind; ++j) shown[i] = exclusive_or(shown[i], slice(holds, j, 1));
    const std::vector<SharedBits> hidden(behind, engine.not_bits(shown[i]));
    const SharedBits still = engine.and_bits(candidates, concatenate(std::span<const SharedBits>(hidden)));
    for (std::size_t j = 0; j < behind; ++j) last[i + 1 + j] = slice(still, j, 1);
    last[i] = shown[i];
  }
  return concatenate(std::span<const SharedBits>(shown));
}

class Funnel final : public Analysis {
 public:
  Funnel(Grouping grouping, mpc::ReleaseRule rule) : grouping_(std::move(grouping)), rule_(rule) {}

  Declaration declare() const override {
    Declaration declaration;
    declaration.computes = "the number of people left after each of the steps of " + grouping_.columns()[0].name;
    declaration.analyst_learns = {
        "the number of people left after each step over all sites together, from the last step back; not where " +
        below_minimum(rule_) + " are left, nor where some but " + below_minimum(rule_) +
        " were lost before the next step that is shown; and which steps these are"};
    declaration.columns = names_of(grouping_.columns());
    declaration.aggregate = "count\x1f" + grouping_.key();
    declaration.aggregate_size = grouping_.size();
    return declaration;
  }

  std::vector<u128> local(const data::Table& table) const override { return count_rows(grouping_, table); }

  mpc::SharedOutcome secure(mpc::Engine& engine, const SiteInputs& inputs) const override {
    const Shared<u128> left = reverse(prefix_sum_blocks(reverse(inputs.aggregate), grouping_.size()));
    const SharedBits shown = beside(engine, left, rule_.minimum_cell);
    return {
        .cells =
            mpc::SharedCells{.people = oblivious::keep_where(engine, shown, left), .values = {}, .counts_only = true},
        .curve = {}};
  }

  nlohmann::json present(const mpc::ReleasedOutcome& outcome) const override {
    const std::vector<std::optional<double>> left = shown_counts(*outcome.cells, rule_);
    nlohmann::json steps = nlohmann::json::array();
    for (std::size_t i = 0; i < grouping_.size(); ++i) {
      std::optional<double> lost;
      if (i > 0 && left[i] && left[i - 1]) lost = *left[i - 1] - *left[i];
      steps.push_back({{"step", grouping_.code(i)},
                       {"label", grouping_.label(i)},
                       {"n", count_json(left[i])},
                       {"lost", count_json(lost)}});
    }
    return {{"column", grouping_.columns()[0].name}, {"steps", std::move(steps)}};
  }

 private:
  Grouping grouping_;
  mpc::ReleaseRule rule_;
};

}  // namespace

std::unique_ptr<Analysis> make_funnel(const EntryContext& context) {
  return std::make_unique<Funnel>(context.grouping("column", {context.entry.column}), context.rule);
}

}  // namespace cohortium::statistics
