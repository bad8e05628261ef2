// What one analysis of a study withholds cannot be worked out from what the others show.
//
// Everybody who sees a release tries all records: those that make the protocol release the very same, withheld and shown.
// Among them every withheld count of few people must take every number below the minimum, and every difference of few
// people between nested groups as many numbers as there are from 1 to the minimum. Decided one by one, without the
// rule across analyses, each of these studies gives something away: the search finds it.
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>

#include "mpc/simulate.h"
#include "release/door.h"

namespace cohortium::release {
namespace {

using mpc::Engine;
using mpc::u128;
using mpc::u64;
using Counts = std::vector<u64>;  // of every combination of classes, the last column fastest

constexpr u64 minimum = 3;

struct Ask {
  Counted counted;
  std::vector<std::size_t> totals = {};
  bool curve = false;  // else cells
};

struct TestStudy {
  std::vector<std::size_t> columns;  // classes of each
  std::vector<Ask> asks;
  u64 most;  // people of one combination

  std::size_t combinations() const {
    std::size_t product = 1;
    for (const std::size_t classes : columns) product *= classes;
    return product;
  }
  bool contains(const Population& population, std::size_t combination) const {
    for (std::size_t c = columns.size(); c-- > 0; combination /= columns[c]) {
      const auto found = population.classes.find(c);
      if (found != population.classes.end() && !found->second[combination % columns[c]]) return false;
    }
    return true;
  }
  u64 count(const Population& population, const Counts& records) const {
    u64 sum = 0;
    for (std::size_t i = 0; i < records.size(); ++i) sum += contains(population, i) ? records[i] : 0;
    return sum;
  }
};

Population where(std::map<std::size_t, std::vector<bool>> classes) { return simplified({std::move(classes)}); }

mpc::SharedOutcome outcome_of(Engine& engine, const TestStudy& study, const Ask& ask, const Counts& records) {
  const auto counts = [&](const std::vector<Population>& populations) {
    std::vector<u128> numbers;
    for (const Population& population : populations) numbers.push_back(study.count(population, records));
    return engine.share(0, std::span<const u128>(numbers).first(engine.self() == 0 ? numbers.size() : 0),
                        numbers.size());
  };
  const auto people = counts(ask.counted.people);
  if (!ask.curve) {
    mpc::SharedCells cells{.people = people, .values = {}, .totals = ask.totals};
    if (!ask.counted.events.empty()) {
      cells.events = counts(ask.counted.events);
      cells.values = {*cells.events};
    }
    return {.cells = std::move(cells), .curve = {}};
  }
  const auto events = counts(ask.counted.events);
  return {.cells = {},
          .curve = mpc::SharedCurve{
              .strata = people.size, .grid = 1, .events = events, .censored = subtract(people, events), .sampled = {}}};
}

// What is released of each population asked for, in order: people, events, totals of each analysis.
using View = std::vector<std::optional<u128>>;

View view_of(const std::vector<Ask>& asks, const std::vector<mpc::ReleasedOutcome>& outcomes) {
  View view;
  for (std::size_t i = 0; i < asks.size(); ++i) {
    if (asks[i].curve) {
      for (const auto& stratum : *outcomes[i].curve) view.push_back(stratum.people);
      for (const auto& stratum : *outcomes[i].curve) view.push_back(stratum.events);
      continue;
    }
    const mpc::ReleasedCells& cells = *outcomes[i].cells;
    view.insert(view.end(), cells.people.begin(), cells.people.end());
    for (std::size_t j = 0; j < asks[i].counted.events.size(); ++j)
      view.push_back(cells.passed[j] ? std::optional(cells.values[0][j]) : std::nullopt);
    for (const auto& level : cells.totals) view.insert(view.end(), level.begin(), level.end());
  }
  return view;
}

std::vector<Population> populations_of(const std::vector<Ask>& asks) {
  std::vector<Population> all;
  for (const Ask& ask : asks) {
    all.insert(all.end(), ask.counted.people.begin(), ask.counted.people.end());
    all.insert(all.end(), ask.counted.events.begin(), ask.counted.events.end());
    for (const std::size_t length : ask.totals) {
      for (std::size_t i = 0; i < ask.counted.people.size(); i += length) {
        const auto first = ask.counted.people.begin() + static_cast<std::ptrdiff_t>(i);
        all.push_back(hull({first, first + static_cast<std::ptrdiff_t>(length)}));
      }
    }
  }
  return all;
}

std::vector<Population> events_of(const std::vector<Ask>& asks) {
  std::vector<Population> all;
  for (const Ask& ask : asks) all.insert(all.end(), ask.counted.events.begin(), ask.counted.events.end());
  return all;
}

enum class Rules { kTogether, kOneByOne };

View release_of(const TestStudy& study, const Counts& records, Rules rules, const char* protocol = "plaintext") {
  return mpc::simulate(protocol,
                       [&](Engine& engine) {
                         std::vector<mpc::SharedOutcome> outcomes;
                         std::vector<Counted> counted;
                         for (const Ask& ask : study.asks) {
                           outcomes.push_back(outcome_of(engine, study, ask, records));
                           counted.push_back(rules == Rules::kTogether ? ask.counted : Counted{});
                         }
                         return view_of(study.asks,
                                        release(engine, outcomes, counted, {.minimum_cell = minimum}).outcomes);
                       })
      .front();
}

// A number that must stay open: of a population, or of what one has beyond a nested one.
struct Secret {
  Population outer;
  std::optional<Population> inner;
  u64 least = 0;  // where nobody would show
  std::set<u64> possible = {};

