// The engine's kernels as workloads.
#include <cmath>

#include "bench/inputs.h"
#include "bench/workload.h"
#include "oblivious/compare.h"
#include "oblivious/fixed_point.h"

namespace cohortium::bench {
namespace {

constexpr int fraction_bits = 16;

template <class T>
struct Two {
  T a, b;
};

template <RingWord W>
auto two_columns(int bits) {
  return [bits](Engine& engine, std::size_t n) {
    return Two<Shared<W>>{share_from_first<W>(engine, n, [=] { return random_words<W>(n, 1, bits); }),
                          share_from_first<W>(engine, n, [=] { return random_words<W>(n, 2, bits); })};
  };
}

template <RingWord W>
Workload multiply(const std::string& name, std::size_t elements) {
  return make_workload(
      name, "products in the ring", elements, two_columns<W>(mpc::bits_of<W>),
      [](Engine& engine, const Two<Shared<W>>& in) { return engine.multiply(in.a, in.b); },
      [](Engine& engine, const Shared<W>& out, std::size_t n) {
        const bool checks = engine.self() == 0;
        const auto a = random_words<W>(checks ? n : 0, 1), b = random_words<W>(checks ? n : 0, 2);
        return compare_exactly(engine, out, [&](std::size_t i) { return static_cast<W>(a[i] * b[i]); });
      });
}

// Elements are words of 64 bits.
Workload and_words() {
  return make_workload(
      "and_u64", "conjunctions of 64-bit words", 10'000'000,
      [](Engine& engine, std::size_t n) {
        return Two<SharedBits>{share_bits_from_first(engine, 64 * n, [=] { return random_words<u64>(n, 1); }),
                               share_bits_from_first(engine, 64 * n, [=] { return random_words<u64>(n, 2); })};
      },
      [](Engine& engine, const Two<SharedBits>& in) { return engine.and_bits(in.a, in.b); },
      [](Engine& engine, const SharedBits& out, std::size_t n) -> std::string {
        const std::vector<u64> opened = engine.open_bits(out);
        if (engine.self() != 0) return "";
        const auto a = random_words<u64>(n, 1), b = random_words<u64>(n, 2);
        for (std::size_t i = 0; i < n; ++i) {
          if (opened[i] != (a[i] & b[i])) return fmt::format("word {} of {} is wrong", i, n);
        }
        return "";
      });
}

// Differences of values below 2^62 fit the ring, as less_than asks.
constexpr int compared_bits = 62;

Workload compare() {
  return make_workload(
      "compare_u64", "a < b", 1'000'000, two_columns<u64>(compared_bits),
      [](Engine& engine, const Two<Shared<u64>>& in) { return oblivious::less_than(engine, in.a, in.b); },
      [](Engine& engine, const SharedBits& out, std::size_t n) {
        const bool checks = engine.self() == 0;
        const auto a = random_words<u64>(checks ? n : 0, 1, compared_bits);
        const auto b = random_words<u64>(checks ? n : 0, 2, compared_bits);
        return compare_bits(engine, out, [&](std::size_t i) { return a[i] < b[i]; });
      });
}

// All of [0, 2^64), neighbours and equal values among them.
Workload compare_full_range() {
  const auto near = [](std::size_t n) {
    std::vector<u64> words = random_words<u64>(n, 1);
    for (std::size_t i = 0; i < n; ++i) words[i] = i % 4 == 0 ? words[i] + i % 3 - 1 : words[i] * 0x9e3779b97f4a7c15;
    return words;
  };
  return make_workload(
      "compare_full_u64", "a < b over the full range", 1'000'000,
      [near](Engine& engine, std::size_t n) {
        return Two<Shared<u64>>{share_from_first<u64>(engine, n, [=] { return random_words<u64>(n, 1); }),
                                share_from_first<u64>(engine, n, [=] { return near(n); })};
      },
      [](Engine& engine, const Two<Shared<u64>>& in) { return oblivious::less_than_unsigned(engine, in.a, in.b); },
      [near](Engine& engine, const SharedBits& out, std::size_t n) {
        const std::size_t checked = engine.self() == 0 ? n : 0;
        const auto a = random_words<u64>(checked, 1), b = near(checked);
        return compare_bits(engine, out, [&](std::size_t i) { return a[i] < b[i]; });
      });
}

// Every second pair is equal but for one bit, every third equal.
std::vector<u64> almost_equal(std::size_t n) {
  std::vector<u64> words = random_words<u64>(n, 1);
  for (std::size_t i = 0; i < n; ++i) {
    if (i % 3 != 0) words[i] ^= u64{1} << (i % 64);
  }
  return words;
}

Workload equal() {
  return make_workload(
      "equal_u64", "a = b", 1'000'000,
      [](Engine& engine, std::size_t n) {
        return Two<Shared<u64>>{share_from_first<u64>(engine, n, [=] { return random_words<u64>(n, 1); }),
                                share_from_first<u64>(engine, n, [=] { return almost_equal(n); })};
      },
      [](Engine& engine, const Two<Shared<u64>>& in) { return oblivious::equal(engine, in.a, in.b); },
      [](Engine& engine, const SharedBits& out, std::size_t) {
        return compare_bits(engine, out, [](std::size_t i) { return i % 3 == 0; });
      });
}

Workload fixed_multiply() {
  constexpr double largest = 4096;
  const auto numbers = [](std::size_t n, unsigned seed) {
    return random_numbers<u64>(n, seed, -largest, largest, fraction_bits);
  };
  return make_workload(
      "fixed_multiply", "fixed-point products, 16 fraction bits", 1'000'000,
      [numbers](Engine& engine, std::size_t n) {
        return Two<Shared<u64>>{share_from_first<u64>(engine, n, [=] { return numbers(n, 1); }),
                                share_from_first<u64>(engine, n, [=] { return numbers(n, 2); })};
      },
      [](Engine& engine, const Two<Shared<u64>>& in) {
        return oblivious::multiply_fixed(engine, in.a, in.b, fraction_bits);
      },
      [numbers](Engine& engine, const Shared<u64>& out, std::size_t n) {
        const bool checks = engine.self() == 0;
        const auto a = numbers(checks ? n : 0, 1), b = numbers(checks ? n : 0, 2);
        return compare_numbers(engine, out, fraction_bits, 1, [&](std::size_t i) {
          return mpc::decode_fixed(a[i], fraction_bits) * mpc::decode_fixed(b[i], fraction_bits);
        });
      });
}

Workload bit_decompose() {
  return make_workload(
      "bit_decompose", "64-bit elements to their bits", 1'000'000,
      [](Engine& engine, std::size_t n) {
        return share_from_first<u64>(engine, n, [=] { return random_words<u64>(n, 1); });
      },
      [](Engine& engine, const Shared<u64>& in) { return engine.to_bits(in, 64); },
      [](Engine& engine, const std::vector<SharedBits>& planes, std::size_t n) {
        const auto words = random_words<u64>(engine.self() == 0 ? n : 0, 1);
        std::string wrong;
        for (std::size_t j = 0; j < planes.size(); ++j) {
          const std::string here = compare_bits(engine, planes[j], [&](std::size_t i) { return words[i] >> j & 1; });
          if (!here.empty()) wrong = fmt::format("plane {}: {}", j, here);
        }
        return wrong;
      });
}

// Elements are secret multiply-adds: the cube of the matrices' dimension.
Workload matrix_product() {
  constexpr double largest = 64;
  const auto dimension_of = [](std::size_t n) {
    return std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(std::cbrt(static_cast<double>(n)))));
  };
  const auto numbers = [](std::size_t d, unsigned seed) {
    return random_numbers<u64>(d * d, seed, -largest, largest, fraction_bits);
  };
  Workload workload{.name = "matmul_fixed_512",
                    .summary = "product of square fixed-point matrices, elements = multiply-adds",
                    .elements = std::size_t{512} * 512 * 512,
                    .prepare = {}};
  workload.prepare = [=](Engine& engine, std::size_t n) {
    const std::size_t d = dimension_of(n);
    Task task = make_task(
        engine, n,
        [=](Engine& e, std::size_t) {
          return Two<Shared<u64>>{share_from_first<u64>(e, d * d, [=] { return numbers(d, 1); }),
                                  share_from_first<u64>(e, d * d, [=] { return numbers(d, 2); })};
        },
        [d](Engine& e, const Two<Shared<u64>>& in) {
          return e.matrix_product_truncate(in.a, in.b, d, d, d, fraction_bits);
        },
        [=](Engine& e, const Shared<u64>& out, std::size_t) {
          const bool checks = e.self() == 0;
          const auto a = numbers(checks ? d : 0, 1), b = numbers(checks ? d : 0, 2);
          return compare_numbers(e, out, fraction_bits, 1, [&](std::size_t at) {
            u64 sum = 0;
            for (std::size_t k = 0; k < d; ++k) sum += a[at / d * d + k] * b[k * d + at % d];
            return mpc::decode_fixed(sum, 2 * fraction_bits);
          });
        });
    task.elements = d * d * d;
    task.multiply_adds = 6 * static_cast<double>(task.elements);  // two per party: x_0 (y_0 + y_1) + x_1 y_0
    return task;
  };
  return workload;
}

