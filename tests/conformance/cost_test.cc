// What the kernels declare is what the wire carries: the forecast engine and the meters agree at every party, for every
// kernel and every algorithm, to the round and to the byte.
#include <gtest/gtest.h>

#include "inputs.h"
#include "mpc/forecast/forecast.h"
#include "mpc/protocols.h"
#include "mpc/simulate.h"
#include "programs.h"

namespace cohortium::conformance {
namespace {

using mpc::Cost;
using mpc::Engine;

class Costs : public testing::TestWithParam<std::tuple<const char*, Program>> {};

TEST_P(Costs, DeclaredEqualsMeasured) {
  const auto& [protocol, program] = GetParam();
  for (std::size_t n : sizes) {
    const auto measured = mpc::simulate(protocol, [&](Engine& engine) {
      program.run(engine, n, 1);
      return engine.cost();
    });
    for (int party = 0; party < mpc::parties_of(protocol); ++party) {
      const auto forecast = mpc::make_forecast_engine(protocol, party);
      program.run(*forecast, n, 1);
      EXPECT_EQ(forecast->cost().rounds, measured[party].rounds) << "party " << party << ", size " << n;
      EXPECT_EQ(forecast->cost().bytes_sent, measured[party].bytes_sent) << "party " << party << ", size " << n;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, Costs,
                         testing::Combine(testing::Values("plaintext", "replicated3", "replicated4"),
                                          testing::ValuesIn(all_programs())),
                         [](const auto& instance) {
                           return test_name(std::get<0>(instance.param)) + "_" + std::get<1>(instance.param).name;
                         });
INSTANTIATE_TEST_SUITE_P(Proofs, Costs,
                         testing::Combine(testing::Values("replicated3-malicious"),
                                          testing::ValuesIn(building_programs())),
                         [](const auto& instance) { return std::get<1>(instance.param).name; });

// The figures of docs and papers, so that a change of price does not go unnoticed.
template <class Body>
Cost dearest_cost(const char* protocol, Body body) {
  Cost dearest;
  for (int party = 0; party < mpc::parties_of(protocol); ++party) {
    const auto engine = mpc::make_forecast_engine(protocol, party);
    body(*engine);
    dearest.rounds = std::max(dearest.rounds, engine->cost().rounds);
    dearest.bytes_sent = std::max(dearest.bytes_sent, engine->cost().bytes_sent);
  }
  return dearest;
}

// What all parties send together.
template <class Body>
std::uint64_t bytes_of_all(const char* protocol, Body body) {
  std::uint64_t bytes = 0;
  for (int party = 0; party < mpc::parties_of(protocol); ++party) {
    const auto engine = mpc::make_forecast_engine(protocol, party);
    body(*engine);
    bytes += engine->cost().bytes_sent;
  }
  return bytes;
}

TEST(Replicated3Costs, OfOneThousandElements) {
  const auto cost_of = [](auto body) { return dearest_cost("replicated3", body); };
  const auto vector = [](Engine& e) { return e.ring<u64>().random(1024); };
  EXPECT_EQ(cost_of([&](Engine& e) { e.multiply(vector(e), vector(e)); }), (Cost{1, 8192}));
  EXPECT_EQ(cost_of([&](Engine& e) { e.dot(vector(e), vector(e), 1024); }), (Cost{1, 8}));
  EXPECT_EQ(cost_of([&](Engine& e) { e.truncate(vector(e), 20); }), (Cost{1, 3 * 8192}));
  EXPECT_EQ(cost_of([&](Engine& e) { e.multiply_truncate(vector(e), vector(e), 16); }), (Cost{2, 10 * 1024}));
  EXPECT_EQ(cost_of([&](Engine& e) { e.bit(vector(e), 63); }), (Cost{5, (2 * (15 * 15 + 7 + 1) + 26) * 128}));
  EXPECT_EQ(cost_of([&](Engine& e) { e.is_zero(vector(e), 64); }), (Cost{5, (2 * 16 * 15 + 15) * 128}));
}

// Two elements and a tag at the dearest party; a tag is 16 bytes.
TEST(Replicated4Costs, OfOneThousandElements) {
  const auto cost_of = [](auto body) { return dearest_cost("replicated4", body); };
  const auto vector = [](Engine& e) { return e.ring<u64>().random(1024); };
  EXPECT_EQ(cost_of([&](Engine& e) { e.multiply(vector(e), vector(e)); }), (Cost{1, 2 * 8192 + 16}));
  EXPECT_EQ(cost_of([&](Engine& e) { e.open(vector(e)); }), (Cost{1, 8192 + 16}));
  EXPECT_EQ(cost_of([&](Engine& e) { e.truncate(vector(e), 20); }).rounds, 2U);
  EXPECT_EQ(cost_of([&](Engine& e) { e.multiply_truncate(vector(e), vector(e), 16); }).rounds, 3U);
  EXPECT_EQ(cost_of([&](Engine& e) { e.bit(vector(e), 63); }).rounds, 6U);
}

// About twice what three curious parties send, for products, comparisons and what connects them.
TEST(Replicated4Costs, AreAboutTwiceThoseOfReplicated3) {
  const auto vector = [](Engine& e) { return e.ring<u64>().random(100'000); };
  const auto ratio = [](auto body) {
    return static_cast<double>(bytes_of_all("replicated4", body)) /
           static_cast<double>(bytes_of_all("replicated3", body));
  };
  EXPECT_LT(ratio([&](Engine& e) { e.multiply(vector(e), vector(e)); }), 2.001);
  EXPECT_LT(ratio([&](Engine& e) { e.multiply_truncate(vector(e), vector(e), 16); }), 2.001);
  EXPECT_LT(ratio([&](Engine& e) { e.truncate(vector(e), 20); }), 1.51);
  EXPECT_LT(ratio([&](Engine& e) { e.bit(vector(e), 63); }), 2.01);
  EXPECT_LT(ratio([&](Engine& e) { e.is_zero(vector(e), 64); }), 2.01);
  EXPECT_LT(ratio([&](Engine& e) { e.to_bits(vector(e), 64); }), 2.01);
  EXPECT_LT(ratio([&](Engine& e) { e.ring<u64>().from_bit(mpc::SharedBits(100'032, 0)); }), 2.001);
  EXPECT_LT(ratio([&](Engine& e) { e.keep_where(mpc::SharedBits(100'000, 0), vector(e)); }), 2.001);
  EXPECT_LT(ratio([&](Engine& e) { e.permute(e.random_permutation(100'000), vector(e), mpc::Direction::kForwards); }),
            3.001);
}

}  // namespace
}  // namespace cohortium::conformance
