// Taking messages as they arrive, without waiting, over real TLS connections.
#include <gtest/gtest.h>

#include <thread>

#include "net/testing/tls_pairs.h"

namespace cohortium::net {
namespace {

using namespace std::chrono_literals;

TEST(TlsChannel, TryingKeepsWhatHasArrived) {
  auto [drip, stream] = stream_pair("alpha", "beta");
  const auto channel = channel_over(std::move(stream));
  const Bytes payload = pattern(40, 1);
  Bytes bytes = frame(40, 0, 0);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  Bytes message(40);
  EXPECT_FALSE(channel->try_receive(message));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(channel->try_receive(message)) << i;
    drip->write_all(std::span(bytes).subspan(i, 1), 1s);
  }
  channel->receive(message);  // the last bytes may still be on their way
  EXPECT_EQ(message, payload);
  EXPECT_FALSE(channel->try_receive(message));
  EXPECT_EQ(channel->traffic().messages_received, 1u);
  drip->write_all(frame(7, 1, 7), 1s);
  const auto code_of_trying = [&]() -> std::string {
    const auto start = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - start < 5s) {
      const auto tried = attempt([&] { return channel->try_receive(message); });
      if (!tried.ok()) return tried.error().code;
      EXPECT_FALSE(tried.value());
    }
    return "nothing";
  };
  EXPECT_EQ(code_of_trying(), "net.unexpected_length");
  EXPECT_EQ(code_of_trying(), "net.unexpected_length");
}

TEST(TlsChannel, TryingNoticesTheEndInTheMiddleOfAMessage) {
  auto [theirs, stream] = stream_pair("alpha", "beta");
  const auto channel = channel_over(std::move(stream));
  theirs->write_all(frame(8, 0, 3), 1s);
  theirs->close(1s);
  Bytes message(8);
  std::string code;
  for (int i = 0; i < 1000 && code.empty(); ++i) {
    const auto tried = attempt([&] { return channel->try_receive(message); });
    if (!tried.ok()) code = tried.error().code;
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(code, "net.peer_closed");
}

// As kernels do: many blocks, each sent before the last is in, taken as they come, without ever waiting before the end.
TEST(TlsChannel, StreamsOfBlocksBothWays) {
  constexpr std::size_t block = 131'056, blocks = 300;
  auto [a, b] = channel_pair();
  const auto run = [&](Channel& channel, unsigned self) {
    Bytes received(block * blocks);
    const auto part = [&](std::size_t i) { return std::span(received).subspan(i * block, block); };
    std::size_t taken = 0;
    for (unsigned i = 0; i < blocks; ++i) {
      channel.send(pattern(block, self + 2 * i));
      while (taken <= i && channel.try_receive(part(taken))) ++taken;
    }
    for (; taken < blocks; ++taken) channel.receive(part(taken));
    channel.close();
    for (unsigned i = 0; i < blocks; ++i) {
      const auto got = part(i);
      ASSERT_TRUE(std::ranges::equal(got, pattern(block, 1 - self + 2 * i))) << i;
    }
  };
  std::jthread other([&] { run(*b, 1); });
  run(*a, 0);
}

}  // namespace
}  // namespace cohortium::net
