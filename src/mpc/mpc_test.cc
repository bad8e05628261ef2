// What the conformance tests take for granted: rings, local operations, bit planes, sessions, dealing, forecasts.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <sstream>
#include <thread>

#include "base/error.h"
#include "mpc/bit_planes.h"
#include "mpc/dealing.h"
#include "mpc/forecast/forecast.h"
#include "mpc/forecast/run_cost.h"
#include "mpc/lane_threads.h"
#include "mpc/measure_link.h"
#include "mpc/protocols.h"
#include "mpc/session.h"
#include "mpc/simulate.h"
#include "net/memory_channel.h"

namespace cohortium::mpc {
namespace {

template <RingWord W>
Shared<W> vector_of(std::initializer_list<W> values) {
  Shared<W> result(values.size(), 1);
  result.component[0] = values;
  return result;
}

std::vector<u64> values_of(const Shared<u64>& a) { return {a.component[0].begin(), a.component[0].end()}; }

using Values = std::vector<u64>;

TEST(Ring, FixedPointRoundsAndKeepsTheSign) {
  for (double x : {0.0, 1.0, -1.0, 0.3, -0.3, 1234.5678, -1e6}) {
    EXPECT_NEAR(decode_fixed(encode_fixed<u64>(x, 20), 20), x, std::ldexp(0.5, -20));
    EXPECT_NEAR(decode_fixed(encode_fixed<u128>(x, 40), 40), x, std::ldexp(0.5, -40));
  }
  EXPECT_EQ(encode_fixed<u64>(-1.0, 0), ~u64{0});
  EXPECT_EQ(encode_fixed<u128>(std::ldexp(1.0, 60), 40), u128{1} << 100);
}

TEST(Shared, LinearOperationsAndRearrangements) {
  const auto a = vector_of<u64>({1, 2, 3, 4}), b = vector_of<u64>({10, 20, 30, ~u64{0}});
  EXPECT_EQ(values_of(add(a, b)), (Values{11, 22, 33, 3}));
  EXPECT_EQ(values_of(subtract(b, a)), (Values{9, 18, 27, ~u64{0} - 4}));
  EXPECT_EQ(values_of(negate(a)), (Values{u64(-1), u64(-2), u64(-3), u64(-4)}));
  EXPECT_EQ(values_of(scale(a, u64{5})), (Values{5, 10, 15, 20}));
  EXPECT_EQ(values_of(multiply_public(a, std::span<const u64>(Values{1, 0, 2, 3}))), (Values{1, 0, 6, 12}));
  EXPECT_EQ(values_of(slice(a, 1, 2)), (Values{2, 3}));
  const std::array parts{a, slice(a, 0, 0), slice(b, 0, 1)};
  EXPECT_EQ(values_of(concatenate(std::span<const Shared<u64>>(parts))), (Values{1, 2, 3, 4, 10}));
  EXPECT_EQ(values_of(gather(a, std::vector<std::size_t>{3, 0, 0})), (Values{4, 1, 1}));
  EXPECT_EQ(values_of(repeat(slice(a, 0, 2), 2)), (Values{1, 1, 2, 2}));
  EXPECT_EQ(values_of(tile(slice(a, 0, 2), 2)), (Values{1, 2, 1, 2}));
  EXPECT_EQ(values_of(reverse(a)), (Values{4, 3, 2, 1}));
  EXPECT_EQ(values_of(sum_blocks(a, 2)), (Values{3, 7}));
  EXPECT_EQ(values_of(prefix_sum_blocks(a, 4)), (Values{1, 3, 6, 10}));
  EXPECT_EQ(values_of(narrow(vector_of<u128>({(u128{7} << 64) + 5}))), (Values{5}));
  std::ostringstream text;
  text << a;
  EXPECT_EQ(text.str(), "<secret>");
}

TEST(Shared, BitRearrangementsAtEveryOffset) {
  std::mt19937_64 random(1);
  SharedBits bits(300, 1);
  for (u64& word : bits.component[0]) word = random();  // rubbish behind the last element too
  const auto get = [](const SharedBits& b, std::size_t i) { return b.component[0][i / 64] >> (i % 64) & 1; };
  for (std::size_t from : {0, 1, 63, 64, 65, 130, 299, 300}) {
    const SharedBits part = slice(bits, from, 300 - from);
    for (std::size_t i = 0; i < part.size; ++i) ASSERT_EQ(get(part, i), get(bits, from + i));
    const std::array parts{slice(bits, 0, from), part, slice(bits, 5, 7)};
    const SharedBits whole = concatenate(std::span<const SharedBits>(parts));
    ASSERT_EQ(whole.size, 307u);
    for (std::size_t i = 0; i < 300; ++i) ASSERT_EQ(get(whole, i), get(bits, i));
    for (std::size_t i = 0; i < 7; ++i) ASSERT_EQ(get(whole, 300 + i), get(bits, 5 + i));
  }
  const SharedBits picked = gather(bits, std::vector<std::size_t>{299, 0, 64});
  EXPECT_EQ(get(picked, 0), get(bits, 299));
  EXPECT_EQ(get(picked, 2), get(bits, 64));
}

TEST(Shared, SizesMustAgree) {
  EXPECT_DEATH(add(vector_of<u64>({1}), vector_of<u64>({1, 2})), "broken_invariant");
  EXPECT_DEATH(slice(vector_of<u64>({1}), 1, 1), "broken_invariant");
}

TEST(BitPlanes, HoldTheBits) {
  std::mt19937_64 random(2);
  std::vector<u128> values(131);
  for (u128& v : values) v = u128{random()} << 64 | random();
  for (int count : {1, 63, 64, 65, 128}) {
    const Buffer<u64> planes = to_planes(std::span<const u128>(values), count);
    ASSERT_EQ(planes.size(), 3u * count);
    for (int j = 0; j < count; ++j) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        ASSERT_EQ(planes[3 * j + i / 64] >> (i % 64) & 1, static_cast<u64>(values[i] >> j & 1));
      }
      ASSERT_EQ(planes[3 * j + 2] >> 3, 0u);
    }
  }
}