  u64 value(const TestStudy& study, const Counts& records) const {
    return study.count(outer, records) - (inner ? study.count(*inner, records) : 0);
  }
  bool is_safe() const {
    bool all = true;
    for (u64 value = least; value < minimum; ++value) all = all && possible.contains(value);
    return all || (inner && possible.size() >= minimum - 1);
  }
};

std::vector<Secret> secrets_of(const TestStudy& study, const Counts& records, const View& view) {
  std::vector<Secret> secrets;
  const std::vector<Population> asked = populations_of(study.asks), events = events_of(study.asks);
  const auto leaves_nobody_for = [&](const Population& population) {
    for (const Population& outer : asked)
      for (const Population& inner : asked)
        if (is_within(inner, outer) && is_within(population, outer) && have_no_row_in_common(population, inner) &&
            study.count(outer, records) == study.count(inner, records))
          return true;
    return false;
  };
  std::set<Population> shown;
  for (std::size_t i = 0; i < asked.size(); ++i)
    if (view[i]) shown.insert(asked[i]);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const u64 people = study.count(asked[i], records);
    const bool is_events = std::find(events.begin(), events.end(), asked[i]) != events.end();
    if (people < minimum && !shown.contains(asked[i]) && people >= is_events &&
        !leaves_nobody_for(asked[i]))  // of nobody it may be told
      secrets.push_back({.outer = asked[i], .inner = {}, .least = is_events});
    for (const Population& inner : asked) {
      if (inner == asked[i] || !is_within(inner, asked[i])) continue;
      const u64 beyond = people - study.count(inner, records);
      if (beyond > 0 && beyond < minimum) secrets.push_back({.outer = asked[i], .inner = inner, .least = 1});
    }
  }
  return secrets;
}

// Tries all records that agree with what is shown, and marks the numbers that some with the same release have.
void search(const TestStudy& study, const View& view, Rules rules, std::vector<Secret>& secrets) {
  const std::vector<Population> asked = populations_of(study.asks);
  Counts records(study.combinations());
  const auto all_possible = [&] {
    return std::all_of(secrets.begin(), secrets.end(), [](const Secret& secret) { return secret.is_safe(); });
  };
  const auto look = [&] {
    const bool news = std::any_of(secrets.begin(), secrets.end(), [&](const Secret& secret) {
      return !secret.is_safe() && !secret.possible.contains(secret.value(study, records));
    });
    if (!news || release_of(study, records, rules) != view) return;
    for (Secret& secret : secrets) secret.possible.insert(secret.value(study, records));
  };
  // Of every number shown, what is left for the combinations that are still to be filled.
  std::vector<std::pair<const Population*, u64>> shown;
  for (std::size_t i = 0; i < view.size(); ++i)
    if (view[i]) shown.emplace_back(&asked[i], static_cast<u64>(*view[i]));
  const std::function<void(std::size_t)> fill = [&](std::size_t at) {
    if (all_possible()) return;
    if (at == records.size()) {
      if (std::all_of(shown.begin(), shown.end(), [](const auto& number) { return number.second == 0; })) look();
      return;
    }
    for (u64 people = 0; people <= study.most; ++people) {
      bool fits = true;
      for (auto& [population, left] : shown) fits = fits && (!study.contains(*population, at) || left >= people);
      if (!fits) break;
      for (auto& [population, left] : shown) left -= study.contains(*population, at) ? people : 0;
      records[at] = people;
      fill(at + 1);
      for (auto& [population, left] : shown) left += study.contains(*population, at) ? people : 0;
    }
    records[at] = 0;
  };
  fill(0);
}

std::string text(const TestStudy& study, const Population& population) {
  std::string all = "{";
  for (std::size_t i = 0; i < study.combinations(); ++i)
    if (study.contains(population, i)) all += " " + std::to_string(i);
  return all + " }";
}

// The secrets that may not have every number, for everybody who sees the release; empty: it gives nothing away.
std::string given_away(const TestStudy& study, const Counts& records, Rules rules, std::size_t& tried) {
  const View view = release_of(study, records, rules);
  std::vector<Secret> secrets = secrets_of(study, records, view);
  search(study, view, rules, secrets);
  tried += secrets.size();
  std::string found;
  for (const Secret& secret : secrets) {
    if (secret.is_safe()) continue;
    found += text(study, secret.outer) + (secret.inner ? " less " + text(study, *secret.inner) : "") + " can only be";
    for (const u64 value : secret.possible) found += " " + std::to_string(value);
    found += "\n";
  }
  if (found.empty()) return found;
  found += "records";
  for (const u64 count : records) found += " " + std::to_string(count);
  const std::vector<Population> asked = populations_of(study.asks);
  for (std::size_t i = 0; i < view.size(); ++i)
    if (view[i]) found += "\n" + text(study, asked[i]) + " = " + std::to_string(static_cast<u64>(*view[i]));
  return found;
}

const std::vector<bool> first{true, false}, second{false, true};

std::vector<Population> by_two(std::size_t column) { return {where({{column, first}}), where({{column, second}})}; }
std::vector<Population> crossed(std::size_t a, std::size_t b) {
  std::vector<Population> cells;
  for (const auto& left : {first, second})
    for (const auto& right : {first, second}) cells.push_back(where({{a, left}, {b, right}}));
  return cells;
}

TestStudy table_and_margins() {
  return {.columns = {2, 2},
          .asks = {{.counted = {.people = by_two(0)}},
                   {.counted = {.people = crossed(0, 1)}, .totals = {2, 4}},
                   {.counted = {.people = by_two(1)}}},
          .most = 12};
}

// Class 1 of both columns: no value.
TestStudy two_describes() {
  return {.columns = {2, 2},
          .asks = {{.counted = {.people = {{}}, .events = {where({{0, first}})}}},
                   {.counted = {.people = {{}}, .events = {where({{1, first}})}}}},
          .most = 14};
}

// Event, censored, no value; two groups.
TestStudy count_beside_curve() {
  const std::vector<bool> known{true, true, false}, event{true, false, false};
  return {.columns = {2, 3},
          .asks = {{.counted = {.people = {where({{0, first}, {1, known}}), where({{0, second}, {1, known}})},
                                .events = {where({{0, first}, {1, event}}), where({{0, second}, {1, event}})}},
                    .curve = true},
                   {.counted = {.people = by_two(0)}}},
          .most = 7};
}

// Those with outcome a, and those with b or c.
TestStudy complementary_outcomes() {
  return {.columns = {4},
          .asks = {{.counted = {.people = {{}}, .events = {where({{0, {true, false, false, false}}})}}},
                   {.counted = {.people = {{}}, .events = {where({{0, {false, true, true, false}}})}}},
                   {.counted = {.people = {where({{0, {false, false, true, false}}})}}}},
          .most = 9};
}

using Named = std::pair<const char*, TestStudy (*)()>;
class AcrossAttack : public ::testing::TestWithParam<Named> {};

INSTANTIATE_TEST_SUITE_P(Studies, AcrossAttack,
                         ::testing::Values(Named{"table_and_margins", table_and_margins},
                                           Named{"two_describes", two_describes},
                                           Named{"count_beside_curve", count_beside_curve},
                                           Named{"complementary_outcomes", complementary_outcomes}),
                         [](const auto& named) { return named.param.first; });

Counts random_records(const TestStudy& study, std::mt19937_64& random) {
  Counts records(study.combinations());
  for (u64& count : records) count = random() % 2 == 0 ? random() % minimum : random() % (study.most - 2);
  return records;
}

TEST_P(AcrossAttack, FindsNothing) {
  const TestStudy study = GetParam().second();
  std::mt19937_64 random(3);
  std::size_t tried = 0, shown = 0;
  for (int trial = 0; trial < 25; ++trial) {
    const Counts records = random_records(study, random);
    EXPECT_EQ(given_away(study, records, Rules::kTogether, tried), "");
    const View view = release_of(study, records, Rules::kTogether);
    shown += view.size() - static_cast<std::size_t>(std::count(view.begin(), view.end(), std::nullopt));
  }
  EXPECT_GT(tried, 20u);
  EXPECT_GT(shown, 25u);  // the rule does not simply withhold everything
}

TEST_P(AcrossAttack, FindsSomethingWithoutTheRule) {
  const TestStudy study = GetParam().second();
  std::mt19937_64 random(3);
  std::size_t tried = 0, found = 0;
  for (int trial = 0; trial < 25; ++trial)
    found += !given_away(study, random_records(study, random), Rules::kOneByOne, tried).empty();
  EXPECT_GT(found, 2u);
}

TEST_P(AcrossAttack, EveryProtocolDecidesAlike) {
  const TestStudy study = GetParam().second();
  std::mt19937_64 random(5);
  for (int trial = 0; trial < 3; ++trial) {
    const Counts records = random_records(study, random);
    const View expected = release_of(study, records, Rules::kTogether);
    for (const char* protocol : {"replicated3", "replicated3-malicious", "replicated4"})
      EXPECT_EQ(release_of(study, records, Rules::kTogether, protocol), expected) << protocol;
  }
}

}  // namespace
}  // namespace cohortium::release
