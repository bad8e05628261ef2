// Algorithms on tables as workloads.
#include <algorithm>
#include <map>
#include <numeric>

#include "bench/inputs.h"
#include "bench/workload.h"
#include "oblivious/group_by.h"
#include "oblivious/join.h"
#include "oblivious/selection.h"
#include "oblivious/sort.h"

namespace cohortium::bench {
namespace {

Workload sort(const std::string& name, int bits, std::size_t elements) {
  return make_workload(
      name, fmt::format("{}-bit keys in ascending order", bits), elements,
      [=](Engine& engine, std::size_t n) {
        return share_from_first<u64>(engine, n, [=] { return random_words<u64>(n, 1, bits); });
      },
      [=](Engine& engine, const Shared<u64>& in) { return oblivious::sort(engine, {.values = in, .bits = bits}); },
      [=](Engine& engine, const Shared<u64>& out, std::size_t n) {
        std::vector<u64> expected = random_words<u64>(engine.self() == 0 ? n : 0, 1, bits);
        std::sort(expected.begin(), expected.end());
        return compare_exactly(engine, out, [&](std::size_t i) { return expected[i]; });
      });
}

constexpr int code_bits = 10, value_bits = 20;

struct Coded {
  Shared<u64> codes, values;
};

// Rows (code, value), about 1,000 codes: the sum of values of each code.
Workload group_by_sum() {
  return make_workload(
      "group_by_sum", "sums of a column by a 10-bit code", 100'000,
      [](Engine& engine, std::size_t n) {
        return Coded{share_from_first<u64>(engine, n, [=] { return random_words<u64>(n, 1, code_bits); }),
                     share_from_first<u64>(engine, n, [=] { return random_words<u64>(n, 2, value_bits); })};
      },
      [](Engine& engine, const Coded& in) {
        const oblivious::SortKey key{.values = in.codes, .bits = code_bits};
        const oblivious::Aggregate sum{.kind = oblivious::AggregateKind::kSum, .values = &in.values};
        const oblivious::Groups groups = oblivious::group_by(engine, {&key, 1}, {&sum, 1});
        return Coded{groups.keys[0], groups.aggregates[0]};
      },
      [](Engine& engine, const Coded& out, std::size_t n) -> std::string {
        const auto codes = engine.open_to(0, out.codes), sums = engine.open_to(0, out.values);
        if (!codes) return "";
        std::map<u64, u64> expected;
        const auto in_codes = random_words<u64>(n, 1, code_bits), in_values = random_words<u64>(n, 2, value_bits);
        for (std::size_t i = 0; i < n; ++i) expected[in_codes[i]] += in_values[i];
        std::size_t row = 0;
        for (const auto& [code, sum] : expected) {
          if ((*codes)[row] != code || (*sums)[row] != sum) return fmt::format("group {} is wrong", row);
          ++row;
        }
        return "";
      });
}

struct Sides {
  Shared<u64> left, right, payload;
};

// Half the elements on either side; every key occurs once on the right, two thirds of the left find one.
Workload join() {
  constexpr int key_bits = 32;
  const auto right_keys = [](std::size_t n) {
    std::vector<u64> keys(n / 2);
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = 2 * i;
    std::mt19937_64 random(3);
    std::shuffle(keys.begin(), keys.end(), random);
    return keys;
  };
  const auto left_keys = [](std::size_t n) {
    std::vector<u64> keys = random_words<u64>(n - n / 2, 4, key_bits - 2);
    for (u64& key : keys) key = key % (n / 2 * 3 / 2 + 1) * (key % 3 == 0 ? 1 : 2);
    return keys;
  };
  const auto payloads = [](std::size_t n) { return random_words<u64>(n / 2, 5); };
  return make_workload(
      "join", "each row on the left finds its row on the right, 32-bit keys, elements = rows of both", 100'000,
      [=](Engine& engine, std::size_t n) {
        return Sides{share_from_first<u64>(engine, n - n / 2, [=] { return left_keys(n); }),
                     share_from_first<u64>(engine, n / 2, [=] { return right_keys(n); }),
                     share_from_first<u64>(engine, n / 2, [=] { return payloads(n); })};
      },
      [](Engine& engine, const Sides& in) {
        return oblivious::join(engine, {.values = in.left, .bits = key_bits}, {.values = in.right, .bits = key_bits},
                               {&in.payload, 1});
      },
      [=](Engine& engine, const oblivious::Joined& out, std::size_t n) -> std::string {
        const auto found = engine.open_bits(out.found);
        const auto columns = engine.open_to(0, out.columns.at(0));
        if (!columns) return "";
        const auto left = left_keys(n), right = right_keys(n), payload = payloads(n);
        std::map<u64, u64> table;
        for (std::size_t i = 0; i < right.size(); ++i) table[right[i]] = payload[i];
        for (std::size_t i = 0; i < left.size(); ++i) {
          const auto match = table.find(left[i]);
          const bool expected = match != table.end();
          if ((found[i / 64] >> (i % 64) & 1) != expected) return fmt::format("found bit {} is wrong", i);
          if ((*columns)[i] != (expected ? match->second : 0)) return fmt::format("row {} is wrong", i);
        }
        return "";
      });
}

// The two middle values of a column, whose mean is the median, without sorting it.
Workload median() {
  constexpr int bits = 62;
  return make_workload(
      "median", "the exact median of a column of 62-bit keys", 1'000'000,
      [](Engine& engine, std::size_t n) {
        return share_from_first<u64>(engine, n, [=] { return random_words<u64>(n, 1, bits); });
      },
      [](Engine& engine, const Shared<u64>& in) {
        const SharedBits all = engine.constant_bits(std::vector<u64>((in.size + 63) / 64, ~u64{0}), in.size);
        const std::vector<u64> middle{(in.size - 1) / 2, in.size / 2};
        return oblivious::select_places(engine, engine.to_bits(in, bits), {all, all},
                                        engine.constant(std::span<const u64>(middle)), 1);
      },
      [](Engine& engine, const Shared<u64>& out, std::size_t n) {
        std::vector<u64> expected = random_words<u64>(engine.self() == 0 ? n : 0, 1, bits);
        std::sort(expected.begin(), expected.end());
        return compare_exactly(engine, out, [&](std::size_t i) { return expected[i == 0 ? (n - 1) / 2 : n / 2]; });
      });
}

}  // namespace

std::vector<Workload> table_workloads() {
  return {sort("sort_u64", 64, 100'000),
          sort("sort_u64", 64, 1'000'000),
          sort("sort_u32", 32, 1'000'000),
          group_by_sum(),
          join(),
          median()};
}

}  // namespace cohortium::bench
