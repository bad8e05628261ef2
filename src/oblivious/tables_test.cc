// Groups, joins, segments, compaction, extremes, histograms and look-ups against plain loops.
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "oblivious/compaction.h"
#include "oblivious/extremes.h"
#include "oblivious/group_by.h"
#include "oblivious/histogram.h"
#include "oblivious/join.h"
#include "oblivious/lookup.h"
#include "oblivious/segments.h"
#include "oblivious/testing/table_inputs.h"

namespace cohortium::oblivious {
namespace {

using Opened = std::vector<std::vector<u64>>;

class Tables : public testing::TestWithParam<const char*> {
 protected:
  template <class Body>
  Opened run(Body body) {
    return run_alike(GetParam(), body);
  }
};

std::vector<u64> random_values(std::size_t n, u64 below, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<u64> values(n);
  for (u64& v : values) v = below == 0 ? random() : random() % below;
  return values;
}

std::vector<int> random_marks(std::size_t n, unsigned one_in, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<int> marks(n);
  for (int& mark : marks) mark = random() % one_in == 0 ? 1 : 0;
  return marks;
}

TEST_P(Tables, RunningResultsWithinSegments) {
  for (std::size_t n : table_sizes) {
    for (unsigned one_in : {1U, 3U, 40U, 1000000U}) {
      const auto values = random_values(n, 1000, 1);
      auto marks = random_marks(n, one_in, 2);
      const auto opened = run([&](Engine& e) {
        const auto v = input(e, values);
        const auto starts = input_bits(e, marks);
        Opened result;
        for (Running kind : {Running::kFirst, Running::kSum, Running::kMinimum, Running::kMaximum}) {
          result.push_back(e.open(running(e, kind, v, starts, 10)));
        }
        result.push_back(e.open(running_upwards(e, Running::kFirst, v, starts)));
        const std::vector<u128> wide(values.begin(), values.end());
        result.push_back(e.open(mpc::narrow(running(e, Running::kSum, input(e, wide), starts))));
        const auto two = running(e, Running::kFirst, std::vector{v, mpc::scale(v, u64{3})}, starts);
        result.push_back(e.open(two[1]));
        return result;
      });
      if (n > 0) marks[0] = 1;
      std::vector<u64> expected(n), last(n);
      std::size_t start = 0;
      for (std::size_t i = 0; i < n; ++i) {
        if (marks[i] != 0) start = i;
        const auto from = values.begin() + static_cast<std::ptrdiff_t>(start),
                   to = values.begin() + static_cast<std::ptrdiff_t>(i + 1);
        u64 sum = 0;
        for (auto v = from; v != to; ++v) sum += *v;
        ASSERT_EQ(opened[0][i], *from);
        ASSERT_EQ(opened[1][i], sum);
        ASSERT_EQ(opened[2][i], *std::min_element(from, to));
        ASSERT_EQ(opened[3][i], *std::max_element(from, to));
        ASSERT_EQ(opened[5][i], sum);
        ASSERT_EQ(opened[6][i], 3 * *from);
      }
      for (std::size_t i = n; i-- > 0;) last[i] = i + 1 == n || marks[i + 1] != 0 ? values[i] : last[i + 1];
      EXPECT_EQ(opened[4], last);
    }
  }
}

TEST_P(Tables, CompactionIsStable) {
  for (std::size_t n : table_sizes) {
    for (unsigned one_in : {1U, 2U, 20U, 1000000U}) {
      const auto marks = random_marks(n, one_in, 3);
      const auto opened = run([&](Engine& e) {
        const auto marked = input_bits(e, marks);
        return Opened{e.open(apply(e, compaction(e, marked), row_numbers<u64>(e, n))), {open_count(e, marked)}};
      });
      std::vector<u64> expected;
      for (int wanted : {1, 0}) {
        for (std::size_t i = 0; i < n; ++i) {
          if (marks[i] == wanted) expected.push_back(i);
        }
      }
      EXPECT_EQ(opened[0], expected);
      EXPECT_EQ(opened[1][0], static_cast<u64>(std::count(marks.begin(), marks.end(), 1)));
    }
  }
}

struct PlainGroup {
  u64 sum = 0, count = 0, minimum = ~u64{0}, maximum = 0, first = 0, last = 0;
};

TEST_P(Tables, GroupsByTwoKeys) {
  for (std::size_t n : table_sizes) {
    for (u64 different : {u64{1}, u64{5}, u64{100000}}) {
      for (bool all : {true, false}) {
        const auto major = random_values(n, different, 4), minor = random_values(n, 2, 5),
                   values = random_values(n, 1 << 20, 6);
        const auto marks = random_marks(n, all ? 1 : 2, 7);
        const auto opened = run([&](Engine& e) {
          const auto k1 = input(e, major), k2 = input(e, minor), v = input(e, values);
          const auto among = input_bits(e, marks);
          const std::vector<SortKey> keys{{.values = k1, .bits = 17}, {.values = k2, .bits = 1}};
          std::vector<Aggregate> aggregates;
          for (AggregateKind kind : {AggregateKind::kSum, AggregateKind::kCount, AggregateKind::kMinimum,
                                     AggregateKind::kMaximum, AggregateKind::kFirst, AggregateKind::kLast}) {
            aggregates.push_back({.kind = kind, .values = &v, .bits = 20});
          }
          const Groups groups = group_by(e, keys, aggregates, all ? nullptr : &among);
          Opened result{e.open(groups.number_of_groups), open_bits(e, groups.valid)};
          for (const auto& column : groups.keys) result.push_back(e.open(column));
          for (const auto& column : groups.aggregates) result.push_back(e.open(column));
          return result;
        });
        std::map<std::pair<u64, u64>, PlainGroup> groups;
        for (std::size_t i = 0; i < n; ++i) {
          if (marks[i] == 0) continue;
          PlainGroup& g = groups[{major[i], minor[i]}];
          if (g.count++ == 0) g.first = values[i];
          g.last = values[i];
          g.sum += values[i];
          g.minimum = std::min(g.minimum, values[i]);
          g.maximum = std::max(g.maximum, values[i]);
        }
        Opened expected(10);
        expected[0] = {groups.size()};
        for (const auto& [key, g] : groups) {
          const u64 row[] = {1, key.first, key.second, g.sum, g.count, g.minimum, g.maximum, g.first, g.last};
          for (std::size_t c = 0; c < 9; ++c) expected[c + 1].push_back(row[c]);
        }
        for (std::size_t c = 1; c < 10; ++c) expected[c].resize(n);
        EXPECT_EQ(opened, expected) << n << " rows, " << different << " keys";
      }
    }
  }
}

TEST_P(Tables, FirstOfEachKey) {
  for (std::size_t n : table_sizes) {
    const auto keys = random_values(n, 10, 8);
    const auto opened = run([&](Engine& e) {
      const auto k = input(e, keys);
      const SortKey key{.values = k, .bits = 4};
      return Opened{open_bits(e, first_of_each(e, std::span(&key, 1)))};
    });
    for (std::size_t i = 0; i < n; ++i) {
      const auto here = keys.begin() + static_cast<std::ptrdiff_t>(i);
      EXPECT_EQ(opened[0][i], std::find(keys.begin(), here, keys[i]) == here ? 1U : 0U);
    }
  }
}

// Keys over the whole range of 64 bits, among them 0 and the largest, which must not be taken for "no partner".
TEST_P(Tables, JoinsManyToOne) {
  for (std::size_t l : {0, 1, 2, 65, 300}) {
    for (std::size_t r : {0, 1, 2, 64, 100}) {
      for (int bits : {7, 64}) {
        const u64 stride = bits == 64 ? ~u64{0} / 99 : 1;
        std::vector<u64> right(r), left = random_values(l, 100, 9), first(r), second = random_values(r, 0, 10);
        for (std::size_t i = 0; i < r; ++i) right[i] = (99 - i) * stride;
        for (std::size_t i = 0; i < r; ++i) first[i] = i + 1;
        for (u64& key : left) key *= stride;
        const auto opened = run([&](Engine& e) {
          const auto left_keys = input(e, left), right_keys = input(e, right);
          const std::vector<Shared<u64>> columns{input(e, first), input(e, second)};
          const SortKey a{.values = left_keys, .bits = bits}, b{.values = right_keys, .bits = bits};
          const Joined joined = join(e, a, b, columns);
          return Opened{open_bits(e, joined.found), e.open(joined.columns[0]), e.open(joined.columns[1]),
                        open_bits(e, semi_join(e, a, b))};
        });
        for (std::size_t i = 0; i < l; ++i) {
          const auto partner = static_cast<std::size_t>(std::find(right.begin(), right.end(), left[i]) - right.begin());
          ASSERT_EQ(opened[0][i], partner < r ? 1U : 0U);
          ASSERT_EQ(opened[1][i], partner < r ? first[partner] : 0);
          ASSERT_EQ(opened[2][i], partner < r ? second[partner] : 0);
          ASSERT_EQ(opened[3][i], opened[0][i]);
        }
      }
    }
  }
}

TEST_P(Tables, SemiJoinWithRepeatedKeys) {
  const auto left = random_values(200, 50, 11), right = random_values(100, 50, 12);
  const auto opened = run([&](Engine& e) {
    const auto a = input(e, left), b = input(e, right);
    return Opened{open_bits(e, semi_join(e, {.values = a, .bits = 6}, {.values = b, .bits = 6}))};
  });
  for (std::size_t i = 0; i < left.size(); ++i) {
    EXPECT_EQ(opened[0][i], std::count(right.begin(), right.end(), left[i]) > 0 ? 1U : 0U);
  }
}

TEST_P(Tables, ExtremesAndTheirPlaces) {
  for (std::size_t length : {1, 2, 3, 7, 64, 65}) {
    const std::size_t n = 3 * length;
    std::vector<u64> values = random_values(n, 20, 13);
    for (u64& v : values) v -= 10;
    const auto opened = run([&](Engine& e) {
      const auto v = input(e, values);
      const std::vector<u128> wide(values.begin(), values.end());
      const auto least = extreme(e, Extreme::kMinimum, v, length, true);
      const auto most = extreme(e, Extreme::kMaximum, v, length, true);
      return Opened{e.open(least.value), e.open(least.place), e.open(most.value), e.open(most.place),
                    e.open(mpc::narrow(extreme(e, Extreme::kMaximum, input(e, wide), length, false, 65).value))};
    });
    for (std::size_t b = 0; b < 3; ++b) {
      const auto from = values.begin() + static_cast<std::ptrdiff_t>(b * length),
                 to = from + static_cast<std::ptrdiff_t>(length);
      const auto less = [](u64 x, u64 y) { return static_cast<std::int64_t>(x) < static_cast<std::int64_t>(y); };
      const auto least = std::min_element(from, to, less), most = std::max_element(from, to, less);
      EXPECT_EQ(opened[0][b], *least);
      EXPECT_EQ(opened[1][b], static_cast<u64>(least - from));
      EXPECT_EQ(opened[2][b], *most);
      EXPECT_EQ(opened[3][b], static_cast<u64>(most - from));
      EXPECT_EQ(opened[4][b], *std::max_element(from, to));
    }
  }
}

TEST_P(Tables, AbsoluteAndClamped) {
  const u64 largest = (u64{1} << 63) - 1;
  const std::vector<u64> values{0, 1, static_cast<u64>(-1), 5, static_cast<u64>(-5), 1000, largest, u64{0} - largest};
  const std::vector<u64> small(values.begin(), values.end() - 2);
  const auto opened = run([&](Engine& e) {
    return Opened{e.open(absolute(e, input(e, values))),
                  e.open(clamp(e, input(e, small), static_cast<u64>(-2), u64{7}))};
  });
  EXPECT_EQ(opened[0], (std::vector<u64>{0, 1, 1, 5, 5, 1000, largest, largest}));
  EXPECT_EQ(opened[1], (std::vector<u64>{0, 1, static_cast<u64>(-1), 5, static_cast<u64>(-2), 7}));
}

TEST_P(Tables, TopRows) {
  for (std::size_t n : {0, 1, 2, 65, 3000}) {
    for (std::size_t k : {0, 1, 10, 64}) {
      const auto values = random_values(n, 200, 14);
      const auto opened = run([&](Engine& e) {
        const auto v = input(e, values);
        const SortKey key{.values = v, .bits = 20, .descending = true};
        const Columns best =
            top(e, std::span(&key, 1), {.words = {v, row_numbers<u64>(e, n)}, .wide = {}, .bits = {}}, k);
        return Opened{e.open(best.words[0]), e.open(best.words[1])};
      });
      std::vector<u64> order(n);
      for (std::size_t i = 0; i < n; ++i) order[i] = i;
      std::stable_sort(order.begin(), order.end(), [&](u64 a, u64 b) { return values[a] > values[b]; });
      order.resize(std::min(n, k));
      EXPECT_EQ(opened[1], order);
      for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(opened[0][i], values[order[i]]);
    }
  }
}

TEST_P(Tables, Histograms) {
  for (std::size_t n : table_sizes) {
    for (auto [bits, range] : {std::pair<int, std::size_t>{1, 2}, {4, 16}, {4, 11}, {9, 300}}) {
      const auto numbers = random_values(n, u64{1} << bits, 15), weights = random_values(n, 0, 16);
      for (HistogramMethod method : {HistogramMethod::kOneHot, HistogramMethod::kSort, HistogramMethod::kAutomatic}) {
        if (n == 1000 && method == HistogramMethod::kOneHot && bits > 4) continue;
        const auto opened = run([&](Engine& e) {
          const auto v = input(e, numbers);
          return Opened{e.open(histogram(e, v, bits, range, method)),
                        e.open(weighted_histogram(e, v, input(e, weights), bits, range, method))};
        });
        Opened expected(2, std::vector<u64>(range));
        for (std::size_t i = 0; i < n; ++i) {
          if (numbers[i] >= range) continue;
          ++expected[0][numbers[i]];
          expected[1][numbers[i]] += weights[i];
        }
        EXPECT_EQ(opened, expected);
      }
    }
  }
}

TEST_P(Tables, Lookups) {
  for (std::size_t n : table_sizes) {
    for (auto [bits, length] : {std::pair<int, std::size_t>{1, 2}, {3, 5}, {5, 32}, {8, 256}, {8, 200}}) {
      const auto table = random_values(length, 0, 17), index = random_values(n, u64{1} << bits, 18);
      const auto opened = run([&](Engine& e) {
        const auto i = input(e, index);
        return Opened{e.open(lookup_public(e, table, i, bits)), e.open(lookup_secret(e, input(e, table), i, bits))};
      });
      std::vector<u64> expected(n);
      for (std::size_t i = 0; i < n; ++i) expected[i] = index[i] < length ? table[index[i]] : 0;
      EXPECT_EQ(opened[0], expected);
      EXPECT_EQ(opened[1], expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, Tables, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
