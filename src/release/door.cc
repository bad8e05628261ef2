#include "release/door.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "base/error.h"
#include "release/across.h"
#include "release/cells.h"
#include "release/curves.h"
#include "release/few_elsewhere.h"
#include "release/opening.h"

namespace cohortium::release {
namespace {

using mpc::Shared;
using mpc::u128;
using mpc::u64;

// What has been decided of one analysis.
struct Decision {
  std::optional<CellDecision> cells;
  std::optional<CurveDecision> curve;
};

// The families of all analyses, each with what tells how they stand and what withdraws one.
class StudyDecisions final : public Decisions {
 public:
  StudyDecisions(std::vector<Decision>& decisions, const std::vector<mpc::SharedOutcome>& outcomes,
                 const std::vector<Counted>& counted) {
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      if (counted[i].people.empty()) continue;
      if (decisions[i].cells) {
        add_cells(*decisions[i].cells, counted[i]);
      } else {
        add_curve(*decisions[i].curve, *outcomes[i].curve, counted[i]);
      }
    }
  }

  const std::vector<Family>& families() const { return families_; }

  std::vector<Standings> standings() const override {
    std::vector<Standings> result;
    for (std::size_t f = 0; f < families_.size(); ++f) {
      result.push_back(standing_[f]());
      result.back().groups.resize(families_[f].populations.size());
      if (!families_[f].inside) result.back().rests.clear();
    }
    return result;
  }

  void withdraw(std::size_t family, std::size_t place) override { withdraw_[family](place); }

 private:
  // Of one analysis, what carries most comes first: it gives way last.
  void add_cells(CellDecision& decision, const Counted& counted) {
    const mpc::SharedCells& cells = decision.cells();
    COHORTIUM_CHECK(counted.people.size() <= cells.people.size);
    if (!counted.events.empty()) {
      COHORTIUM_CHECK(cells.events && counted.events.size() == counted.people.size());
      add(
          counted.events, *cells.events, of_sites(cells, 1, true), [&] { return decision.events(); },
          [&](std::size_t i) { decision.withdraw_record(i); });
      families_.back().inside = families_.size();
    }
    add(
        counted.people, cells.people, of_sites(cells, 1, false), [&] { return decision.people(); },
        [&](std::size_t i) { decision.withdraw_people(i); });
    if (counted.people.size() < cells.people.size) return;
    for (std::size_t level = 0; level < cells.totals.size(); ++level) {
      std::vector<Population> blocks;
      for (std::size_t i = 0; i < counted.people.size(); i += cells.totals[level]) {
        const auto first = counted.people.begin() + static_cast<std::ptrdiff_t>(i);
        blocks.push_back(hull({first, first + static_cast<std::ptrdiff_t>(cells.totals[level])}));
      }
      add(
          blocks, sum_blocks(cells.people, cells.totals[level]), of_sites(cells, cells.totals[level], false),
          [&, level] { return decision.totals(level); },
          [&, level](std::size_t block) { decision.withdraw_total(level, block); });
    }
  }

  static std::vector<Shared<u128>> of_sites(const mpc::SharedCells& cells, std::size_t length, bool events) {
    std::vector<Shared<u128>> parts;
    for (const mpc::SharedCounts& site : cells.sites)
      parts.push_back(sum_blocks(events ? *site.events : site.people, length));
    return parts;
  }

  void add_curve(CurveDecision& decision, const mpc::SharedCurve& curve, const Counted& counted) {
    COHORTIUM_CHECK(counted.people.size() == curve.strata);
    if (!counted.events.empty()) {
      COHORTIUM_CHECK(counted.events.size() == curve.strata);
      add(
          counted.events, sum_blocks(curve.events, curve.grid), {}, [&] { return decision.events_standing(); },
          [&](std::size_t s) { decision.withdraw(s); });
      families_.back().inside = families_.size();
    }
    add(
        counted.people, decision.people(), {}, [&] { return decision.people_standing(); },
        [&](std::size_t s) { decision.withdraw(s); });
  }

