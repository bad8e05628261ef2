// The kernels on bits in all their forms: what is quickest depends on the link and on sizes, and every form gives the
// oracle's result at its declared cost.
#include <gtest/gtest.h>

#include "inputs.h"
#include "mpc/forecast/forecast.h"
#include "mpc/protocols.h"
#include "mpc/simulate.h"

namespace cohortium::conformance {
namespace {

using mpc::Cost;
using mpc::Engine;
using mpc::Link;
using mpc::Shared;

struct NamedLink {
  const char* name;
  Link link;
};

class BitKernels : public testing::TestWithParam<std::tuple<const char*, NamedLink>> {};

template <class W>
Shared<W> input(Engine& engine, const std::vector<W>& values) {
  return engine.share(0, engine.self() == 0 ? std::span<const W>(values) : std::span<const W>(), values.size());
}

// Random elements among which zeros, ones and long carries are frequent.
template <class W>
std::vector<W> elements(std::size_t n) {
  std::vector<W> values = ring_elements<W>(n, 3);
  for (std::size_t i = 5; i < n; ++i) {
    if (i % 3 == 0) values[i] <<= i % mpc::bits_of<W>;
    if (i % 5 == 0) values[i] = static_cast<W>(0) - (values[i] >> (i % mpc::bits_of<W>));
  }
  return values;
}

void append(std::vector<u64>& to, const std::vector<u64>& words) { to.insert(to.end(), words.begin(), words.end()); }

template <class W>
std::vector<u64> run(Engine& engine, std::size_t n) {
  const auto a = input(engine, elements<W>(n));
  std::vector<u64> opened;
  for (int count : {1, 2, 3, 4, 5, 7, 8, 31, 33, 62, 63, mpc::bits_of<W>}) {
    for (const auto& plane : engine.to_bits(a, count)) append(opened, engine.open_bits(plane));
    append(opened, engine.open_bits(engine.is_zero(a, count)));
    append(opened, engine.open_bits(engine.bit(a, count - 1)));
  }
  const auto append_elements = [&opened](const std::vector<W>& values) {
    for (W value : values) {
      for (int bits = 0; bits < mpc::bits_of<W>; bits += 64) opened.push_back(static_cast<u64>(value >> bits));
    }
  };
  const auto planes = engine.to_bits(a, mpc::bits_of<W>);
  for (int count : {1, 2, 3, 7, 12, 32, 62, 63, mpc::bits_of<W>}) {
    append_elements(engine.open(engine.ring<W>().from_bits(std::span(planes).first(count))));
  }
  for (int plane : {0, 7, mpc::bits_of<W> - 1}) {
    append_elements(engine.open(engine.ring<W>().from_bit(planes[plane])));
    append_elements(engine.open(engine.keep_where(planes[plane], a)));
  }
  return opened;
}

template <class W>
void expect_as_oracle_at_declared_cost(const char* protocol, std::size_t n, const Link& link) {
  const auto expected = mpc::simulate("plaintext", [n](Engine& engine) { return run<W>(engine, n); })[0];
  for (int lanes : {1, 2}) {
    const auto actual = mpc::simulate(protocol,
                                      [n](Engine& engine) {
                                        auto opened = run<W>(engine, n);
                                        return std::pair(std::move(opened), engine.cost());
                                      },
                                      {.lanes = lanes, .link = link});
    for (int party = 0; party < mpc::parties_of(protocol); ++party) {
      EXPECT_EQ(actual[party].first, expected) << "party " << party << ", size " << n << ", lanes " << lanes;
      const auto forecast = mpc::make_forecast_engine(protocol, party, link, lanes);
      run<W>(*forecast, n);
      EXPECT_EQ(forecast->cost(), actual[party].second) << "party " << party << ", size " << n << ", lanes " << lanes;
    }
  }
}

TEST_P(BitKernels, GiveTheOraclesResultAtTheDeclaredCost) {
  const auto& [protocol, named] = GetParam();
  for (std::size_t n : {0, 1, 64, 1000}) {
    expect_as_oracle_at_declared_cost<u64>(protocol, n, named.link);
    expect_as_oracle_at_declared_cost<u128>(protocol, n, named.link);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Links, BitKernels,
    testing::Combine(testing::Values("replicated3", "replicated4"),
                     testing::Values(NamedLink{"far", {.latency_seconds = 0.1, .bytes_per_second = 1e6}},
                                     NamedLink{"near", {.latency_seconds = 1e-5, .bytes_per_second = 1e9}},
                                     NamedLink{"narrow", {.latency_seconds = 1e-9, .bytes_per_second = 1e3}})),
    [](const auto& instance) {
      return std::string(std::get<0>(instance.param)) + "_" + std::get<1>(instance.param).name;
    });

void expect_as_oracle_in_bulk(std::size_t n, const Link& link) {
  const auto body = [n](Engine& engine) {
    const auto a = input(engine, elements<u64>(n));
    std::vector<u64> opened = engine.open_bits(engine.bit(a, 63));
    append(opened, engine.open_bits(engine.is_zero(a, 64)));
    const auto planes = engine.to_bits(a, 9);
    for (const auto& plane : planes) append(opened, engine.open_bits(plane));
    append(opened, engine.open(engine.ring<u64>().from_bits(planes)));
    append(opened, engine.open(engine.ring<u64>().from_bit(planes[8])));
    append(opened, engine.open(engine.keep_where(planes[0], a)));
    return opened;
  };
  const auto expected = mpc::simulate("plaintext", body)[0];
  for (const char* protocol : {"replicated3", "replicated4"}) {
    for (const auto& actual : mpc::simulate(protocol, body, {.link = link})) EXPECT_EQ(actual, expected) << protocol;
  }
}

// Two stretches, several tiles, several blocks of a stream, and a last word that is not full.
TEST(BitKernelsInBulk, OfLongVectors) { expect_as_oracle_in_bulk((std::size_t{1} << 20) + 65, {}); }

// The forms with the fewest rounds, over many blocks.
TEST(BitKernelsInBulk, OfLongVectorsFarAway) {
  expect_as_oracle_in_bulk(70'001, {.latency_seconds = 100, .bytes_per_second = 1e9});
}

// The figures that the program is measured by: a comparison of a million 64-bit elements.
TEST(BitKernelsInBulk, OfAMillionElementsCost) {
  const auto cost_of = [](auto body) {
    Cost all;
    for (int party = 0; party < 3; ++party) {
      const auto engine = mpc::make_forecast_engine("replicated3", party);
      body(*engine, engine->ring<u64>().random(1'000'000));
      all.rounds = std::max(all.rounds, engine->cost().rounds);
      all.bytes_sent += engine->cost().bytes_sent;
    }
    return all;
  };
  EXPECT_EQ(cost_of([](Engine& e, const auto& a) { e.bit(a, 63); }),
            (Cost{7, (21 * 7 + 1 + 2 * 41 + 3 * 35) * 125'000}));
  EXPECT_EQ(cost_of([](Engine& e, const auto& a) { e.is_zero(a, 64); }), (Cost{7, 253 * 125'000}));
  const mpc::SharedBits bits(1'000'000, 0);
  EXPECT_EQ(cost_of([&](Engine& e, const auto&) { e.ring<u64>().from_bit(bits); }), (Cost{2, 3 * 8'000'000}));
  EXPECT_EQ(cost_of([&](Engine& e, const auto& a) { e.keep_where(bits, a); }), (Cost{2, 4 * 8'000'000}));
  const std::vector<mpc::SharedBits> planes(32, bits);
  EXPECT_LT(cost_of([&](Engine& e, const auto&) { e.ring<u64>().from_bits(planes); }).bytes_sent, 61'000'000U);
}

}  // namespace
}  // namespace cohortium::conformance
