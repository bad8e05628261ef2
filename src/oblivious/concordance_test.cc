// Concordance of secret predictors with secret times against counting all pairs.
#include "oblivious/concordance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "oblivious/fixed_point.h"
#include "oblivious/testing/numbers.h"

namespace cohortium::oblivious {
namespace {

struct Person {
  std::uint64_t entry = 0, time = 1;
  bool event = true;
  int predictor = 0;
  std::size_t stratum = 0;
};

std::vector<Person> made(std::size_t n, std::size_t strata, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Person> people(n);
  for (Person& p : people) {
    p.time = 1 + random() % 12;
    p.entry = random() % p.time;
    p.event = random() % 3 > 0;
    p.predictor = static_cast<int>(random() % 9) - 4;
    p.stratum = random() % strata;
  }
  return people;
}

// Of each person, four times the concordant pairs and twice those with equal predictors; then all comparable pairs.
std::vector<u128> counted(const std::vector<Person>& people, bool entries) {
  const std::size_t n = people.size();
  std::vector<u128> counts(2 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const Person& first = people[i];
    for (std::size_t j = 0; j < n && first.event; ++j) {
      const Person& later = people[j];
      const bool at_risk = later.time > first.time || (later.time == first.time && !later.event);
      if (!at_risk || later.stratum != first.stratum || (entries && later.entry >= first.time)) continue;
      for (std::size_t one : {i, j}) {
        counts[one] += first.predictor > later.predictor ? 4 : first.predictor == later.predictor ? 2 : 0;
        counts[n + one] += 1;
      }
    }
  }
  return counts;
}

// With two rows of zeros behind the people.
ConcordantPairs computed(Engine& engine, const std::vector<Person>& people, std::size_t strata, bool entries) {
  const std::size_t n = people.size() + 2, copies = entries ? 2 : 1;
  std::vector<u64> key(n * copies, 255), event(n * copies);
  std::vector<u128> weight(n * copies), predictor(n * copies), stratum(strata * n * copies);
  for (std::size_t i = 0; i < people.size(); ++i) {
    for (std::size_t c = 0; c < copies; ++c) {
      const Person& p = people[i];
      key[c * n + i] = (p.stratum << 5) + 20 - (c == 0 ? p.time : p.entry);
      event[c * n + i] = c == 0 && p.event;
      weight[c * n + i] = c == 0 ? u128{1} : ~u128{0};
      predictor[c * n + i] = static_cast<u128>(static_cast<mpc::i128>(p.predictor)) << predictor_drop;
      stratum[p.stratum * n * copies + c * n + i] = 1;
    }
  }
  SurvivalRows rows{.rows = n * copies, .columns = 1, .strata = strata};
  rows.key = input(engine, key);
  rows.key_bits = 8;
  rows.event = engine.bit(input(engine, event), 0);
  rows.covariates = constant_fill(engine, n * copies, u128{0});
  rows.weight = input(engine, weight);
  if (strata > 1) rows.stratum = input(engine, stratum);
  return concordant_pairs(engine, risk_sets(engine, rows, Ties::kBreslow), rows, input(engine, predictor), copies);
}

class ConcordanceTest : public testing::TestWithParam<const char*> {};

TEST_P(ConcordanceTest, CountsEveryPair) {
  for (std::size_t n : {1, 2, 40}) {
    for (std::size_t strata : {1, 3}) {
      for (bool entries : {false, true}) {
        const auto people = made(n, strata, static_cast<unsigned>(n + strata));
        const auto opened = mpc::simulate(GetParam(), [&](Engine& e) {
          const ConcordantPairs result = computed(e, people, strata, entries);
          return e.open(join({mpc::slice(result.fourfold, 0, n), mpc::slice(result.pairs, 0, n)}));
        });
        EXPECT_TRUE(opened[0] == counted(people, entries)) << n << ", " << strata << ", " << entries;
      }
    }
  }
}

TEST_P(ConcordanceTest, ShareAndItsVariance) {
  for (std::size_t n : {6, 40, 150}) {
    const auto people = made(n, 2, static_cast<unsigned>(n));
    const auto opened = mpc::simulate(GetParam(), [&](Engine& e) {
      const Concordance result = concordance(e, computed(e, people, 2, n == 40));
      return e.open(join({result.share, result.variance}));
    });
    const auto counts = counted(people, n == 40);
    const auto number = [&](std::size_t i) { return static_cast<double>(counts[i]); };
    double fourfold = 0, pairs = 0, squares = 0;
    for (std::size_t i = 0; i < n; ++i) {
      fourfold += number(i);
      pairs += number(n + i);
    }
    ASSERT_GT(pairs, 0);
    const double share = fourfold / pairs / 4;
    for (std::size_t i = 0; i < n; ++i) squares += std::pow((number(i) / 4 - share * number(n + i)) / (pairs / 2), 2);
    EXPECT_NEAR(mpc::decode_fixed(opened[0][0], concordance_bits), share, 1e-15);
    EXPECT_NEAR(mpc::decode_fixed(opened[0][1], concordance_bits), squares, 4e-15);
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, ConcordanceTest, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
