// Pairs and triangles of TLS connections on loopback within one test process, and what tests send over them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "net/testing/blocks.h"
#include "net/testing/throw_away_identities.h"
#include "net/tls_channel.h"

namespace cohortium::net {

using Streams = std::vector<std::unique_ptr<TlsStream>>;
using Channels = std::vector<std::unique_ptr<Channel>>;

inline const ThrowAwayIdentities& members() {
  static const ThrowAwayIdentities identities({"alpha", "beta", "gamma"});
  return identities;
}
inline const std::vector<std::string> names = {"alpha", "beta", "gamma"};

inline std::pair<std::unique_ptr<TlsStream>, std::unique_ptr<TlsStream>> stream_pair(const std::string& a,
                                                                                     const std::string& b) {
  TlsListener listener("127.0.0.1", 0, members().of(a), members().pins());
  auto accepted = std::async(std::launch::async, [&] {
    auto stream = listener.accept(std::chrono::seconds(5));
    stream->handshake(after(std::chrono::seconds(5)));
    return stream;
  });
  auto client = connect_tls("127.0.0.1", listener.port(), members().of(b), members().pins(), a, channel_protocol,
                            after(std::chrono::seconds(5)));
  return {accepted.get(), std::move(client)};
}

inline std::unique_ptr<Channel> channel_over(std::unique_ptr<TlsStream> stream, ChannelOptions options = {}) {
  Streams streams;
  streams.push_back(std::move(stream));
  return std::move(make_tls_channels(std::move(streams), options).front());
}

inline std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>> channel_pair(ChannelOptions options = {}) {
  auto [a, b] = stream_pair("alpha", "beta");
  return {channel_over(std::move(a), options), channel_over(std::move(b), options)};
}

// Three parties, each with siblings to the two others, in the order of their names.
inline std::vector<Channels> triangle(ChannelOptions options = {}) {
  auto [ab, ba] = stream_pair("alpha", "beta");
  auto [ac, ca] = stream_pair("alpha", "gamma");
  auto [bc, cb] = stream_pair("beta", "gamma");
  std::array<Streams, 3> streams;
  streams[0].push_back(std::move(ab));
  streams[0].push_back(std::move(ac));
  streams[1].push_back(std::move(ba));
  streams[1].push_back(std::move(bc));
  streams[2].push_back(std::move(ca));
  streams[2].push_back(std::move(cb));
  std::vector<Channels> parties;
  for (Streams& each : streams) parties.push_back(make_tls_channels(std::move(each), options));
  return parties;
}

// Everyone sends `size` bytes to both others at once, receives theirs, and closes.
inline void exchange_much(std::vector<Channels>& parties, std::size_t size) {
  const auto run = [&](unsigned self) {
    const Bytes ours = pattern(size, self);
    Bytes received(size);
    for (auto& channel : parties[self]) channel->send(ours);
    for (auto& channel : parties[self]) {
      channel->receive(received);
      const auto peer = static_cast<unsigned>(std::find(names.begin(), names.end(), channel->peer()) - names.begin());
      EXPECT_EQ(received, pattern(size, peer));
    }
    for (auto& channel : parties[self]) channel->close();
  };
  std::vector<std::jthread> threads;
  for (unsigned self = 0; self < 3; ++self) threads.emplace_back(run, self);
}

inline Error error_of_receive(Channel& channel, std::size_t size) {
  return attempt([&] {
           Bytes message(size);
           channel.receive(message);
           return 0;
         })
      .error();
}

inline Bytes frame(std::uint64_t length, std::uint64_t sequence, std::size_t payload) {
  Bytes bytes(16 + payload, std::byte{0});
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::byte>(length >> (8 * i));
    bytes[8 + i] = static_cast<std::byte>(sequence >> (8 * i));
  }
  return bytes;
}

}  // namespace cohortium::net
