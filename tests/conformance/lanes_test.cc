// Long vectors: streams of several blocks and their edges, several lanes, near and far links. The results are the
// oracle's and the costs the declared ones, whatever the lanes and the link.
#include <gtest/gtest.h>

#include <cmath>

#include "inputs.h"
#include "mpc/forecast/forecast.h"
#include "mpc/lane_channels.h"
#include "mpc/protocols.h"
#include "mpc/simulate.h"
#include "programs.h"

namespace cohortium::conformance {
namespace {

using mpc::Cost;
using mpc::Engine;
using mpc::PartyId;
using mpc::Shared;

constexpr mpc::Link far_link{.latency_seconds = 0.05, .bytes_per_second = 1e8};

struct Setting {
  const char* name;
  const char* protocol;
  int lanes;
  mpc::Link link;
};

class Lanes : public testing::TestWithParam<Setting> {
 protected:
  static mpc::Simulation simulation() { return {.lanes = GetParam().lanes, .link = GetParam().link}; }

  template <class W>
  static Shared<W> input(Engine& engine, const std::vector<W>& values, PartyId owner = 0) {
    owner %= engine.parties();
    const bool mine = engine.self() == owner;
    return engine.share(owner, mine ? std::span<const W>(values) : std::span<const W>(), values.size());
  }

  template <class Body>
  static void expect_as_oracle(Body body) {
    const auto expected = mpc::simulate("plaintext", body)[0];
    for (const auto& actual : mpc::simulate(GetParam().protocol, body, simulation())) EXPECT_EQ(actual, expected);
  }

