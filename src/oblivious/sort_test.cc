// Sorting against std::stable_sort: both methods, all widths, one and several keys; rearrangements there and back.
#include "oblivious/sort.h"

#include <gtest/gtest.h>

#include <numeric>

#include "oblivious/testing/table_inputs.h"

namespace cohortium::oblivious {
namespace {

using Opened = std::vector<std::vector<u64>>;

class Sorting : public testing::TestWithParam<const char*> {};

std::vector<u64> row_numbers_of(std::size_t n) {
  std::vector<u64> rows(n);
  std::iota(rows.begin(), rows.end(), u64{0});
  return rows;
}

// The rows in the order of a stable sort.
template <class Less>
std::vector<u64> stable_order(std::size_t n, Less less) {
  std::vector<u64> rows = row_numbers_of(n);
  std::stable_sort(rows.begin(), rows.end(), less);
  return rows;
}

TEST_P(Sorting, IsStableForAllInputsWidthsAndMethods) {
  for (std::size_t n : table_sizes) {
    for (int bits : {1, 3, 4, 8, 32, 48, 63, 64}) {
      if (n == 1000 && bits != 4 && bits != 64) continue;
      for (const auto& [name, keys] : keys_of_all_kinds(n, bits, static_cast<unsigned>(n) + 1)) {
        for (SortMethod method : {SortMethod::kComparison, SortMethod::kRadix}) {
          if (method == SortMethod::kRadix && bits > 8 && n != 65) continue;
          const auto opened = run_alike(GetParam(), [&](Engine& e) {
            const SortKey key{.values = input(e, keys), .bits = bits};
            return e.open(apply(e, sort_order(e, std::span(&key, 1), method), input(e, row_numbers_of(n))));
          });
          EXPECT_EQ(opened, stable_order(n, [&](u64 a, u64 b) { return keys[a] < keys[b]; }))
              << name << ", " << n << " keys of " << bits << " bits, method " << static_cast<int>(method);
        }
      }
    }
  }
}

TEST_P(Sorting, SignedAndDescendingKeys) {
  for (int bits : {5, 64}) {
    for (const auto& [name, keys] : keys_of_all_kinds(65, bits, 3)) {
      std::vector<u64> values = keys;  // sign-extended
      for (u64& v : values) v = static_cast<u64>(static_cast<std::int64_t>(v << (64 - bits)) >> (64 - bits));
      const auto less = [&](u64 a, u64 b) {
        return static_cast<std::int64_t>(values[a]) < static_cast<std::int64_t>(values[b]);
      };
      for (bool descending : {false, true}) {
        const auto opened = run_alike(GetParam(), [&](Engine& e) {
          const SortKey key{.values = input(e, values), .bits = bits, .is_signed = true, .descending = descending};
          return e.open(apply(e, sort_order(e, std::span(&key, 1)), input(e, row_numbers_of(65))));
        });
        EXPECT_EQ(opened, stable_order(65, [&](u64 a, u64 b) { return descending ? less(b, a) : less(a, b); })) << name;
      }
    }
  }
}

// Keys that share a word, that take two, and that do not fit 127 bits: the most significant key decides.
TEST_P(Sorting, SeveralKeys) {
  const std::size_t n = 200;
  for (const std::vector<int>& widths :
       {std::vector<int>{3, 10}, {2, 64}, {64, 2}, {1, 40, 40}, {64, 64}, {2, 64, 64, 3}}) {
    std::mt19937_64 random(7);
    std::vector<std::vector<u64>> columns;
    for (int bits : widths) {
      std::vector<u64>& column = columns.emplace_back(n);
      const u64 base = random();
      for (u64& v : column) v = (base + random() % 3) & (bits == 64 ? ~u64{0} : (u64{1} << bits) - 1);
    }
    const auto opened = run_alike(GetParam(), [&](Engine& e) {
      std::vector<Shared<u64>> shared;
      for (const auto& column : columns) shared.push_back(input(e, column));
      std::vector<SortKey> keys;
      for (std::size_t k = 0; k < widths.size(); ++k) keys.push_back({.values = shared[k], .bits = widths[k]});
      return e.open(apply(e, sort_order(e, keys), input(e, row_numbers_of(n))));
    });
    EXPECT_EQ(opened, stable_order(n, [&](u64 a, u64 b) {
                for (const auto& column : columns) {
                  if (column[a] != column[b]) return column[a] < column[b];
                }
                return false;
              }));
  }
}

TEST_P(Sorting, MovesColumnsOfAllKindsAndBack) {
  for (std::size_t n : table_sizes) {
    const auto keys = keys_of_all_kinds(n, 64, 5)[0].keys;
    const auto opened = run_alike(GetParam(), [&](Engine& e) {
      const auto values = input(e, keys);
      const std::vector<u128> wide(keys.begin(), keys.end());
      Columns table{.words = {values, values}, .wide = {input(e, wide)}, .bits = {e.bit(values, 0), e.bit(values, 1)}};
      const SortKey key{.values = values};
      const Rearrangement order = sort_order(e, std::span(&key, 1));
      Opened result;
      const auto open_all = [&](const Columns& columns) {
        for (const auto& column : columns.words) result.push_back(e.open(column));
        for (const auto& column : columns.wide) result.push_back(e.open(mpc::narrow(column)));
        for (const auto& column : columns.bits) result.push_back(open_bits(e, column));
      };
      const Columns sorted = apply(e, order, table);
      open_all(sorted);
      open_all(apply(e, inverse(order), sorted));
      return result;
    });
    std::vector<u64> expected = keys;
    for (std::size_t half = 0; half < 2; ++half) {
      if (half == 0) std::sort(expected.begin(), expected.end());
      if (half == 1) expected = keys;
      for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(opened[5 * half + c], expected);
      for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(opened[5 * half + 3 + c][i], expected[i] >> c & 1);
      }
    }
  }
}

TEST_P(Sorting, RearrangementsCompose) {
  for (std::size_t n : table_sizes) {
    std::mt19937_64 random(static_cast<unsigned>(n));
    std::vector<u64> first = row_numbers_of(n), second = first;
    std::shuffle(first.begin(), first.end(), random);
    std::shuffle(second.begin(), second.end(), random);
    const auto opened = run_alike(GetParam(), [&](Engine& e) {
      const Rearrangement to = from_destinations(e, input(e, first)), from = from_sources(e, input(e, second));
      const auto rows = input(e, row_numbers_of(n));
      return Opened{
          e.open(apply(e, to, rows)), e.open(apply(e, from, rows)), e.open(apply(e, compose(e, to, from), rows)),
          e.open(apply(e, compose(e, from, inverse(from)), rows)), e.open(apply(e, random_rearrangement(e, n), rows))};
    });
    std::vector<u64> moved(n), both(n), shuffled = opened[4];
    for (std::size_t i = 0; i < n; ++i) moved[first[i]] = i;
    for (std::size_t i = 0; i < n; ++i) both[i] = moved[second[i]];
    EXPECT_EQ(opened[0], moved);
    EXPECT_EQ(opened[1], second);
    EXPECT_EQ(opened[2], both);
    EXPECT_EQ(opened[3], row_numbers_of(n));
    std::sort(shuffled.begin(), shuffled.end());
    EXPECT_EQ(shuffled, row_numbers_of(n));
  }
}

TEST_P(Sorting, RefusesWhatIsNoPermutation) {
  for (const std::vector<u64>& wrong : {std::vector<u64>{0, 0}, {1, 2}, {0, ~u64{0}}}) {
    try {
      run_alike(GetParam(), [&](Engine& e) { return from_destinations(e, input(e, wrong)).order; });
      ADD_FAILURE() << "accepted";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error().code, "oblivious.not_a_permutation");
    }
  }
}

