#include "release/door.h"

#include <algorithm>

#include "base/error.h"
#include "release/merge.h"
#include "release/threshold.h"
#include "release/totals.h"

namespace cohortium::release {
namespace {

using mpc::ReleasedCells;
using mpc::ReleasedStep;
using mpc::ReleasedStratum;
using mpc::Shared;
using mpc::u128;
using mpc::u64;

// Collects what may be opened, opens it at once, and hands it back in the same order.
class Opening {
 public:
  void add(const Shared<u128>& values) {
    if (values.size > 0) parts_.push_back(values);
  }
  void run(mpc::Engine& engine) {
    if (!parts_.empty()) values_ = engine.open(concatenate(std::span<const Shared<u128>>(parts_)));
  }
  u128 next() {
    COHORTIUM_CHECK(position_ < values_.size());
    return values_[position_++];
  }

 private:
  std::vector<Shared<u128>> parts_;
  std::vector<u128> values_;
  std::size_t position_ = 0;
};

std::vector<std::size_t> indices_of(const std::vector<bool>& passed) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < passed.size(); ++i) {
    if (passed[i]) indices.push_back(i);
  }
  return indices;
}

// Which records pass, and where the number of people may be shown.
struct CellDecision {
  std::vector<bool> passed, people_shown;
  std::vector<bool> enough;  // people, whatever else holds
};

CellDecision decide_cells(mpc::Engine& engine, const mpc::SharedCells& cells, u64 minimum) {
  std::vector<Threshold> thresholds{{narrow(cells.people), minimum}};
  if (cells.events) {
    for (const Shared<u128>& part : {*cells.events, subtract(cells.people, *cells.events)}) {
      thresholds.push_back({narrow(part), minimum});
      thresholds.push_back({narrow(part), 1});
    }
  }
  const std::vector<std::vector<bool>> at_least = open_at_least(engine, thresholds);
  CellDecision decision{.passed = at_least[0], .people_shown = at_least[0], .enough = at_least[0]};
  if (cells.events) {
    auto none_or_enough = [&](std::size_t part, std::size_t i) {
      return at_least[1 + 2 * part][i] || !at_least[2 + 2 * part][i];
    };
    for (std::size_t i = 0; i < cells.people.size; ++i) {
      decision.passed[i] = decision.passed[i] && none_or_enough(0, i);
      decision.people_shown[i] = decision.passed[i] && none_or_enough(1, i);
    }
  }
  // A minimum of 1 hides nothing: where all records are opened together, one of nobody does not close the others.
  if (cells.together && minimum == 1) decision.passed.assign(cells.people.size, true);
  if (cells.together && minimum == 1) decision.people_shown = decision.passed;
  const bool one_fails = std::find(decision.passed.begin(), decision.passed.end(), false) != decision.passed.end();
  if (cells.together && one_fails) decision.passed.assign(cells.people.size, false);
  if (cells.together && one_fails) decision.people_shown = decision.passed;
  return decision;
}

// What is wrong with a computation whose records may all be opened. The bits are opened as "no fault", so that a cost
// forecast goes on to the values.
std::vector<std::string> open_faults(mpc::Engine& engine, const mpc::SharedCells& cells, const CellDecision& decision) {
  if (cells.faults.empty()) return {};
  COHORTIUM_CHECK(cells.together);
  if (std::find(decision.passed.begin(), decision.passed.end(), false) != decision.passed.end()) return {};
  std::vector<mpc::SharedBits> sound;
  for (const mpc::SharedFault& fault : cells.faults) sound.push_back(engine.not_bits(fault.bit));
  const std::vector<u64> words = engine.open_bits(concatenate(std::span<const mpc::SharedBits>(sound)));
  std::vector<std::string> faults;
  for (std::size_t i = 0; i < cells.faults.size(); ++i) {
    COHORTIUM_CHECK(cells.faults[i].bit.size == 1);
    if ((words[i / 64] >> (i % 64) & 1) == 0) faults.push_back(cells.faults[i].what);
  }
  return faults;
}

