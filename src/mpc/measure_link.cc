#include "mpc/measure_link.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace cohortium::mpc {
namespace {

using Clock = std::chrono::steady_clock;
using Token = std::array<std::byte, 8>;

constexpr int pings = 4;
constexpr std::size_t probe_bytes = std::size_t{1} << 18;

// Whatever a peer says, the agreed link lies within these.
constexpr u64 most_nanoseconds = 60'000'000'000, least_rate = 1'000, most_rate = 1'000'000'000;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// The quickest of several times that `sent` takes to reach the peer and come back as a token, at the first of the pair.
double quickest_answer(net::Channel& channel, std::span<const std::byte> sent, int times) {
  double quickest = 1e9;
  for (int i = 0; i < times; ++i) {
    const auto start = Clock::now();
    Token answer;
    channel.send(sent);
    channel.receive(answer);
    quickest = std::min(quickest, seconds_since(start));
  }
  return quickest;
}

void answer(net::Channel& channel, std::span<std::byte> expected, int times) {
  for (int i = 0; i < times; ++i) {
    channel.receive(expected);
    channel.send(Token{});
  }
}

// body(channel, is_first) for every pair that this party belongs to, in the common order.
template <class Body>
void for_own_pairs(PartyId self, std::span<const std::unique_ptr<net::Channel>> channels, Body body) {
  const auto parties = static_cast<PartyId>(channels.size());
  for (PartyId first = 0; first < parties; ++first) {
    for (PartyId second = first + 1; second < parties; ++second) {
      if (self == first) body(*channels[second], true);
      if (self == second) body(*channels[first], false);
    }
  }
}

// Tells everybody `own` and returns all that were told.
std::vector<u64> tell(u64 own, std::span<const std::unique_ptr<net::Channel>> channels) {
  Token token;
  for (std::size_t i = 0; i < token.size(); ++i) token[i] = static_cast<std::byte>(own >> (8 * i));
  for (const auto& channel : channels) {
    if (channel) channel->send(token);
  }
  std::vector<u64> told{own};
  for (const auto& channel : channels) {
    if (!channel) continue;
    channel->receive(token);
    u64& value = told.emplace_back(0);
    for (std::size_t i = 0; i < token.size(); ++i) value |= std::to_integer<u64>(token[i]) << (8 * i);
  }
  return told;
}

}  // namespace

Link measure_link(PartyId self, std::span<const std::unique_ptr<net::Channel>> channels) {
  if (channels.size() < 2) return {};
  double own_seconds = 0;
  for_own_pairs(self, channels, [&](net::Channel& channel, bool is_first) {
    Token token{};
    if (is_first) {
      own_seconds = std::max(own_seconds, quickest_answer(channel, token, pings) / 2);
    } else {
      answer(channel, token, pings);
    }
  });
  const auto latencies = tell(static_cast<u64>(own_seconds * 1e9), channels);
  const u64 latency = std::min(*std::max_element(latencies.begin(), latencies.end()), most_nanoseconds);
  Link link;
  if (static_cast<double>(latency) * 1e-9 < near_seconds) return link;
  link.latency_seconds = static_cast<double>(latency) * 1e-9;

  double own_rate = static_cast<double>(most_rate);
  Bytes probe(probe_bytes);
  std::fill(probe.begin(), probe.end(), std::byte{0});
  for_own_pairs(self, channels, [&](net::Channel& channel, bool is_first) {
    Token token{};  // so that the clock starts when both are there
    if (!is_first) {
      answer(channel, token, 1);
      return answer(channel, probe, 1);
    }
    quickest_answer(channel, token, 1);
    const double on_the_wire = std::max(1e-6, quickest_answer(channel, probe, 1) - 2 * own_seconds);
    own_rate = std::min(own_rate, static_cast<double>(probe_bytes) / on_the_wire);
  });
  const auto rates = tell(static_cast<u64>(own_rate), channels);
  link.bytes_per_second =
      static_cast<double>(std::clamp(*std::min_element(rates.begin(), rates.end()), least_rate, most_rate));
  return link;
}

}  // namespace cohortium::mpc