// Every element moves by one secret permutation: the opened result must hold the same elements in another order.
Workload shuffle() {
  return make_workload(
      "shuffle_u64", "a column in a secret random order", 1'000'000,
      [](Engine& engine, std::size_t n) {
        return share_from_first<u64>(engine, n, [=] { return random_words<u64>(n, 1); });
      },
      [](Engine& engine, const Shared<u64>& in) {
        return engine.permute(engine.random_permutation(in.size), in, mpc::Direction::kForwards);
      },
      [](Engine& engine, const Shared<u64>& out, std::size_t n) -> std::string {
        const auto opened = engine.open_to(0, out);
        if (!opened) return "";
        std::vector<u64> before = random_words<u64>(n, 1), after = *opened;
        if (n > 16 && before == after) return "nothing moved";
        std::sort(before.begin(), before.end());
        std::sort(after.begin(), after.end());
        return before == after ? "" : "the elements are not the same";
      });
}

}  // namespace

std::vector<Workload> kernel_workloads() {
  return {multiply<u64>("multiply_u64", 10'000'000),
          and_words(),
          multiply<u128>("multiply_u128", 5'000'000),
          compare(),
          compare_full_range(),
          equal(),
          fixed_multiply(),
          bit_decompose(),
          matrix_product(),
          shuffle()};
}

}  // namespace cohortium::bench
