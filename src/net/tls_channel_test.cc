// The channel contract over real TLS connections on loopback, and peers that break it.
#include "net/tls_channel.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <thread>

#include "net/testing/tls_pairs.h"

namespace cohortium::net {
namespace {

using namespace std::chrono_literals;

TEST(TlsChannel, CarriesMessagesOfAllSizesBothWays) {
  const auto [a, b] = channel_pair();
  EXPECT_EQ(a->peer(), "beta");
  EXPECT_EQ(b->peer(), "alpha");
  for (const std::size_t size : {0, 1, 15, 16, 16367, 16368, 16369, 16384, 100'000}) {
    a->send(pattern(size, 1));
    b->send(pattern(size, 2));
    Bytes received(size);
    b->receive(received);
    EXPECT_EQ(received, pattern(size, 1)) << size;
    EXPECT_EQ(a->receive_message(size), pattern(size, 2)) << size;
  }
  EXPECT_EQ(a->traffic().bytes_sent, b->traffic().bytes_received);
  EXPECT_EQ(a->traffic().messages_received, 9u);
  a->close();
  EXPECT_EQ(error_of_receive(*b, 1).code, "net.peer_closed");
}

TEST(TlsChannel, WhatWasSentBeforeTheGoodbyeArrives) {
  auto [a, b] = channel_pair();
  const Bytes large = pattern(20'000'000, 3);
  b->send(pattern(1000, 1));  // stays unread: closing must not reset the connection
  std::jthread sender([&large, channel = std::move(a)] {
    channel->send(large);
    channel->close();
  });
  Bytes received(large.size());
  std::this_thread::sleep_for(50ms);
  b->receive(received);
  EXPECT_EQ(received, large);
  b->close();
}

TEST(TlsChannel, ThreePartiesSendMuchAtOnceWithoutDeadlock) {
  auto parties = triangle();
  exchange_much(parties, 64 << 20);
}

TEST(TlsChannel, LengthIsThePeersFault) {
  const auto [a, b] = channel_pair();
  a->send(pattern(10, 1));
  const Error error = error_of_receive(*b, 11);
  EXPECT_EQ(error.code, "net.unexpected_length");
  EXPECT_EQ(error.where, "alpha");
  EXPECT_EQ(error_of_receive(*b, 10).code, "net.unexpected_length");  // it stays failed
}

TEST(TlsChannel, LongerThanTheLimit) {
  const auto [a, b] = channel_pair();
  a->send(pattern(11, 1));
  EXPECT_EQ(attempt([&b = *b] { return b.receive_message(10); }).error().code, "net.unexpected_length");
}

TEST(TlsChannel, BrokenFrames) {
  struct Case {
    Bytes bytes;
    const char* code;
  };
  const std::vector<Case> cases = {{frame(8, 1, 8), "net.bad_frame"},     // a number too far
                                   {frame(1001, 0, 8), "net.bad_frame"},  // above the maximum
                                   {frame(~std::uint64_t{0}, 0, 8), "net.bad_frame"},
                                   {Bytes(64, std::byte{0xa5}), "net.bad_frame"},  // garbage
                                   {frame(9, 0, 9), "net.unexpected_length"},
                                   {frame(8, 0, 3), "net.peer_closed"},           // ends in the middle
                                   {Bytes(5, std::byte{0}), "net.peer_closed"}};  // ends in the header
  for (const Case& each : cases) {
    auto [hostile, stream] = stream_pair("alpha", "beta");
    const auto channel = channel_over(std::move(stream), {.patience = 5s, .maximum_message = 1000});
    hostile->write_all(each.bytes, 1s);
    hostile->close(1s);
    const Error error = error_of_receive(*channel, 8);
    EXPECT_EQ(error.code, each.code);
    EXPECT_EQ(error.where, "alpha");
  }
}

TEST(TlsChannel, SilenceEndsThePatienceAndProgressRestartsIt) {
  auto [slow, stream] = stream_pair("alpha", "beta");
  const auto channel = channel_over(std::move(stream), {.patience = 200ms});
  std::jthread drip([&slow = *slow] {
    const Bytes bytes = frame(8, 0, 8);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::this_thread::sleep_for(25ms);
      slow.write_all(std::span(bytes).subspan(i, 1), 1s);
    }
  });
  Bytes message(8);
  channel->receive(message);  // took 600 ms in all
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(error_of_receive(*channel, 8).code, "net.peer_silent");
  const auto waited = std::chrono::steady_clock::now() - start;
  EXPECT_GE(waited, 190ms);
  EXPECT_LT(waited, 2s);
}

// A process that is killed: the kernel closes its sockets, nobody says goodbye.
class DoomedPeer {
 public:
  explicit DoomedPeer(std::unique_ptr<TlsStream> stream) : process_(::fork()) {
    if (process_ == 0) {
      ::pause();
      ::_exit(0);
    }
    stream.reset();  // only the child holds it now
  }
  ~DoomedPeer() { kill(); }
  void kill() {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, nullptr, 0);
    }
    process_ = 0;
  }

