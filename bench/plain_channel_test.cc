// Channels without TLS keep the contract of all channels.
#include "bench/plain_channel.h"

#include <gtest/gtest.h>

#include <future>

#include "base/error.h"
#include "net/testing/blocks.h"

namespace cohortium::bench {
namespace {

using namespace std::chrono_literals;
using net::pattern;
using Channels = std::vector<std::unique_ptr<net::Channel>>;

std::unique_ptr<net::Channel> channel_over(PlainConnection connection) {
  std::vector<PlainConnection> connections;
  connections.push_back(std::move(connection));
  return std::move(make_plain_channels(std::move(connections), {.patience = 10s}).front());
}

struct Pair {
  std::unique_ptr<net::Channel> caller, answerer;
};

Pair connected() {
  const net::Socket listener = net::listen_on("127.0.0.1", 0);
  auto answered = std::async(std::launch::async, [&] { return answer_plain(listener, 5s); });
  auto called = call_plain(net::port_of(listener), 2, 1, net::after(5s));
  return {channel_over(std::move(called)), channel_over(answered.get())};
}

TEST(PlainChannel, CarriesMessagesOfAllSizesBothWays) {
  const auto [a, b] = connected();
  EXPECT_EQ(a->peer(), "party1");
  EXPECT_EQ(b->peer(), "party2");
  for (const std::size_t size : {0, 1, 4095, 4096, 16368, 16369, 131'056, 1'000'000}) {
    a->send(pattern(size, 1));
    b->send(pattern(size, 2));
    EXPECT_EQ(b->receive_message(size), pattern(size, 1)) << size;
    EXPECT_EQ(a->receive_message(size), pattern(size, 2)) << size;
  }
}

TEST(PlainChannel, BothSendMuchAtOnceAndTakeItAsItComes) {
  const auto [a, b] = connected();
  net::stream_blocks(*a, *b);
}

TEST(PlainChannel, EndOfThePeerIsNoticed) {
  auto [a, b] = connected();
  a.reset();
  EXPECT_EQ(attempt([&channel = *b] { return channel.receive_message(1); }).error().code, "net.peer_closed");
}

}  // namespace
}  // namespace cohortium::bench
