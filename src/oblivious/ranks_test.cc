// Ranks with ties, inversions, discordant pairs and selected places against plain loops.
#include "oblivious/ranks.h"

#include <gtest/gtest.h>

#include "oblivious/selection.h"
#include "oblivious/testing/table_inputs.h"

namespace cohortium::oblivious {
namespace {

using Opened = std::vector<std::vector<u64>>;

class Ranks : public testing::TestWithParam<const char*> {
 protected:
  template <class Body>
  Opened run(Body body) {
    return run_alike(GetParam(), body);
  }
};
INSTANTIATE_TEST_SUITE_P(Protocols, Ranks, testing::Values("plaintext", "replicated3"));

TEST_P(Ranks, CountSmallerAndEqualKeys) {
  for (const std::size_t n : {0, 1, 2, 65, 300}) {
    for (const int bits : {1, 7, 62}) {
      for (const NamedKeys& named : keys_of_all_kinds(n, bits, 3)) {
        const Opened opened = run([&](Engine& e) {
          const TiedRanks ranks = tied_ranks(e, input(e, named.keys), bits);
          return Opened{e.open(ranks.before), e.open(ranks.ties)};
        });
        std::vector<u64> sorted = named.keys;
        std::sort(sorted.begin(), sorted.end());
        for (std::size_t i = 0; i < n; ++i) {
          const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), named.keys[i]);
          EXPECT_EQ(opened[0][i], static_cast<u64>(first - sorted.begin())) << named.name << " " << n;
          EXPECT_EQ(opened[1][i], static_cast<u64>(last - first)) << named.name << " " << n;
        }
      }
    }
  }
}

TEST_P(Ranks, InversionsOfPermutations) {
  std::mt19937_64 random(5);
  for (const std::size_t n : {0, 1, 2, 3, 4, 5, 63, 64, 65, 200}) {
    std::vector<u64> places(n);
    for (std::size_t i = 0; i < n; ++i) places[i] = i;
    for (int order = 0; order < 4; ++order) {
      if (order == 1) std::reverse(places.begin(), places.end());
      if (order > 1) std::shuffle(places.begin(), places.end(), random);
      u64 expected = 0;
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i + 1; j < n; ++j) expected += places[i] > places[j];
      const Opened opened = run([&](Engine& e) { return Opened{e.open(inversions(e, input(e, places)))}; });
      EXPECT_EQ(opened[0], std::vector<u64>{expected}) << n << " " << order;
    }
  }
}

TEST_P(Ranks, DiscordantPairsWithTies) {
  std::mt19937_64 random(6);
  for (const std::size_t n : {0, 1, 2, 10, 150}) {
    for (const u64 range : {1, 2, 12, 1000}) {
      std::vector<u64> x(n), y(n);
      for (std::size_t i = 0; i < n; ++i) {
        x[i] = random() % range;
        y[i] = random() % range;
      }
      std::vector<u64> pairs(1), ties(n);
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
          ties[i] += x[i] == x[j] && y[i] == y[j];
          pairs[0] += x[i] < x[j] && y[i] > y[j];
        }
      }
      const Opened opened = run([&](Engine& e) {
        const TiedRanks first = tied_ranks(e, input(e, x), 10), second = tied_ranks(e, input(e, y), 10);
        const Discordance found = discordant(e, first.before, second.before);
        return Opened{e.open(found.pairs), e.open(found.ties)};
      });
      EXPECT_EQ(opened[0], pairs) << n << " " << range;
      EXPECT_EQ(opened[1], ties) << n << " " << range;
    }
  }
}

TEST_P(Ranks, OnesAreCounted) {
  for (const std::size_t n : {0, 1, 191, 192, 193, 5000, 100000}) {
    std::mt19937_64 random(7);
    std::vector<std::vector<int>> bits(3, std::vector<int>(n));
    std::vector<u64> expected(3);
    for (std::size_t v = 0; v < 3; ++v) {
      for (int& bit : bits[v]) bit = v == 2 ? 1 : static_cast<int>(random() % (v + 2) == 0);
      for (const int bit : bits[v]) expected[v] += static_cast<u64>(bit);
    }
    const Opened opened = run([&](Engine& e) {
      const std::vector<SharedBits> vectors{input_bits(e, bits[0]), input_bits(e, bits[1]), input_bits(e, bits[2])};
      return Opened{e.open(count_ones(e, vectors))};
    });
    EXPECT_EQ(opened[0], expected) << n;
  }
}

TEST_P(Ranks, PlacesAreSelected) {
  for (const std::size_t n : {1, 2, 64, 777}) {
    for (const int bits : {1, 2, 9, 62}) {
      for (const NamedKeys& named : keys_of_all_kinds(n, bits, 8)) {
        std::vector<int> all(n, 1), some(n);
        std::vector<u64> sorted = named.keys, few;
        for (std::size_t i = 0; i < n; i += 3) {
          some[i] = 1;
          few.push_back(named.keys[i]);
        }
        std::sort(sorted.begin(), sorted.end());
        std::sort(few.begin(), few.end());
        // Places in units of 1/1000: the median, the extremes, a third of the way, and one behind the last.
        const std::vector<u64> places{(n - 1) * 500, 0, (n - 1) * 1000, (few.size() - 1) * 333 + 999,
                                      few.size() * 1000};
        const Opened opened = run([&](Engine& e) {
          const auto planes = e.to_bits(input(e, named.keys), bits);
          const SharedBits everybody = input_bits(e, all), third = input_bits(e, some);
          return Opened{e.open(
              select_places(e, planes, {everybody, everybody, everybody, third, third}, input(e, places), 1000))};
        });
        const u64 ones = (u64{1} << bits) - 1;
        const std::size_t inner = places[3] / 1000;
        const std::vector<u64> expected{sorted[(n - 1) / 2], sorted.front(), sorted.back(),
                                        inner < few.size() ? few[inner] : ones, ones};
        EXPECT_EQ(opened[0], expected) << named.name << " " << n << " " << bits;
      }
    }
  }
}

}  // namespace
}  // namespace cohortium::oblivious