 private:
  pid_t process_;
};

TEST(TlsChannel, KilledPeerIsNoticedAtOnceByWhoeverWaits) {
  auto [theirs, ours] = stream_pair("alpha", "beta");
  DoomedPeer alpha(std::move(theirs));
  const auto channel = channel_over(std::move(ours));
  std::jthread killer([&] {
    std::this_thread::sleep_for(100ms);
    alpha.kill();
  });
  const auto start = std::chrono::steady_clock::now();
  const Error error = error_of_receive(*channel, 8);
  EXPECT_EQ(error.code, "net.peer_closed");
  EXPECT_EQ(error.where, "alpha");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
}

TEST(TlsChannel, KilledPeerIsNoticedByWhoeverOnlySends) {
  auto [theirs, ours] = stream_pair("alpha", "beta");
  DoomedPeer alpha(std::move(theirs));
  const auto channel = channel_over(std::move(ours));
  alpha.kill();
  const Bytes message(100'000, std::byte{0});
  const auto sending = attempt([&channel = *channel, &message] {
    for (int i = 0; i < 1000; ++i) channel.send(message);
    return 0;
  });
  ASSERT_FALSE(sending.ok());  // and no SIGPIPE
  EXPECT_EQ(sending.error().code, "net.peer_closed");
}

TEST(TlsChannel, DeathOfASiblingEndsTheWaitForAnother) {
  auto [alpha, ours_a] = stream_pair("alpha", "beta");
  auto [gamma, ours_g] = stream_pair("gamma", "beta");
  Streams streams;
  streams.push_back(std::move(ours_a));
  streams.push_back(std::move(ours_g));
  const Channels channels = make_tls_channels(std::move(streams));
  gamma.reset();
  const Error error = error_of_receive(*channels[0], 8);  // alpha is only slow
  EXPECT_EQ(error.code, "net.peer_closed");
  EXPECT_EQ(error.where, "gamma");
}

TEST(TlsChannel, GoodbyeOfASiblingIsNoFault) {
  auto parties = triangle({.patience = 5s});
  for (auto& channel : parties[2]) channel->close();
  std::jthread later([&] {
    std::this_thread::sleep_for(50ms);
    parties[0][0]->send(pattern(5, 1));
  });
  EXPECT_EQ(parties[1][0]->receive_message(5), pattern(5, 1));
  EXPECT_EQ(error_of_receive(*parties[1][1], 1).where, "gamma");
}

TEST(TlsChannel, SendNeverWaitsForThePeer) {
  const auto [a, b] = channel_pair();
  const Bytes message = pattern(32 << 20, 1);
  a->send(message);  // far more than the socket takes; nobody reads yet
  std::jthread pump([&a = *a] { a.close(); });
  EXPECT_EQ(b->receive_message(message.size()), message);
}

}  // namespace
}  // namespace cohortium::net