TEST_P(Sorting, OneHundredThousandRows) {
  auto keys = keys_of_all_kinds(100'000, 64, 9)[0].keys;
  const auto opened = run_alike(GetParam(), [&](Engine& e) { return e.open(sort(e, {.values = input(e, keys)})); });
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(opened, keys);
}

// What comparison sorts are known to tell: with ties broken by the place after the shuffle, equal keys come out in
// ascending order of places, and the opened order says that they were equal. Here all 6 orders of 3 rows are opened
// alike, whatever the keys: 600 draws give each 100 +- 46 (5 standard deviations).
TEST_P(Sorting, OpensAUniformOrderWhateverTheKeys) {
  for (const std::vector<u64>& keys : {std::vector<u64>{7, 7, 7}, {1, 2, 3}, {9, 4, 4}}) {
    for (SortMethod method : {SortMethod::kComparison, SortMethod::kRadix}) {
      const auto opened = run_alike(GetParam(), [&](Engine& e) {
        const auto values = input(e, keys);
        const SortKey key{.values = values, .bits = 4};
        std::vector<int> counts(27);
        for (int i = 0; i < 600; ++i) {
          const auto& order = sort_order(e, std::span(&key, 1), method).order;
          ++counts[9 * order[0] + 3 * order[1] + order[2]];
        }
        std::erase(counts, 0);
        return counts;
      });
      EXPECT_EQ(opened.size(), 6U);
      for (int count : opened) EXPECT_NEAR(count, 100, 46);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, Sorting, testing::Values("plaintext", "replicated3"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace cohortium::oblivious