TEST(Dealing, EveryPartyAdoptsItsPart) {
  const std::vector<u128> values{0, 1, ~u128{0}, u128{1} << 100, 42};
  for (const char* protocol : {"plaintext", "replicated3", "replicated4"}) {
    const auto parts = deal(protocol, values);
    const auto opened = simulate(
        protocol, [&](Engine& engine) { return engine.open(engine.adopt(parts[engine.self()], values.size())); });
    for (const auto& at_party : opened) EXPECT_EQ(at_party, values);
    const Outcomes outcomes = run_parties(
        protocol, [&](Engine& engine) { engine.adopt(std::span(parts[engine.self()]).subspan(1), values.size()); });
    EXPECT_EQ(outcomes.error[0]->code, "mpc.bad_share_bundle");
  }
  EXPECT_THROW(deal("quadruple", values), Failure);
}

TEST(Session, PartiesWithDifferentPlansNameEachOther) {
  auto [a, b] = net::memory_channel_pair("north", "south");
  const auto start = [](PartyId self, std::unique_ptr<net::Channel> channel, std::string plan) {
    std::vector<std::unique_ptr<net::Channel>> channels(2);
    channels[1 - self] = std::move(channel);
    return attempt([&] {
      Session session({.self = self, .parties = 2, .protocol = "none", .run = "r", .plan = std::move(plan)},
                      std::move(channels));
      session.finish();
      return session.pair_seed(1 - self, "test");
    });
  };
  std::optional<Result<crypto::Seed>> other;
  std::thread peer([&, channel = std::move(b)]() mutable { other = start(1, std::move(channel), "another plan"); });
  const auto own = start(0, std::move(a), "a plan");
  peer.join();
  ASSERT_FALSE(own.ok());
  EXPECT_EQ(own.error().code, "mpc.plan_mismatch");
  EXPECT_EQ(own.error().where, "south");
  EXPECT_EQ(other->error().where, "north");

  auto [c, d] = net::memory_channel_pair("north", "south");
  std::thread agreeing([&, channel = std::move(d)]() mutable { other = start(1, std::move(channel), "a plan"); });
  const auto agreed = start(0, std::move(c), "a plan");
  agreeing.join();
  EXPECT_EQ(agreed.value(), other->value());
}

// A site that gives one party another part of a component than the two others that hold it: whichever it is, the parties
// that hold it find out before anything is computed.
TEST(Dealing, ALyingSiteIsFoundOutByFour) {
  const std::vector<u128> values{1, 2, 3};
  for (std::size_t victim = 0; victim < 4; ++victim) {
    for (const std::size_t place : {std::size_t{0}, std::size_t{20}, std::size_t{40}}) {
      auto parts = deal("replicated4", values);
      parts[victim][place] ^= std::byte{1};
      const Outcomes outcomes = run_parties("replicated4", [&](Engine& engine) {
        const auto shares = engine.adopt(parts[engine.self()], values.size());
        engine.open(shares);
        ADD_FAILURE() << "party " << engine.self() << " has a result";
      });
      ASSERT_TRUE(outcomes.cause.has_value());
      EXPECT_EQ(outcomes.error[*outcomes.cause]->code, "mpc.inconsistent_shares");
    }
  }
}

// Delivers late, as a distant peer would.
class DistantChannel final : public net::Channel {
 public:
  DistantChannel(std::unique_ptr<net::Channel> inner, std::chrono::milliseconds delay)
      : inner_(std::move(inner)), delay_(delay) {}
  const std::string& peer() const override { return inner_->peer(); }
  void send(std::span<const std::byte> message) override { inner_->send(message); }
  void receive(std::span<std::byte> message) override {
    inner_->receive(message);
    std::this_thread::sleep_for(delay_);
  }
  bool try_receive(std::span<std::byte> message) override { return inner_->try_receive(message); }
  Bytes receive_message(std::size_t limit) override { return inner_->receive_message(limit); }
  void close() override { inner_->close(); }
  net::Traffic traffic() const override { return inner_->traffic(); }