ReleasedCells release_cells(mpc::Engine& engine, const mpc::SharedCells& cells, u64 minimum) {
  CellDecision decision = decide_cells(engine, cells, minimum);
  std::vector<std::string> faults = open_faults(engine, cells, decision);
  if (!faults.empty()) decision.passed.assign(decision.passed.size(), false);
  ReleasedCells released{.passed = decision.passed, .people = {}, .values = {}};
  released.faults = std::move(faults);
  released.people.resize(cells.people.size);
  const std::vector<std::size_t> records = indices_of(decision.passed), shown = indices_of(decision.people_shown);
  const Totals totals = decide_totals(engine, cells, {decision.passed, decision.enough}, minimum);
  Opening opening;
  opening.add(totals.to_open);
  opening.add(gather(cells.people, shown));
  // Where no record passes, there are no values.
  const auto values_to_open = records.empty() ? std::span<const Shared<u128>>() : std::span(cells.values);
  for (const Shared<u128>& values : values_to_open) opening.add(cells.together ? values : gather(values, records));
  opening.run(engine);
  std::vector<u128> remainders(totals.to_open.size);
  for (u128& remainder : remainders) remainder = opening.next();
  for (std::size_t i : shown) released.people[i] = opening.next();
  released.totals = read_totals(cells, totals, released.people, remainders);
  for (const Shared<u128>& values : values_to_open) {
    std::vector<u128>& opened = released.values.emplace_back(values.size);
    if (cells.together) {
      for (u128& value : opened) value = opening.next();
    } else {
      for (std::size_t i : records) opened[i] = opening.next();
    }
  }
  return released;
}

// The passing strata of a curve, side by side.
struct PassingCurve {
  std::vector<std::size_t> strata;
  std::size_t grid = 0;
  Shared<u128> people, events, censored;
  std::vector<Shared<u128>> sampled;
};

PassingCurve keep(const mpc::SharedCurve& curve, const Shared<u128>& people, const std::vector<bool>& passed) {
  PassingCurve kept;
  kept.strata = indices_of(passed);
  kept.grid = curve.grid;
  std::vector<std::size_t> points;
  for (std::size_t s : kept.strata) {
    for (std::size_t t = 0; t < curve.grid; ++t) points.push_back(s * curve.grid + t);
  }
  kept.people = gather(people, kept.strata);
  kept.events = gather(curve.events, points);
  kept.censored = gather(curve.censored, points);
  for (const auto& values : curve.sampled) kept.sampled.push_back(gather(values, points));
  return kept;
}

void release_exactly(mpc::Engine& engine, const PassingCurve& curve, std::vector<ReleasedStratum>& released) {
  const std::vector<std::size_t> points =
      indices_of(open_at_least(engine, {{narrow(add(curve.events, curve.censored)), 1}}).front());
  Opening opening;
  opening.add(curve.people);
  opening.add(gather(curve.events, points));
  opening.add(gather(curve.censored, points));
  for (const auto& values : curve.sampled) opening.add(gather(values, points));
  opening.run(engine);
  std::vector<u128> at_risk;
  for (std::size_t s : curve.strata) {
    at_risk.push_back(opening.next());
    released[s].people = at_risk.back();
    released[s].events = 0;
  }
  auto stratum_of = [&](std::size_t point) -> ReleasedStratum& { return released[curve.strata[point / curve.grid]]; };
  for (std::size_t point : points) {
    stratum_of(point).steps.push_back({.from = point % curve.grid,
                                       .to = point % curve.grid,
                                       .at_risk = {},
                                       .events = opening.next(),
                                       .censored = {},
                                       .sampled = {}});
  }
  std::vector<std::size_t> next(curve.strata.size(), 0);
  for (std::size_t point : points) {
    const std::size_t i = point / curve.grid;
    ReleasedStep& step = stratum_of(point).steps[next[i]++];
    step.censored = opening.next();
    step.at_risk = at_risk[i];
    at_risk[i] -= step.events + *step.censored;
    *stratum_of(point).events += step.events;
  }
  for (std::size_t sample = 0; sample < curve.sampled.size(); ++sample) {
    std::fill(next.begin(), next.end(), 0);
    for (std::size_t point : points)
      stratum_of(point).steps[next[point / curve.grid]++].sampled.push_back(opening.next());
  }
}

// The sum over grid points from..to of one stratum.
Shared<u128> interval_sum(const Shared<u128>& values, std::size_t grid, std::size_t stratum, const Interval& interval) {
  const std::size_t length = interval.to - interval.from + 1;
  return sum_blocks(slice(values, stratum * grid + interval.from, length), length);
}

// How one stratum's grid is taken together.
struct Steps {
  std::vector<Interval> steps;   // of grid points; none when there are too few events in all
  std::vector<Interval> coarse;  // of steps; none when the number of all censorings may not show
  bool people = true;  // whether the number of people may show: with all events shown, it tells the censorings
};

