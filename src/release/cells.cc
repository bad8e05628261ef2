#include "release/cells.h"

#include <algorithm>

#include "base/error.h"
#include "mpc/outcome.h"
#include "oblivious/compare.h"
#include "release/few_elsewhere.h"
#include "release/threshold.h"

namespace cohortium::release {
namespace {

using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

bool all_of(const std::vector<bool>& flags) { return std::find(flags.begin(), flags.end(), false) == flags.end(); }

Standing holding(bool enough, bool any) { return enough ? Standing::kEnough : any ? Standing::kSome : Standing::kNone; }

}  // namespace

CellDecision::CellDecision(mpc::Engine& engine, mpc::SharedCells cells, const mpc::ReleaseRule& rule)
    : cells_(std::move(cells)), rule_(rule), minimum_(rule.minimum_cell), withdrawn_(cells_.people.size) {
  guarded_ = rest_guarded_ = withdrawn_;
  decide(engine);
  decide_vetoes(engine);
  if (protects_sites()) decide_sites(engine);
  // A minimum of 1 hides nothing: where all records are opened together, one of nobody does not close the others.
  if (cells_.together && minimum_ == 1) people_shown_ = passed_ = std::vector<bool>(cells_.people.size, true);
  if (cells_.together && !all_of(passed_)) close_all();
  open_faults(engine);
  totals_ = decide_totals(engine, cells_, {passed_, enough_, guarded_}, minimum_);
}

// Of a record with few people nothing else is told, so what is told of events is told where there are enough people.
void CellDecision::decide(mpc::Engine& engine) {
  const std::size_t size = cells_.people.size;
  if (!cells_.events) {
    enough_ = passed_ = people_shown_ = open_at_least(engine, {{narrow(cells_.people), minimum_}}).front();
    return;
  }
  const Shared<u64> people = narrow(cells_.people), events = narrow(*cells_.events), rest = subtract(people, events);
  std::vector<Shared<u64>> counts{people, events, rest};
  std::vector<u64> least(3 * size, minimum_);
  if (!hides_certain()) {
    counts.insert(counts.end(), {events, rest});
    least.resize(5 * size, 1);
  }
  const SharedBits bits =
      engine.not_bits(oblivious::less_than(engine, concatenate(std::span<const Shared<u64>>(counts)),
                                           engine.constant(std::span<const u64>(least)), mpc::count_bits));
  const SharedBits enough = slice(bits, 0, size);
  const std::vector<SharedBits> often(counts.size() - 1, enough);
  const SharedBits parts =
      engine.and_bits(slice(bits, size, often.size() * size), concatenate(std::span<const SharedBits>(often)));
  const std::vector<SharedBits> all{enough, parts};
  const std::vector<bool> flags = open_flags(engine, concatenate(std::span(all)));
  for (std::size_t i = 0; i < size; ++i) {
    enough_.push_back(flags[i]);
    events_.push_back(holding(flags[size + i], hides_certain() || flags[3 * size + i]));
    rests_.push_back(holding(flags[2 * size + i], hides_certain() || flags[4 * size + i]));
    passed_.push_back(enough_[i] && events_[i] != Standing::kSome);
    people_shown_.push_back(passed_[i] && rests_[i] != Standing::kSome);
  }
}

// Whether one of these is set, as a bit that says that none is: a cost forecast goes on to the values.
std::vector<bool> CellDecision::open_set(mpc::Engine& engine, const SharedBits& bits) {
  std::vector<bool> flags = open_flags(engine, engine.not_bits(bits));
  flags.flip();
  return flags;
}

void CellDecision::decide_vetoes(mpc::Engine& engine) {
  for (const mpc::SharedVeto& veto : cells_.vetoes) {
    COHORTIUM_CHECK(veto.bits.size == cells_.people.size);
    const std::vector<std::size_t> records = indices_of(passed_);
    if (records.empty() || (cells_.together && records.size() < passed_.size())) return;
    const std::vector<bool> set = open_set(engine, gather(veto.bits, records));
    for (std::size_t i = 0; i < records.size(); ++i)
      if (set[i]) passed_[records[i]] = people_shown_[records[i]] = false;
    note_vetoed(veto.rule, static_cast<std::size_t>(std::count(set.begin(), set.end(), true)));
  }
}

// People, those with the event and those without it, each seen by each site.
void CellDecision::decide_sites(mpc::Engine& engine) {
  const std::vector<std::size_t> records = indices_of(passed_);
  if (records.empty() || (cells_.together && records.size() < passed_.size())) return;
  const auto numbers = [&](const Shared<u128>& people, const std::optional<Shared<u128>>& events) {
    std::vector<Shared<u64>> parts{narrow(gather(people, records))};
    if (events) {
      parts.push_back(narrow(gather(*events, records)));
      parts.push_back(subtract(parts[0], parts[1]));
    }
    return concatenate(std::span<const Shared<u64>>(parts));
  };
  std::vector<Shared<u64>> of_sites;
  for (const mpc::SharedCounts& site : cells_.sites) of_sites.push_back(numbers(site.people, site.events));
  const std::vector<bool> few =
      open_set(engine, few_elsewhere(engine, numbers(cells_.people, cells_.events), of_sites, minimum_));
  const std::size_t size = records.size();
  std::size_t withheld = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t record = records[i];
    guarded_[record] = few[i] || (cells_.events && few[size + i]);
    rest_guarded_[record] = cells_.events && few[2 * size + i];
    if (guarded_[record]) passed_[record] = false, ++withheld;
    if (guarded_[record] || rest_guarded_[record]) people_shown_[record] = false;
  }
  note_vetoed(site_protection, withheld);
}