  // `of_sites`: each protected site's part of the counts.
  void add(std::vector<Population> populations, const Shared<u128>& counts, const std::vector<Shared<u128>>& of_sites,
           std::function<Standings()> standing, std::function<void(std::size_t)> withdraw) {
    const auto first = [&](const Shared<u128>& numbers) { return narrow(slice(numbers, 0, populations.size())); };
    std::vector<Shared<u64>> parts;
    for (const Shared<u128>& site : of_sites) parts.push_back(first(site));
    families_.push_back({.populations = populations,
                         .counts = first(counts),
                         .others = without_each(first(counts), parts),
                         .inside = {}});
    standing_.push_back(std::move(standing));
    withdraw_.push_back(std::move(withdraw));
  }

  std::vector<Family> families_;
  std::vector<std::function<Standings()>> standing_;
  std::vector<std::function<void(std::size_t)>> withdraw_;
};

void decide_across(mpc::Engine& engine, std::vector<Decision>& decisions,
                   const std::vector<mpc::SharedOutcome>& outcomes, const std::vector<Counted>& counted,
                   mpc::u64 minimum) {
  StudyDecisions study(decisions, outcomes, counted);
  std::vector<std::vector<Population>> populations;
  for (const Family& family : study.families()) populations.push_back(family.populations);
  settle_across(engine, find_relations(populations), study.families(), study, minimum);
}

// How much is shown of an analysis.
WithheldAcross shown_of(const Decision& decision) {
  WithheldAcross shown;
  const auto count = [](const Standings& standings) {
    std::size_t number = 0;
    for (const Standing standing : standings.groups) number += standing == Standing::kShown;
    return number;
  };
  if (decision.cells) {
    const mpc::SharedCells& cells = decision.cells->cells();
    shown.people = count(decision.cells->people());
    shown.records = cells.events ? count(decision.cells->events()) : shown.people;
    for (std::size_t level = 0; level < cells.totals.size(); ++level)
      shown.totals += count(decision.cells->totals(level));
  }
  return shown;
}

WithheldAcross difference(const WithheldAcross& before, const WithheldAcross& after, const Decision& decision) {
  const std::size_t records = before.records - after.records, people = before.people - after.people;
  return {.records = records,
          .people = people - std::min(people, records),
          .totals = before.totals - after.totals,
          .strata = decision.curve ? decision.curve->withdrawn() : std::vector<bool>()};
}

}  // namespace

ReleasedStudy release(mpc::Engine& engine, const std::vector<mpc::SharedOutcome>& outcomes,
                      const std::vector<Counted>& counted, const mpc::ReleaseRule& rule) {
  COHORTIUM_CHECK(counted.size() == outcomes.size());
  std::vector<Decision> decisions(outcomes.size());
  std::size_t described = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    COHORTIUM_CHECK(rule.round_to == 1 || (outcomes[i].cells && outcomes[i].cells->counts_only && !outcomes[i].curve));
    COHORTIUM_CHECK(!rule.protect_sites ||
                    (outcomes[i].cells && !outcomes[i].cells->sites.empty() && !outcomes[i].curve));
    if (outcomes[i].cells) decisions[i].cells.emplace(engine, *outcomes[i].cells, rule);
    if (outcomes[i].curve) decisions[i].curve.emplace(engine, *outcomes[i].curve, rule);
    described += counted[i].people.empty() ? 0 : 1;
  }
  std::vector<WithheldAcross> before, across;
  for (const Decision& decision : decisions) before.push_back(shown_of(decision));
  // A minimum of 1 withholds nothing.
  if (described > 1 && rule.minimum_cell > 1) decide_across(engine, decisions, outcomes, counted, rule.minimum_cell);
  Opening opening(rule.round_to);
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    across.push_back(difference(before[i], shown_of(decisions[i]), decisions[i]));
    if (decisions[i].cells) decisions[i].cells->add_to(opening);
    if (decisions[i].curve) decisions[i].curve->add_to(opening);
  }
  opening.run(engine);
  ReleasedStudy released{.outcomes = {}, .across = std::move(across)};
  for (const Decision& decision : decisions) {
    mpc::ReleasedOutcome& outcome = released.outcomes.emplace_back();
    if (decision.cells) outcome.cells = decision.cells->read(opening);
    if (decision.curve) outcome.curve = decision.curve->read(opening);
  }
  return released;
}

mpc::ReleasedOutcome release(mpc::Engine& engine, const mpc::SharedOutcome& outcome, const mpc::ReleaseRule& rule) {
  return release(engine, {outcome}, {{}}, rule).outcomes.front();
}

}  // namespace cohortium::release