  static void expect_declared_cost(const Program& program, std::size_t n) {
    const auto measured = mpc::simulate(
        GetParam().protocol,
        [&](Engine& engine) {
          program.run(engine, n, 1);
          return engine.cost();
        },
        simulation());
    for (PartyId party = 0; party < mpc::parties_of(GetParam().protocol); ++party) {
      const auto forecast = mpc::make_forecast_engine(GetParam().protocol, party, GetParam().link, GetParam().lanes);
      program.run(*forecast, n, 1);
      EXPECT_EQ(forecast->cost().rounds, measured[party].rounds) << program.name << " " << party << ", size " << n;
      EXPECT_EQ(forecast->cost().bytes_sent, measured[party].bytes_sent)
          << program.name << " " << party << ", size " << n;
    }
  }
};

// One element less than a block, a block, one more, and several.
template <class W>
std::vector<std::size_t> block_edges() {
  const std::size_t block = mpc::stream_block(sizeof(W));
  return {block - 1, block, block + 1, 3 * block, 100'001};
}

TEST_P(Lanes, ShareMultiplyOpen) {
  const auto check = [&]<class W>(W) {
    for (const std::size_t n : block_edges<W>()) {
      expect_as_oracle([n](Engine& engine) {
        const auto a = input(engine, ring_elements<W>(n, 1), 1), b = input(engine, ring_elements<W>(n, 2), 2);
        auto opened = engine.open(engine.multiply(a, b));
        for (const W value : engine.open(engine.dot(a, b, n))) opened.push_back(value);
        const auto to_one = engine.open_to(engine.parties() - 1, b);
        EXPECT_EQ(to_one.value_or(ring_elements<W>(n, 2)), ring_elements<W>(n, 2));
        return opened;
      });
    }
  };
  check(u64{});
  check(u128{});
}

TEST_P(Lanes, SumsAndMatrices) {
  const auto check = [&]<class W>(W) {
    expect_as_oracle([](Engine& engine) {
      const auto a = input(engine, ring_elements<W>(120'000, 3)), b = input(engine, ring_elements<W>(120'000, 4), 1);
      std::vector<W> opened;
      for (const std::size_t length : {1, 20, 1000, 60'000, 120'000}) {
        for (const W value : engine.open(engine.dot(a, b, length))) opened.push_back(value);
      }
      return opened;
    });
    for (const auto [rows, inner, columns] :
         {std::array<std::size_t, 3>{67, 260, 300}, {5, 513, 17}, {64, 256, 256}, {70'000, 3, 2}, {3, 9'000, 3}}) {
      expect_as_oracle([rows = rows, inner = inner, columns = columns](Engine& engine) {
        const auto a = input(engine, ring_elements<W>(rows * inner, 5));
        const auto b = input(engine, ring_elements<W>(inner * columns, 6));
        return engine.open(engine.matrix_product(a, b, rows, inner, columns));
      });
    }
  };
  check(u64{});
  check(u128{});
}

// |result 2^f - value| <= 2^f, where the difference is exact modulo 2^k.
template <class W>
void expect_truncated(const std::vector<W>& result, const std::vector<W>& exact, int f) {
  ASSERT_EQ(result.size(), exact.size());
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const W above = static_cast<W>(static_cast<W>(result[i] << f) - exact[i] + (W{1} << f));
    ASSERT_LE(above, W{2} << f) << "f = " << f << ", element " << i;
  }
}

TEST_P(Lanes, TruncatedProductsAreNeverOffByMoreThanOneUnit) {
  const auto check = [&]<class W>(W, std::initializer_list<int> digits) {
    for (const std::size_t n :
         {std::size_t{0}, std::size_t{1}, std::size_t{65}, std::size_t{10'922}, std::size_t{50'001}}) {
      for (const int f : digits) {
        const int half = mpc::bits_of<W> / 2 - 1;  // products just below 2^(k-2)
        const auto x = signed_elements<W>(n, half, 7), y = signed_elements<W>(n, half, 8);
        std::vector<W> exact(n);
        for (std::size_t i = 0; i < n; ++i) exact[i] = x[i] * y[i];
        const auto opened = mpc::simulate(
            GetParam().protocol,
            [&](Engine& e) {
              const auto a = input(e, x, 1), b = input(e, y, 2);
              return std::array{e.open(e.multiply_truncate(a, b, f)), e.open(e.truncate(e.multiply(a, b), f)),
                                e.open(e.dot_truncate(a, b, 1, f)),
                                e.open(e.matrix_product_truncate(a, input(e, std::vector<W>{1}), n, 1, 1, f))};
            },
            simulation());
        for (const auto& at_party : opened) {
          EXPECT_EQ(at_party, opened[0]);
          for (int way : {0, 1, 2}) expect_truncated(at_party[way], exact, f);
          expect_truncated(at_party[3], x, f);
        }
      }
    }
  };
  check(u64{}, {1, 8, 9, 16, 31, 33, 62});
  check(u128{}, {1, 16, 40, 63, 65, 126});
}

TEST_P(Lanes, PermutationsGoForthAndBack) {
  const auto values = ring_elements<u64>(70'000, 9);
  const auto opened = mpc::simulate(
      GetParam().protocol,
      [&](Engine& engine) {
        const auto p = engine.random_permutation(35'000);
        const auto moved = engine.permute(p, input(engine, values), mpc::Direction::kForwards);
        return std::array{engine.open(moved), engine.open(engine.permute(p, moved, mpc::Direction::kBackwards))};
      },
      simulation());
  for (const auto& at_party : opened) {
    EXPECT_EQ(at_party[1], values);
    EXPECT_NE(at_party[0], values);
    auto sorted = at_party[0], expected = values;
    std::sort(sorted.begin(), sorted.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(sorted, expected);
  }
}

TEST_P(Lanes, DeclaredCostEqualsMeasured) {
  for (const Program& program : kernel_programs()) {
    if (!program.name.starts_with("prefix_product")) expect_declared_cost(program, 33'000);  // no such long runs
  }
}

INSTANTIATE_TEST_SUITE_P(Settings, Lanes,
                         testing::Values(Setting{"one_near", "replicated3", 1, {}},
                                         Setting{"two_near", "replicated3", 2, {}},
                                         Setting{"two_far", "replicated3", 2, far_link},
                                         Setting{"four_parties", "replicated4", 1, {}},
                                         Setting{"four_parties_far", "replicated4", 2, far_link}),
                         [](const auto& instance) { return std::string(instance.param.name); });

// Roles move on after 2^20 elements: every role of every party, in one run.
TEST(LongVectors, TruncateInEveryRole) {
  const std::size_t n = (std::size_t{3} << 20) + 5;
  std::vector<u64> x(n);
  std::mt19937_64 random(10);
  for (u64& value : x) value = random() % (u64{1} << 62);
  const auto opened = mpc::simulate("replicated3", [&](Engine& e) {
    const auto a = e.constant(std::span<const u64>(x)), one = e.constant(std::span<const u64>(std::vector<u64>(n, 1)));
    const auto cost = e.cost();
    auto result = std::array{e.open(e.truncate(a, 20)), e.open(e.multiply_truncate(a, one, 20))};
    EXPECT_EQ(e.cost().rounds - cost.rounds, 4U + 1 + 8 + 1);
    return result;
  });
  for (const auto& at_party : opened) {
    EXPECT_EQ(at_party, opened[0]);
    expect_truncated(at_party[0], x, 20);
    expect_truncated(at_party[1], x, 20);
  }
}

}  // namespace
}  // namespace cohortium::conformance