 private:
  std::unique_ptr<net::Channel> inner_;
  std::chrono::milliseconds delay_;
};

TEST(MeasureLink, AllAgreeOnTheWorst) {
  std::vector<std::vector<std::unique_ptr<net::Channel>>> channels(3);
  for (auto& row : channels) row.resize(3);
  for (PartyId a = 0; a < 3; ++a) {
    for (PartyId b = a + 1; b < 3; ++b) {
      auto [first, second] = net::memory_channel_pair(std::to_string(a), std::to_string(b));
      const std::chrono::milliseconds delay(a == 1 ? 20 : 0);  // parties 1 and 2 are far from each other
      channels[a][b] = std::make_unique<DistantChannel>(std::move(first), delay);
      channels[b][a] = std::make_unique<DistantChannel>(std::move(second), delay);
    }
  }
  std::array<Link, 3> links;
  std::vector<std::thread> threads;
  for (PartyId self = 0; self < 3; ++self) {
    threads.emplace_back([&, self] { links[self] = measure_link(self, channels[self]); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(links[1], links[0]);
  EXPECT_EQ(links[2], links[0]);
  EXPECT_GE(links[0].latency_seconds, 0.02);
  EXPECT_LE(links[0].bytes_per_second, 1e9);
  EXPECT_EQ(measure_link(0, std::span(channels[0]).first(1)), Link{});
}

TEST(LaneThreads, RunEveryLaneAndPassOnTheTellingFailure) {
  LaneThreads threads(3);
  for (int count : {1, 3, 2, 3}) {
    std::array<int, 3> seen{};
    threads.run(count, [&](int lane) { seen[lane] = lane + 1; });
    EXPECT_EQ(seen, (std::array{1, count > 1 ? 2 : 0, count > 2 ? 3 : 0}));
  }
  const auto failure = attempt([&] {
    threads.run(
        3, [](int lane) { throw Failure({.code = lane == 2 ? "test.fault" : "net.peer_closed", .message = "no"}); });
    return 0;
  });
  EXPECT_EQ(failure.error().code, "test.fault");
  threads.run(3, [](int) {});
}

TEST(Simulate, LanesOfDifferentCountsNameEachOther) {
  const auto start = [](int lanes, std::vector<std::unique_ptr<net::Channel>> channels, PartyId self) {
    return attempt([&] {
      Session session({.self = self, .parties = 2, .protocol = "none", .run = "r", .plan = "p", .lanes = lanes},
                      std::move(channels));
      return 0;
    });
  };
  auto [a, b] = net::memory_channel_pair("north", "south");
  auto [c, d] = net::memory_channel_pair("north", "south");
  std::vector<std::unique_ptr<net::Channel>> north(4), south(2);
  north[1] = std::move(a);
  north[3] = std::move(c);
  south[0] = std::move(b);
  std::optional<Result<int>> other;
  std::thread peer([&] { other = start(1, std::move(south), 1); });
  const auto own = start(2, std::move(north), 0);
  peer.join();
  EXPECT_EQ(own.error().code, "mpc.plan_mismatch");
  EXPECT_EQ(other->error().code, "mpc.plan_mismatch");
}

TEST(Simulate, AFailureEndsEveryParty) {
  const Outcomes outcomes = run_parties("replicated3", [](Engine& engine) {
    if (engine.self() == 1) throw Failure({.code = "test.fault", .message = "no"});
    engine.open(engine.ring<u64>().random(1));
    engine.open(engine.ring<u64>().random(1));
  });
  EXPECT_EQ(outcomes.cause, 1);
  EXPECT_EQ(outcomes.error[1]->code, "test.fault");
  EXPECT_EQ(outcomes.error[0]->code, "net.peer_closed");
  EXPECT_THROW(simulate("unknown", [](Engine&) {}), Failure);
}

TEST(Forecast, AddsUpWhatTheWireWillCarry) {
  const auto engine = make_forecast_engine("replicated3", 1);
  const auto a = engine->ring<u64>().random(1000);
  engine->multiply(a, a);
  EXPECT_EQ(engine->cost(), (Cost{1, 8000}));
  EXPECT_EQ(engine->open_bits(engine->random_bits(65)), (std::vector<u64>{~u64{0}, 1}));
  EXPECT_NEAR(forecast_seconds({10, 1000}, {.latency_seconds = 0.1, .bytes_per_second = 1e3}), 2, 0.01);
  EXPECT_EQ(make_forecast_engine("plaintext", 0)->cost(), Cost{});
}

}  // namespace
}  // namespace cohortium::mpc
