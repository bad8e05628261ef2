#include "mpc/lane_channels.h"

#include <algorithm>

#include "base/error.h"

namespace cohortium::mpc {
namespace {

constexpr std::size_t blocks_ahead = 64;

// How far a stream has come.
struct Progress {
  std::size_t bytes, block, done = 0;
  std::span<std::byte> target = {};  // where the block that is arriving goes
  bool finished() const { return done == bytes; }
  std::size_t next() const { return std::min(block, bytes - done); }
};

template <class Stream>
std::vector<Progress> start(std::span<const Stream> streams) {
  std::vector<Progress> progress;
  for (const Stream& stream : streams) {
    const std::size_t units = stream.units_per_block != 0 ? stream.units_per_block : stream_block(stream.unit);
    progress.push_back({stream.bytes, units * stream.unit});
  }
  return progress;
}

}  // namespace

LaneChannels::LaneChannels(PartyId self, std::vector<std::unique_ptr<net::Channel>> channels)
    : self_(self), channels_(std::move(channels)) {}

net::Channel& LaneChannels::channel(PartyId peer) {
  COHORTIUM_CHECK(peer >= 0 && peer < parties() && peer != self());
  return *channels_[peer];
}

void LaneChannels::exchange(std::initializer_list<Outgoing> sends, std::initializer_list<Incoming> receives) {
  ++cost_.rounds;
  follow(sends, receives);
}

void LaneChannels::follow(std::span<const Outgoing> sends, std::span<const Incoming> receives) {
  for (const auto& [to, message] : sends) {
    if (message.empty()) continue;
    channel(to).send(message);
    cost_.bytes_sent += message.size();
  }
  for (const auto& [from, message] : receives) {
    if (!message.empty()) channel(from).receive(message);
  }
}

void LaneChannels::stream(std::span<const OutgoingStream> sends, std::span<const IncomingStream> receives) {
  ++cost_.rounds;
  std::vector<Progress> sent = start(sends), received = start(receives);

  // Takes in one block; false if it has not arrived and need not be waited for.
  const auto receive_block = [&](std::size_t i, bool wait) {
    Progress& progress = received[i];
    const std::size_t from = progress.done, count = progress.next();
    if (progress.target.empty()) progress.target = receives[i].place(from, count);
    net::Channel& channel_of_sender = channel(receives[i].from);
    if (wait) {
      channel_of_sender.receive(progress.target);
    } else if (!channel_of_sender.try_receive(progress.target)) {
      return false;
    }
    progress.target = {};
    progress.done += count;
    if (receives[i].arrived) receives[i].arrived(from, count);
    return true;
  };

  for (std::size_t sent_blocks = 1;; ++sent_blocks) {
    bool sent_something = false;
    for (std::size_t i = 0; i < sent.size(); ++i) {
      if (sent[i].finished()) continue;
      const std::size_t count = sent[i].next();
      channel(sends[i].to).send(sends[i].make(sent[i].done, count));
      sent[i].done += count;
      cost_.bytes_sent += count;
      sent_something = true;
    }
    bool all_received = true;
    for (std::size_t i = 0; i < received.size(); ++i) {
      while (!received[i].finished()) {
        const std::size_t next = received[i].done / received[i].block;
        if (sent_something && next >= sent_blocks) break;  // this party has not made that stretch
        if (!receive_block(i, !sent_something || next + blocks_ahead < sent_blocks)) break;
      }
      all_received = all_received && received[i].finished();
    }
    if (!sent_something && all_received) break;
  }
  // A party that only sends would otherwise leave with its queue full, and compute while the others wait for the rest.
  for (const OutgoingStream& stream : sends) channel(stream.to).flush();
}

void LaneChannels::flush() {
  for (PartyId peer = 0; peer < parties(); ++peer) {
    if (peer != self()) channel(peer).flush();
  }
}

}  // namespace cohortium::mpc
