// The channel contract over memory, and the doubles that other folders' tests rely on.
#include "net/memory_channel.h"

#include <gtest/gtest.h>

#include <thread>

#include "net/testing/faulty_channel.h"
#include "net/testing/recording_channel.h"

namespace cohortium::net {
namespace {

using namespace std::chrono_literals;

Bytes message_of(std::size_t size, int fill) { return Bytes(size, static_cast<std::byte>(fill)); }

std::string code_of_receive(Channel& channel, std::size_t size) {
  Bytes message(size);
  try {
    channel.receive(message);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().where, channel.peer());
    return failure.error().code;
  }
  return "";
}

TEST(MemoryChannel, CarriesMessagesInOrderBothWays) {
  const auto [a, b] = memory_channel_pair("alpha", "beta");
  EXPECT_EQ(a->peer(), "beta");
  EXPECT_EQ(b->peer(), "alpha");
  a->send(message_of(3, 1));
  a->send(Bytes());
  b->send(message_of(5, 2));
  Bytes three(3), none, five(5);
  b->receive(three);
  b->receive(none);
  a->receive(five);
  EXPECT_EQ(three, message_of(3, 1));
  EXPECT_EQ(five, message_of(5, 2));
  EXPECT_EQ(a->traffic().bytes_sent, 3u);
  EXPECT_EQ(a->traffic().messages_sent, 2u);
  EXPECT_EQ(a->traffic().bytes_received, 5u);
  EXPECT_EQ(b->traffic().messages_received, 2u);
}

TEST(MemoryChannel, ReceiveWaitsForAnotherThread) {
  const auto [a, b] = memory_channel_pair("alpha", "beta");
  std::jthread sender([&a = *a] {
    std::this_thread::sleep_for(20ms);
    a.send(message_of(4, 9));
  });
  EXPECT_EQ(b->receive_message(4), message_of(4, 9));
}

TEST(MemoryChannel, WrongLengthIsThePeersFaultAndStaysAFailure) {
  const auto [a, b] = memory_channel_pair("alpha", "beta");
  a->send(message_of(3, 1));
  a->send(message_of(4, 1));
  EXPECT_EQ(code_of_receive(*b, 4), "net.unexpected_length");
  EXPECT_EQ(code_of_receive(*b, 4), "net.unexpected_length");
  EXPECT_THROW(b->send(message_of(1, 1)), Failure);
  EXPECT_THROW(a->send(message_of(1, 1)), Failure);  // the other side learns that its peer gave up
}

TEST(MemoryChannel, LongerThanTheLimit) {
  const auto [a, b] = memory_channel_pair("alpha", "beta");
  a->send(message_of(9, 1));
  EXPECT_EQ(attempt([&b = *b] { return b.receive_message(8); }).error().code, "net.unexpected_length");
}

TEST(MemoryChannel, WhatWasSentBeforeTheEndStillArrives) {
  auto [a, b] = memory_channel_pair("alpha", "beta");
  a->send(message_of(3, 1));
  a.reset();
  EXPECT_EQ(code_of_receive(*b, 3), "");
  EXPECT_EQ(code_of_receive(*b, 3), "net.peer_closed");
}

TEST(MemoryChannel, TakesAMessageOnlyIfItIsThere) {
  auto [a, b] = memory_channel_pair("alpha", "beta");
  Bytes message(3);
  EXPECT_FALSE(b->try_receive(message));
  a->send(message_of(3, 1));
  a->send(message_of(4, 1));
  EXPECT_TRUE(b->try_receive(message));
  EXPECT_EQ(message, message_of(3, 1));
  EXPECT_EQ(b->traffic().messages_received, 1u);
  const auto code = [&message, &b = *b] { return attempt([&] { return b.try_receive(message); }).error().code; };
  EXPECT_EQ(code(), "net.unexpected_length");
  EXPECT_EQ(code(), "net.unexpected_length");
}

TEST(MemoryChannel, TryingNoticesTheEnd) {
  auto [a, b] = memory_channel_pair("alpha", "beta");
  a.reset();
  Bytes message(3);
  EXPECT_EQ(attempt([&message, &b = *b] { return b.try_receive(message); }).error().code, "net.peer_closed");
}

TEST(MemoryChannel, SilenceEndsThePatience) {
  const auto [a, b] = memory_channel_pair("alpha", "beta", 30ms);
  EXPECT_EQ(code_of_receive(*b, 3), "net.peer_silent");
}

struct Expectation {
  FaultKind kind;
  const char* code;
};

class FaultyPeer : public testing::TestWithParam<Expectation> {};

TEST_P(FaultyPeer, IsNoticed) {
  auto [a, b] = memory_channel_pair("alpha", "beta", 30ms);
  const auto faulty = make_faulty(std::move(a), {.kind = GetParam().kind, .message = 1});
  try {
    for (int i = 0; i < 3; ++i) faulty->send(message_of(8, i));
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, "net.peer_closed");
    EXPECT_EQ(GetParam().kind, FaultKind::kClose);
  }
  std::string code;
  int good = 0;
  while (code.empty()) {
    code = code_of_receive(*b, 8);
    if (code.empty()) ++good;
  }
  EXPECT_EQ(code, GetParam().code);
  EXPECT_EQ(good, GetParam().kind == FaultKind::kDuplicate ? 2 : 1);
}

INSTANTIATE_TEST_SUITE_P(All, FaultyPeer,
                         testing::Values(Expectation{FaultKind::kDrop, "net.bad_frame"},
                                         Expectation{FaultKind::kDuplicate, "net.bad_frame"},
                                         Expectation{FaultKind::kTruncate, "net.unexpected_length"},
                                         Expectation{FaultKind::kGarbage, "net.bad_frame"},
                                         Expectation{FaultKind::kClose, "net.peer_closed"}));

TEST(RecordingChannel, WritesDownWhatPasses) {
  auto [a, b] = memory_channel_pair("alpha", "beta");
  const auto transcript = std::make_shared<Transcript>();
  const auto recorded = record(std::move(a), transcript);
  Bytes none(1);
  EXPECT_FALSE(recorded->try_receive(none));
  recorded->send(message_of(2, 7));
  b->send(message_of(1, 8));
  EXPECT_EQ(recorded->receive_message(8), message_of(1, 8));
  const auto entries = transcript->entries();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].direction, Direction::kSent);
  EXPECT_EQ(entries[0].bytes, message_of(2, 7));
  EXPECT_EQ(entries[1].direction, Direction::kReceived);
  EXPECT_EQ(entries[1].bytes, message_of(1, 8));
  b->send(message_of(1, 9));
  EXPECT_TRUE(recorded->try_receive(none));
  EXPECT_EQ(transcript->entries().at(2).bytes, message_of(1, 9));
}

}  // namespace
}  // namespace cohortium::net
