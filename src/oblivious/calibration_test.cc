// Groups by the quantiles of secret risks against R's way to cut: quantiles of type 7, intervals closed on the right.
#include "oblivious/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "oblivious/ranks.h"
#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {
namespace {

struct Person {
  u64 key = 0;
  bool counts = true, event = false;
};

struct Group {
  u64 people = 0, events = 0, risk = 0;
  bool operator==(const Group&) const = default;
};

std::vector<Person> made(std::size_t n, u64 keys, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Person> people(n);
  for (Person& p : people) p = {.key = random() % keys, .counts = random() % 8 > 0, .event = random() % 3 == 0};
  return people;
}

std::vector<Group> cut(const std::vector<Person>& people, std::size_t groups) {
  std::vector<double> sorted;
  for (const Person& p : people) {
    if (p.counts) sorted.push_back(static_cast<double>(p.key));
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<Group> result(groups);
  for (const Person& p : people) {
    std::size_t group = 0;
    for (std::size_t k = 1; k < groups; ++k) {
      const std::size_t at = (sorted.size() - 1) * k / groups, part = (sorted.size() - 1) * k % groups;
      const double next = sorted[std::min(at + 1, sorted.size() - 1)];
      const double share = static_cast<double>(part) / static_cast<double>(groups);
      if (static_cast<double>(p.key) > sorted[at] + share * (next - sorted[at])) group = k;
    }
    if (!p.counts) continue;
    result[group].people += 1;
    result[group].events += p.event ? 1 : 0;
    result[group].risk += p.key;
  }
  return result;
}

// As the kernel's contract says, forwards from the first group.
std::vector<Group> merged(const std::vector<Group>& groups, u64 minimum) {
  const auto fine = [&](const Group& g) {
    return (g.events == 0 || g.events >= minimum) && (g.people == g.events || g.people - g.events >= minimum);
  };
  const auto sum = [&](std::size_t from, std::size_t to) {
    Group all;
    for (std::size_t k = from; k < to; ++k)
      all = {all.people + groups[k].people, all.events + groups[k].events, all.risk + groups[k].risk};
    return all;
  };
  std::vector<Group> result(groups.size());
  std::size_t from = 0;
  for (std::size_t k = 0; k < groups.size(); ++k) {
    const Group all = sum(from, k + 1);
    if (all.people == 0 || !fine(all) || !fine(sum(k + 1, groups.size()))) continue;
    result[k] = all;
    from = k + 1;
  }
  return result;
}

std::vector<Group> computed(const char* protocol, const std::vector<Person>& people, std::size_t groups, u64 minimum) {
  const auto results = mpc::simulate(protocol, [&](Engine& engine) {
    std::vector<u64> keys;
    std::vector<u128> weight, event, risk;
    for (const Person& p : people) {
      keys.push_back(p.counts ? p.key : 1 << 20);
      weight.push_back(p.counts);
      event.push_back(p.event);
      risk.push_back(p.key);
    }
    const TiedRanks ranks = tied_ranks(engine, input(engine, keys), 21);
    RiskGroups found =
        risk_groups(engine, ranks.before, input(engine, weight), input(engine, event), input(engine, risk), groups);
    if (minimum > 0) found = merged_groups(engine, found, minimum);
    const auto counts = engine.open(found.people), events = engine.open(found.events), risks = engine.open(found.risk);
    std::vector<Group> opened;
    for (std::size_t k = 0; k < groups; ++k)
      opened.push_back({static_cast<u64>(counts[k]), static_cast<u64>(events[k]), static_cast<u64>(risks[k])});
    return opened;
  });
  return results[0];
}

class Calibration : public testing::TestWithParam<const char*> {};

TEST_P(Calibration, GroupsAreThoseOfQuantiles) {
  // Without ties, with many, and all alike.
  for (const u64 keys : {u64{1} << 20, u64{37}, u64{5}, u64{1}}) {
    for (const std::size_t groups : {std::size_t{2}, std::size_t{7}, std::size_t{10}}) {
      const auto people = made(211, keys, static_cast<unsigned>(groups + keys));
      EXPECT_EQ(computed(GetParam(), people, groups, 0), cut(people, groups)) << keys << " " << groups;
    }
  }
  EXPECT_EQ(computed(GetParam(), {{.key = 5, .event = true}}, 10, 0), cut({{.key = 5, .event = true}}, 10));
}

TEST_P(Calibration, GroupsAreMergedUntilNoneTellsOfAFew) {
  for (const u64 minimum : {u64{1}, u64{3}, u64{11}, u64{90}}) {
    for (unsigned seed = 0; seed < 4; ++seed) {
      std::vector<Person> people = made(180, 400, seed);
      // Few events among low risks, few others among high ones.
      for (Person& p : people) p.event = p.key < 60 ? false : p.key > 350 || (p.event && p.key > 90);
      EXPECT_EQ(computed(GetParam(), people, 10, minimum), merged(cut(people, 10), minimum)) << minimum;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, Calibration, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
