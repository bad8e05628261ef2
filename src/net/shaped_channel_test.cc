// Shaped links: never earlier than the shape says, and the contract of every channel otherwise.
#include "net/shaped_channel.h"

#include <gtest/gtest.h>

#include <thread>

#include "net/memory_channel.h"
#include "net/testing/tls_pairs.h"

namespace cohortium::net {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Pair = std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>>;

Pair shaped(Pair pair, LinkShape there, LinkShape back = {}) {
  return {shape(std::move(pair.first), std::make_shared<ShapedLink>(there)),
          shape(std::move(pair.second), std::make_shared<ShapedLink>(back))};
}

TEST(ShapedLink, PlaysMessagesOneAfterTheOther) {
  ShapedLink link({.latency = 5ms, .bytes_per_second = 1e6});
  const auto now = Clock::now();
  EXPECT_EQ(link.send(now, 1000), now + 6ms);
  EXPECT_EQ(link.send(now, 2000), now + 8ms);
  EXPECT_EQ(link.send(now + 1ms, 0), now + 8ms);
  EXPECT_EQ(link.send(now + 10ms, 1000), now + 16ms);  // free again since 3 ms
}

TEST(ShapedLink, HasNamedShapes) {
  EXPECT_EQ(link_shape("loopback"), LinkShape{});
  EXPECT_EQ(link_shape("lan"), (LinkShape{1ms, 125e6}));
  EXPECT_EQ(link_shape("wan"), (LinkShape{50ms, 12.5e6}));
  EXPECT_EQ(link_shape("national-wan"), (LinkShape{20ms, 12.5e6}));
  EXPECT_EQ(link_shape("bad-wan"), (LinkShape{100ms, 1.25e6}));
  EXPECT_EQ(link_shape("moon"), std::nullopt);
}

TEST(ShapedChannel, HandsNothingOutTooEarly) {
  for (const bool over_tls : {false, true}) {
    const auto [a, b] = shaped(over_tls ? channel_pair() : memory_channel_pair("alpha", "beta"),
                               {.latency = 20ms, .bytes_per_second = 10e6});
    const Bytes message = pattern(200'000, 1);  // 20 ms on the line
    const auto start = Clock::now();
    a->send(message);
    a->send(pattern(3, 2));
    a->send({});
    Bytes received(message.size()), three(3), none;
    EXPECT_FALSE(b->try_receive(received));
    b->receive(received);
    EXPECT_GE(Clock::now() - start, 40ms);
    EXPECT_EQ(received, message);
    b->receive(three);
    EXPECT_EQ(three, pattern(3, 2));
    EXPECT_EQ(b->receive_message(0), none);
    EXPECT_EQ(b->traffic().bytes_received, 200'003u);
    EXPECT_EQ(b->traffic().messages_received, 3u);
    EXPECT_EQ(a->traffic().bytes_sent, 200'003u);
    EXPECT_EQ(a->traffic().messages_sent, 3u);
    b->send(pattern(1, 9));  // unshaped in this direction
    EXPECT_EQ(a->receive_message(1), pattern(1, 9));
  }
}

TEST(ShapedChannel, TryingWaitsForNothing) {
  const auto [a, b] = shaped(channel_pair(), {.latency = 50ms});
  const Bytes message = pattern(100'000, 1);
  Bytes received(message.size());
  const auto start = Clock::now();
  a->send(message);
  int tries = 0;
  while (!b->try_receive(received)) {
    ++tries;
    a->wait_until(Clock::now() + 1ms);
  }
  EXPECT_GE(Clock::now() - start, 50ms);
  EXPECT_GE(tries, 1);
  EXPECT_EQ(received, message);
}

// Three parties that wait for slow links still pass on what they have queued for each other.
TEST(ShapedChannel, WaitingKeepsTheOthersMoving) {
  auto parties = triangle();
  const auto link = [] { return std::make_shared<ShapedLink>(LinkShape{.latency = 30ms, .bytes_per_second = 2e9}); };
  for (Channels& channels : parties) {
    for (auto& channel : channels) channel = shape(std::move(channel), link());
  }
  exchange_much(parties, 16 << 20);  // more than sockets take
}

TEST(ShapedChannel, FaultsPassThrough) {
  const auto [a, b] = shaped(memory_channel_pair("alpha", "beta", 30ms), {.latency = 1ms});
  EXPECT_EQ(error_of_receive(*b, 1).code, "net.peer_silent");
  auto [c, d] = shaped(memory_channel_pair("alpha", "beta"), {.latency = 1ms});
  c->send(pattern(3, 1));
  EXPECT_EQ(error_of_receive(*d, 4).code, "net.unexpected_length");
  auto [e, f] = memory_channel_pair("alpha", "beta");
  f = shape(std::move(f), std::make_shared<ShapedLink>(LinkShape{}));
  e->send(Bytes(8, std::byte{0x7f}));  // centuries from now
  const Error error = error_of_receive(*f, 1);
  EXPECT_EQ(error.code, "net.bad_frame");
  EXPECT_EQ(error.where, "alpha");
  EXPECT_EQ(error_of_receive(*f, 1).code, "net.bad_frame");
}

}  // namespace
}  // namespace cohortium::net