// Where one record closes all, the rule that closed it has withheld all.
void CellDecision::note_vetoed(const std::string& rule, std::size_t records) {
  if (records > 0) vetoed_.emplace_back(rule, cells_.together ? passed_.size() : records);
}

void CellDecision::close_all() {
  passed_.assign(passed_.size(), false);
  people_shown_ = passed_;
}

// What is wrong with a computation whose records may all be opened. The bits are opened as "no fault", so that a cost
// forecast goes on to the values.
void CellDecision::open_faults(mpc::Engine& engine) {
  if (cells_.faults.empty()) return;
  COHORTIUM_CHECK(cells_.together);
  if (!all_of(passed_)) return;
  std::vector<SharedBits> sound;
  for (const mpc::SharedFault& fault : cells_.faults) {
    COHORTIUM_CHECK(fault.bit.size == 1);
    sound.push_back(engine.not_bits(fault.bit));
  }
  const std::vector<bool> flags = open_flags(engine, concatenate(std::span<const SharedBits>(sound)));
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i]) continue;
    faults_.push_back(cells_.faults[i].what);
    fault_rules_.push_back(cells_.faults[i].rule);
  }
  if (!faults_.empty()) passed_.assign(passed_.size(), false);
}

Standings CellDecision::people() const {
  Standings result;
  for (std::size_t i = 0; i < enough_.size(); ++i) {
    // With the number of those with the event, that of the others would follow.
    const bool tells = withdrawn_[i] || rest_guarded_[i] || (!rests_.empty() && rests_[i] == Standing::kSome);
    result.groups.push_back(people_shown_[i]             ? Standing::kShown
                            : !enough_[i] || guarded_[i] ? Standing::kFew
                            : tells                      ? Standing::kEnough
                                                         : Standing::kClosed);
  }
  return result;
}

Standings CellDecision::events() const {
  Standings result;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const bool told = events_[i] == Standing::kEnough && !withdrawn_[i];
    result.groups.push_back(passed_[i]                   ? Standing::kShown
                            : !enough_[i] || guarded_[i] ? Standing::kFew
                            : told                       ? Standing::kClosed
                                                         : few_for_all(events_[i]));
    result.rests.push_back(!enough_[i]                       ? Standing::kShown
                           : guarded_[i] || rest_guarded_[i] ? Standing::kFew
                                                             : few_for_all(rests_[i]));
  }
  return result;
}

Standings CellDecision::totals(std::size_t level) const {
  Standings result;
  for (const bool shown : totals_[level]) result.groups.push_back(shown ? Standing::kShown : Standing::kClosed);
  return result;
}

void CellDecision::withdraw_people(std::size_t record) {
  if (!people_shown_[record]) return;
  people_shown_[record] = false;
  withdrawn_[record] = true;
  // Where all have the event, their number is the same.
  if (rests_.empty() || rests_[record] == Standing::kNone) withdraw_record(record);
}

void CellDecision::withdraw_record(std::size_t record) {
  if (!passed_[record]) return;
  withdrawn_[record] = true;
  passed_[record] = people_shown_[record] = false;
  if (cells_.together) close_all();
}

void CellDecision::add_to(Opening& opening) const {
  for (const Shared<u128>& sums : totals_to_open(cells_, totals_, people_shown_, rule_)) opening.add(sums);
  opening.add(gather(cells_.people, indices_of(people_shown_)));
  const std::vector<std::size_t> records = indices_of(passed_);
  if (records.empty()) return;  // no record passes: there are no values
  for (const Shared<u128>& values : cells_.values) opening.add(cells_.together ? values : gather(values, records));
}

mpc::ReleasedCells CellDecision::read(Opening& opening) const {
  mpc::ReleasedCells released{.passed = passed_, .people = {}, .values = {}};
  released.faults = faults_;
  released.fault_rules = fault_rules_;
  released.vetoed = vetoed_;
  released.people.resize(cells_.people.size);
  std::vector<u128> sums;
  for (const Shared<u128>& level : totals_to_open(cells_, totals_, people_shown_, rule_))
    for (std::size_t i = 0; i < level.size; ++i) sums.push_back(opening.next());
  for (const std::size_t i : indices_of(people_shown_)) released.people[i] = opening.next();
  released.totals = read_totals(cells_, totals_, released.people, sums, rule_);
  const std::vector<std::size_t> records = indices_of(passed_);
  if (records.empty()) return released;
  for (const Shared<u128>& values : cells_.values) {
    std::vector<u128>& opened = released.values.emplace_back(values.size);
    if (cells_.together) {
      for (u128& value : opened) value = opening.next();
    } else {
      for (const std::size_t i : records) opened[i] = opening.next();
    }
  }
  return released;
}

}  // namespace cohortium::release
