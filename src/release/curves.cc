#include "release/curves.h"

#include "base/error.h"
#include "release/threshold.h"

namespace cohortium::release {
namespace {

using mpc::ReleasedStep;
using mpc::ReleasedStratum;
using mpc::Shared;
using mpc::u128;
using mpc::u64;

// The sum over grid points from..to of one stratum.
Shared<u128> interval_sum(const Shared<u128>& values, const Interval& interval) {
  const std::size_t length = interval.to - interval.from + 1;
  return sum_blocks(slice(values, interval.from, length), length);
}

}  // namespace

CurveDecision::CurveDecision(mpc::Engine& engine, const mpc::SharedCurve& curve, const mpc::ReleaseRule& rule)
    : exact_(rule.curve == mpc::CurveRule::kExact),
      minimum_(rule.minimum_cell),
      grid_(curve.grid),
      people_(sum_blocks(add(curve.events, curve.censored), curve.grid)),
      passed_(open_at_least(engine, {{narrow(people_), rule.minimum_cell}}).front()),
      withdrawn_(curve.strata) {
  for (const std::size_t s : indices_of(passed_)) {
    const auto part = [&](const Shared<u128>& values) { return slice(values, s * grid_, grid_); };
    passing_.push_back(
        {.index = s, .people = slice(people_, s, 1), .events = part(curve.events), .censored = part(curve.censored)});
    for (const auto& values : curve.sampled) passing_.back().sampled.push_back(part(values));
  }
  if (passing_.empty()) return;
  if (exact_) {
    find_points(engine);
  } else {
    merge_steps(engine);
  }
}

void CurveDecision::find_points(mpc::Engine& engine) {
  std::vector<Threshold> leaving;
  for (const Stratum& stratum : passing_) leaving.push_back({narrow(add(stratum.events, stratum.censored)), 1});
  const std::vector<std::vector<bool>> anyone = open_at_least(engine, leaving);
  for (std::size_t s = 0; s < passing_.size(); ++s) passing_[s].points = indices_of(anyone[s]);
}

void CurveDecision::merge_steps(mpc::Engine& engine) {
  std::vector<Shared<u64>> events, censored;
  for (const Stratum& stratum : passing_) events.push_back(narrow(stratum.events));
  const auto step_groups = merge(engine, events, minimum_, Zeros::kAreFew);
  std::vector<Stratum*> with_steps;
  for (std::size_t s = 0; s < passing_.size(); ++s) {
    if (!step_groups[s]) continue;
    passing_[s].steps = *step_groups[s];
    with_steps.push_back(&passing_[s]);
    std::vector<Shared<u128>> sums;
    for (const Interval& step : passing_[s].steps) sums.push_back(interval_sum(passing_[s].censored, step));
    censored.push_back(narrow(concatenate(std::span<const Shared<u128>>(sums))));
  }
  const auto coarse_groups = merge(engine, censored, minimum_, Zeros::kAreFine);
  for (std::size_t i = 0; i < with_steps.size(); ++i) {
    with_steps[i]->people_shown = coarse_groups[i].has_value();
    if (coarse_groups[i]) with_steps[i]->coarse = *coarse_groups[i];
  }
}

Standings CurveDecision::people_standing() const {
  Standings result{.groups = std::vector<Standing>(passed_.size(), Standing::kFew)};
  for (const Stratum& stratum : passing_)
    result.groups[stratum.index] = shown(stratum) && stratum.people_shown ? Standing::kShown : Standing::kEnough;
  return result;
}

Standings CurveDecision::events_standing() const {
  Standings result{.groups = std::vector<Standing>(passed_.size(), Standing::kFew),
                   .rests = std::vector<Standing>(passed_.size(), Standing::kShown)};
  for (const Stratum& stratum : passing_) {
    if (!events_shown(stratum)) continue;
    result.groups[stratum.index] = shown(stratum) ? Standing::kShown : Standing::kEnough;
    if (!stratum.people_shown) result.rests[stratum.index] = Standing::kSome;
  }
  return result;
}

void CurveDecision::add_to(Opening& opening) const {
  for (const Stratum& stratum : passing_) {
    if (!shown(stratum)) continue;
    if (stratum.people_shown) opening.add(stratum.people);
    if (!exact_) {
      add_steps(stratum, opening);
      continue;
    }
    opening.add(gather(stratum.events, stratum.points));
    opening.add(gather(stratum.censored, stratum.points));
    for (const auto& values : stratum.sampled) opening.add(gather(values, stratum.points));
  }
}

void CurveDecision::add_steps(const Stratum& stratum, Opening& opening) const {
  for (const Interval& step : stratum.steps) {
    opening.add(interval_sum(stratum.events, step));
    for (const auto& values : stratum.sampled) opening.add(slice(values, step.to, 1));
  }
  for (const Interval& interval : stratum.coarse)
    opening.add(interval_sum(stratum.censored, {stratum.steps[interval.from].from, stratum.steps[interval.to].to}));
}

std::vector<ReleasedStratum> CurveDecision::read(Opening& opening) const {
  std::vector<ReleasedStratum> released(passed_.size());
  for (const Stratum& stratum : passing_) {
    if (!shown(stratum)) continue;
    ReleasedStratum& out = released[stratum.index];
    out.passed = true;
    if (stratum.people_shown) out.people = opening.next();
    if (exact_) {
      read_points(stratum, opening, out);
    } else if (!stratum.steps.empty()) {
      read_steps(stratum, opening, out);
    }
  }
  return released;
}

void CurveDecision::read_points(const Stratum& stratum, Opening& opening, ReleasedStratum& released) const {
  for (const std::size_t point : stratum.points) {
    released.steps.push_back(
        {.from = point, .to = point, .at_risk = {}, .events = opening.next(), .censored = {}, .sampled = {}});
  }
  u128 at_risk = *released.people;
  released.events = 0;
  for (ReleasedStep& step : released.steps) {
    step.censored = opening.next();
    step.at_risk = at_risk;
    at_risk -= step.events + *step.censored;
    *released.events += step.events;
  }
  for (std::size_t sample = 0; sample < stratum.sampled.size(); ++sample)
    for (ReleasedStep& step : released.steps) step.sampled.push_back(opening.next());
}

void CurveDecision::read_steps(const Stratum& stratum, Opening& opening, ReleasedStratum& released) const {
  released.events = 0;
  for (const Interval& interval : stratum.steps) {
    ReleasedStep step{.from = interval.from,
                      .to = interval.to,
                      .at_risk = {},
                      .events = opening.next(),
                      .censored = {},
                      .sampled = {}};
    for (std::size_t i = 0; i < stratum.sampled.size(); ++i) step.sampled.push_back(opening.next());
    *released.events += step.events;
    released.steps.push_back(std::move(step));
  }
  // Numbers at risk are known where a coarse interval begins, numbers of censorings where it is a single step.
  u128 at_risk = released.people.value_or(0);
  for (const Interval& interval : stratum.coarse) {
    const u128 censored = opening.next();
    released.steps[interval.from].at_risk = at_risk;
    if (interval.from == interval.to) released.steps[interval.from].censored = censored;
    for (std::size_t s = interval.from; s <= interval.to; ++s) at_risk -= released.steps[s].events;
    at_risk -= censored;
  }
}

}  // namespace cohortium::release
