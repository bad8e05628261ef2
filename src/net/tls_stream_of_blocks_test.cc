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

TEST(TlsChannel, StreamsOfBlocksBothWays) {
  const auto [a, b] = channel_pair();
  stream_blocks(*a, *b);
}

}  // namespace
}  // namespace cohortium::net