std::vector<Steps> merge_steps(mpc::Engine& engine, const PassingCurve& curve, u64 minimum) {
  std::vector<Shared<u64>> events, censored;
  for (std::size_t s = 0; s < curve.strata.size(); ++s)
    events.push_back(narrow(slice(curve.events, s * curve.grid, curve.grid)));
  const auto step_groups = merge(engine, events, minimum, Zeros::kAreFew);
  std::vector<Steps> result(curve.strata.size());
  std::vector<std::size_t> shown;
  for (std::size_t s = 0; s < result.size(); ++s) {
    if (!step_groups[s]) continue;
    result[s].steps = *step_groups[s];
    shown.push_back(s);
    std::vector<Shared<u128>> sums;
    for (const Interval& step : result[s].steps) sums.push_back(interval_sum(curve.censored, curve.grid, s, step));
    censored.push_back(narrow(concatenate(std::span<const Shared<u128>>(sums))));
  }
  const auto coarse_groups = merge(engine, censored, minimum, Zeros::kAreFine);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    result[shown[i]].people = coarse_groups[i].has_value();
    if (coarse_groups[i]) result[shown[i]].coarse = *coarse_groups[i];
  }
  return result;
}

void read_stratum(const Steps& merged, std::size_t samples, Opening& opening, ReleasedStratum& released) {
  if (merged.people) released.people = opening.next();
  if (merged.steps.empty()) return;
  released.events = 0;
  for (const Interval& interval : merged.steps) {
    ReleasedStep step{.from = interval.from,
                      .to = interval.to,
                      .at_risk = {},
                      .events = opening.next(),
                      .censored = {},
                      .sampled = {}};
    for (std::size_t i = 0; i < samples; ++i) step.sampled.push_back(opening.next());
    *released.events += step.events;
    released.steps.push_back(std::move(step));
  }
  // Numbers at risk are known where a coarse interval begins, numbers of censorings where it is a single step.
  u128 at_risk = released.people.value_or(0);
  for (const Interval& interval : merged.coarse) {
    const u128 censored = opening.next();
    released.steps[interval.from].at_risk = at_risk;
    if (interval.from == interval.to) released.steps[interval.from].censored = censored;
    for (std::size_t s = interval.from; s <= interval.to; ++s) at_risk -= released.steps[s].events;
    at_risk -= censored;
  }
}

void release_merged(mpc::Engine& engine, const PassingCurve& curve, u64 minimum,
                    std::vector<ReleasedStratum>& released) {
  const std::vector<Steps> merged = merge_steps(engine, curve, minimum);
  Opening opening;
  for (std::size_t s = 0; s < merged.size(); ++s) {
    if (merged[s].people) opening.add(slice(curve.people, s, 1));
    for (const Interval& step : merged[s].steps) {
      opening.add(interval_sum(curve.events, curve.grid, s, step));
      for (const auto& values : curve.sampled) opening.add(slice(values, s * curve.grid + step.to, 1));
    }
    for (const Interval& interval : merged[s].coarse) {
      const Interval points{merged[s].steps[interval.from].from, merged[s].steps[interval.to].to};
      opening.add(interval_sum(curve.censored, curve.grid, s, points));
    }
  }
  opening.run(engine);
  for (std::size_t s = 0; s < merged.size(); ++s) {
    read_stratum(merged[s], curve.sampled.size(), opening, released[curve.strata[s]]);
  }
}

std::vector<ReleasedStratum> release_curve(mpc::Engine& engine, const mpc::SharedCurve& curve,
                                           const mpc::ReleaseRule& rule) {
  const Shared<u128> people = sum_blocks(add(curve.events, curve.censored), curve.grid);
  const std::vector<bool> passed = open_at_least(engine, {{narrow(people), rule.minimum_cell}}).front();
  std::vector<ReleasedStratum> released(curve.strata);
  for (std::size_t s = 0; s < curve.strata; ++s) released[s].passed = passed[s];
  const PassingCurve passing = keep(curve, people, passed);
  if (passing.strata.empty()) return released;
  if (rule.curve == mpc::CurveRule::kExact) {
    release_exactly(engine, passing, released);
  } else {
    release_merged(engine, passing, rule.minimum_cell, released);
  }
  return released;
}

}  // namespace

mpc::ReleasedOutcome release(mpc::Engine& engine, const mpc::SharedOutcome& outcome, const mpc::ReleaseRule& rule) {
  mpc::ReleasedOutcome released;
  if (outcome.cells) released.cells = release_cells(engine, *outcome.cells, rule.minimum_cell);
  if (outcome.curve) released.curve = release_curve(engine, *outcome.curve, rule);
  return released;
}

}  // namespace cohortium::release
